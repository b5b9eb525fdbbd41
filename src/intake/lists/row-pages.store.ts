import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { RowData } from '../fields/check-row.ts';
import { formatReference } from '../persons/reference.ts';
import type { ReportRow } from './report.ts';
import { type Outcome, type RowPage, readRows } from './row.store.ts';

export interface OpenedRow extends ReportRow {
  ordinal: number;
  reasons: string[];
  warnings: string[];
  cells: (string | null)[];
}

/** A page of rows, opened. */
export async function rowPage(
  db: Db,
  vault: IncidentVault,
  listId: string,
  wanted: { after: number; limit: number; outcome: Outcome | null },
): Promise<OpenedRow[]> {
  return (await readRows(db, listId, wanted)).map((row) => openRow(row, vault));
}

const PAGE = 1_000;

/** All rows of a list, a page at a time: memory does not grow with the list. */
export async function* reportPages(db: Db, vault: IncidentVault, listId: string): AsyncGenerator<OpenedRow[]> {
  for (let after = 0; ; ) {
    const rows = await rowPage(db, vault, listId, { after, limit: PAGE, outcome: null });
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.ordinal;
  }
}

function openRow({ sealed, reference, ...row }: RowPage, vault: IncidentVault): OpenedRow {
  const { cells } = vault.openJson<RowData>('list-row', sealed);
  return { ...row, cells, reference: reference === null ? null : formatReference(reference) };
}
