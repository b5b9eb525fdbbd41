import type { Readable } from 'node:stream';
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
 * @throws OwabiError `invalid_mapping`
 */
export async function checkOptions(
  { blobs, vault, listId }: { blobs: Blobs; vault: IncidentVault; listId: string },
  { mapping, notCards, encoding }: ListOptions,
): Promise<void> {
  if (Object.keys(mapping).length === 0 && notCards.length === 0) return;
  const opened: Readable[] = [];
  const open = () => {
    const stream = blobs.get(uploadName(listId), vault);
    opened.push(stream);
    return stream;
  };
  try {
    const { header } = await openListFile(open, encoding === null ? null : encodingNamed(encoding));
    recogniseColumns(header, mapping);
    columnPositions(header, notCards);
  } catch (error) {
    if (!(error instanceof OwabiError) || error.code === 'invalid_mapping') throw error;
  } finally {
    for (const stream of opened) stream.destroy();
  }
}
