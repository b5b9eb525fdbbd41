import { OwabiError } from '../../errors.ts';
import type { Blobs } from '../../vault/blobs.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { columnPositions, recogniseColumns } from '../columns/columns.ts';
import { encodingNamed } from '../reading/encoding.ts';
import { openListFile } from '../reading/list-file.ts';
import { type ListOptions, uploadName } from './list.store.ts';

/**
 * Looks at the header of an upload, to refuse at once what names columns that are not in it.
 * A file that cannot be read at all is left to the check, which says so on the list.
 * @param bytes size of the upload
 * @throws OwabiError `invalid_mapping`
 */
export async function checkOptions(
  { blobs, vault, listId, bytes }: { blobs: Blobs; vault: IncidentVault; listId: string; bytes: number },
  { mapping, notCards, encoding, sheet }: ListOptions,
): Promise<void> {
  if (Object.keys(mapping).length === 0 && notCards.length === 0) return;
  const source = { size: bytes, open: (start?: number) => blobs.get(uploadName(listId), vault, start) };
  try {
    const file = await openListFile(source, {
      encoding: encoding === null ? null : encodingNamed(encoding),
      sheet,
    });
    file.close();
    recogniseColumns(file.header, { mapping });
    columnPositions(file.header, notCards);
  } catch (error) {
    if (!(error instanceof OwabiError) || error.code === 'invalid_mapping') throw error;
  }
}
