import { setImmediate as oneTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { DB } from '../../db/schema.ts';
import { OwabiError } from '../../errors.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { Columns } from '../columns/columns.ts';
import { isPointer, type ListKind } from '../columns/list-kind.ts';
import type { CheckedRow } from '../fields/check-row.ts';
import { type EvidenceBook, makeEvidenceBook } from '../matching/evidence.ts';
import { countOccurrences, createListKeys, insertListKeys, type KeyedRow } from '../matching/list-keys.store.ts';
import { rowKeys } from '../matching/lookup-keys.ts';
import { matchList } from '../matching/match-list.store.ts';
import { outcomesOf } from '../matching/outcomes.ts';
import type { CsvRecord } from '../reading/csv.ts';
import type { ListFile } from '../reading/list-file.ts';
import { forecastMarks } from './accept-marks.store.ts';
import { makeTally, type Tally } from './figures.ts';
import { type ListRow, type ListWarning, noteProgress, type ReadList } from './list.store.ts';
import { warnOfMatching } from './match-warnings.store.ts';
import { analyzeRows, insertRows, makeChunkWriter, markMerged, markRepeated, type NewRow } from './row.store.ts';

/** A list whose columns are understood. */
export interface CheckedTable {
  file: ListFile;
  columns: Columns;
  checkRow: (record: CsvRecord) => CheckedRow;
  rows: AsyncGenerator<CsvRecord[]>;
}

/** Rows written at once: enough to make round trips cheap, few enough to keep memory flat. */
const ROWS_AT_ONCE = 1_000;
const PROGRESS_MS = 500;

/**
 * Checks, seals, writes and matches every row of a list.
 * @param db outside of the transaction: for the progress, which others are to see
 */
export async function checkRows(
  { db, trx }: { db: Kysely<DB>; trx: Db },
  list: ListRow,
  vault: IncidentVault,
  table: CheckedTable,
): Promise<ReadList> {
  await createListKeys(trx);
  const reader = makeRowReader(list, vault, table);
  const chunks = makeChunkWriter(trx, list.id, vault);
  let written: Promise<unknown> = Promise.resolve();
  let told = performance.now();
  for await (const records of table.rows) {
    for (const record of records) chunks.add(reader.read(record));
    // What has been read already comes without a turn of the event loop: Postgres would wait for its next statement, and
    // every request for its answer, until the file has to be waited for.
    await oneTurn();
    if (reader.waiting() < ROWS_AT_ONCE) continue;
    // While Postgres writes these, the next are read.
    await written;
    written = write(trx, list.id, reader.take(), chunks.flush(false));
    written.catch(() => undefined);
    if (performance.now() - told < PROGRESS_MS) continue;
    told = performance.now();
    await noteProgress(db, list.id, reader.total(), table.file.consumed());
  }
  await written;
  await write(trx, list.id, reader.take(), chunks.flush(true));
  if (reader.total() === 0) throw new OwabiError('no_rows');
  const read = { ...reader.figures(), total: reader.total(), table };
  await analyzeRows(trx);
  await countOccurrences(trx, list.id);
  return isPointer(list.kind as ListKind) ? settleMarks(trx, list, vault, read) : settle(trx, list, vault, read);
}

async function write(
  trx: Db,
  listId: string,
  { rows, keys }: { rows: NewRow[]; keys: KeyedRow[] },
  chunks: Promise<void>,
): Promise<void> {
  await Promise.all([chunks, insertRows(trx, listId, rows), insertListKeys(trx, keys)]);
}

interface ReadFigures {
  evidence: EvidenceBook;
  reasons: Tally;
  warnings: Tally;
  exposures: number;
  usable: number;
}

/** Reads records one by one, and holds what of them is to be written in the clear. */
function makeRowReader(list: ListRow, vault: IncidentVault, { checkRow }: CheckedTable) {
  const [reasons, warnings] = [makeTally(), makeTally()];
  const evidence = makeEvidenceBook(list.source);
  const isOfPersons = !isPointer(list.kind as ListKind);
  let rows: NewRow[] = [];
  let keys: KeyedRow[] = [];
  let [ordinal, exposures, usable] = [0, 0, 0];
  return {
    total: () => ordinal,
    waiting: () => rows.length,
    figures: (): ReadFigures => ({ evidence, reasons, warnings, exposures, usable }),
    read(record: CsvRecord): CheckedRow['data'] {
      const checked = checkRow(record);
      const { fields } = checked.data;
      ordinal++;
      const units = fields !== null && list.kind === 'affected' ? fields.cardCount : 0;
      if (fields !== null) {
        usable++;
        evidence.add(ordinal, fields);
        if (isOfPersons) keys.push({ row: ordinal, keys: rowKeys(fields, list.source, vault.lookupKey) });
      }
      exposures += units;
      reasons.add(checked.reasons);
      warnings.add(checked.warnings);
      rows.push({
        ...{ ordinal, line: checked.line, outcome: fields === null ? 'quarantined' : 'accepted' },
        ...{ reasons: checked.reasons, warnings: checked.warnings, exposureUnits: units },
        fingerprint: checked.identity === null ? null : fingerprintOf(list, vault, checked.identity),
      });
      return checked.data;
    },
    take() {
      const taken = { rows, keys };
      [rows, keys] = [[], []];
      return taken;
    },
  };
}

/** The kind belongs to it: a member who is then found to be affected is no repetition. */
export function fingerprintOf(list: Pick<ListRow, 'kind' | 'source'>, vault: IncidentVault, identity: string): string {
  return vault.lookupKey('row', `${list.kind}\0${list.source}\0${identity}`);
}

type Settling = ReadFigures & { total: number; table: CheckedTable };

/** Finds out which rows are one person, and what the list comes to, as things stand now. */
async function settle(trx: Db, list: ListRow, vault: IncidentVault, read: Settling): Promise<ReadList> {
  const { evidence, reasons, warnings, total, usable } = read;
  const matching = await matchList(trx, { list, vault, rows: total, evidence, ordinals: null });
  const { groups, repeats, candidates } = matching;
  const { merged, accepted, persons } = outcomesOf(groups, total, evidence.has);
  await markMerged(trx, list.id, merged);
  const repeated = [...repeats.keys()];
  const exposuresLost = await markRepeated(trx, list.id, repeated);
  reasons.add(['duplicate_row'], repeated.length);
  const said = await warnOfMatching(trx, list.id, matching);
  for (const [code, rows] of Object.entries(said)) warnings.add([code], rows);
  const figures = {
    ...{ total, accepted, merged: merged.length, quarantined: total - usable, persons },
    ...{ exposures: read.exposures - exposuresLost, reasons: reasons.counts() },
  };
  return {
    ...{ figures, warnings: warningsOf(read, warnings.counts()), candidates: candidates.length },
    correctable: isClean(read),
  };
}

/** Of a list that only points at persons: how many rows find somebody. */
async function settleMarks(trx: Db, list: ListRow, vault: IncidentVault, read: Settling): Promise<ReadList> {
  const { accepted, merged, quarantined, repeated, persons, nobody, several } = await forecastMarks(trx, list, vault);
  const { reasons, warnings, total } = read;
  reasons.add(['duplicate_row'], repeated);
  warnings.add(['matches_nobody'], nobody);
  warnings.add(['matches_several'], several);
  return {
    figures: { total, accepted, merged, quarantined, persons, exposures: 0, reasons: reasons.counts() },
    ...{ warnings: warningsOf(read, warnings.counts()), candidates: 0, correctable: isClean(read) },
  };
}

function warningsOf({ table }: Settling, rows: Record<string, number>): ListWarning[] {
  return [
    ...table.columns.warnings,
    ...table.file.warnings,
    ...Object.entries(rows).map(([code, count]) => ({ code, count })),
  ];
}

/**
 * Whether the upload held nothing that may not be stored: else it does not stay, not even sealed. Of sheets that were
 * not read nobody knows.
 */
function isClean({ table, reasons }: Settling): boolean {
  const forbidden = table.columns.columns.some(({ field }) => field === 'forbidden');
  const unread = table.file.warnings.some(({ code }) => code === 'hidden_sheet' || code === 'other_sheets');
  return !forbidden && !unread && (reasons.counts().card_number_present ?? 0) === 0;
}
