import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { formatReference } from '../persons/reference.ts';
import type { Encoding } from '../reading/encoding.ts';
import { type ListRow, understandingOf } from './list.store.ts';
import type { ReportForm, ReportRow } from './report.ts';
import { type ReportEncoding, reportEncoding } from './report-encoding.ts';
import { type RowPage, type RowsWanted, readRows, rowOpener } from './row.store.ts';

export interface OpenedRow extends ReportRow {
  ordinal: number;
  reasons: string[];
  warnings: string[];
  cells: (string | null)[];
  decision: RowPage['decision'];
  decisionReason: string | null;
}

/** A page of rows, opened. */
export async function rowPage(db: Db, vault: IncidentVault, listId: string, wanted: RowsWanted): Promise<OpenedRow[]> {
  const rows = await readRows(db, listId, wanted);
  const data = await rowOpener(db, listId, vault)(rows);
  return rows.map(({ sealed: _, reference, decisionReasonSealed, ...row }, i) => ({
    ...row,
    cells: data[i]?.cells ?? [],
    reference: reference === null ? null : formatReference(reference),
    decisionReason: decisionReasonSealed && vault.open('reason', decisionReasonSealed).toString(),
  }));
}

const PAGE = 1_000;

/**
 * All rows of a list, a page at a time: memory does not grow with the list.
 * @throws at the end when rows are missing, because the list was discarded meanwhile: half a report must not look whole
 */
export async function* reportPages(db: Db, vault: IncidentVault, list: ListRow): AsyncGenerator<OpenedRow[]> {
  let read = 0;
  for (let after = 0; ; ) {
    const rows = await rowPage(db, vault, list.id, { after, limit: PAGE, outcome: null });
    read += rows.length;
    const last = rows.at(-1);
    if (!last) break;
    yield rows;
    after = last.ordinal;
  }
  if (read !== list.rows_total) throw new Error(`the report of list ${list.id} has ${read} rows of ${list.rows_total}`);
}

/**
 * How the report of a list is written: with its delimiter and in its encoding. What came in can be written back; a
 * character that an operator typed may be one that the encoding lacks (𠮷 in CP932). Then the whole report is UTF-8.
 */
export async function reportForm(db: Db, vault: IncidentVault, list: ListRow): Promise<ReportForm> {
  const { columns } = understandingOf(list, vault);
  const wished = reportEncoding(list.encoding as Encoding | null);
  const fits = await canWriteCorrected(db, vault, list.id, wished);
  return { columns, delimiter: list.delimiter ?? ',', encoding: fits ? wished : reportEncoding('utf-8') };
}

async function canWriteCorrected(
  db: Db,
  vault: IncidentVault,
  listId: string,
  encoding: ReportEncoding,
): Promise<boolean> {
  const open = rowOpener(db, listId, vault);
  for (let after = 0; ; ) {
    const { rows } = await sql<{ ordinal: number; sealed: Buffer }>`
      select ordinal, sealed from list_rows
      where list_id = ${listId} and ordinal > ${after} and sealed is not null
      order by ordinal limit ${PAGE}`.execute(db);
    const last = rows.at(-1);
    if (!last) return true;
    const data = await open(rows);
    if (data.some(({ cells }) => !cells.every((cell) => encoding.canWrite(cell ?? '')))) return false;
    after = last.ordinal;
  }
}
