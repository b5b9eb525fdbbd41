import type { Readable } from 'node:stream';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { createTask, finishTask, type Task } from '../../tasks/task.store.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { type Columns, columnPositions, recogniseColumns, requireUsable } from '../columns/columns.ts';
import { type CheckedRow, makeRowCheck } from '../fields/check-row.ts';
import { makeKeyIndex } from '../matching/key-index.ts';
import { personOfRow } from '../matching/lookup-keys.ts';
import { prepareListWork } from '../matching/match.store.ts';
import { makeRowMatcher, type RowToMatch } from '../matching/match-rows.store.ts';
import { encodingNamed } from '../reading/encoding.ts';
import { type ListFile, openListFile } from '../reading/list-file.ts';
import { figuresOf, type ListFigures, makeTally } from './figures.ts';
import {
  findList,
  type ListOptions,
  type ListRow,
  type ListWarning,
  markFailed,
  markReady,
  uploadName,
} from './list.store.ts';
import { insertRows, markMerged, type NewRow } from './row.store.ts';
import { removeUpload } from './uploads.store.ts';

export type CheckListServices = Pick<Services, 'db' | 'vault' | 'blobs' | 'log' | 'hint'>;

const MAX_CLAIMS = 5;

/**
 * Checks a list: reads the upload, recognises its columns, checks and matches every row, and leaves the list `ready`
 * with its figures, or `failed` with its problem. All of it is one transaction: a worker that is killed leaves nothing,
 * and no half list is ever ready. The upload is removed afterwards.
 */
export function makeCheckList(services: CheckListServices): (task: Task) => Promise<void> {
  const { db, log, hint } = services;
  return async (task) => {
    let acceptTask: string | null = null;
    try {
      if (task.fence > MAX_CLAIMS) throw new OwabiError('list_unreadable', 'The file could not be read in five tries.');
      acceptTask = await check(services, task);
    } catch (error) {
      if (!(error instanceof OwabiError)) throw error;
      const problem = { code: error.code, detail: error.message, ...error.extra };
      await db.transaction().execute(async (trx) => {
        await markFailed(trx, task.subjectId, problem);
        await finishTask(trx, task);
      });
      log.info({ event: 'list.failed', listId: task.subjectId, code: error.code });
    }
    await removeUpload(services, task.subjectId);
    if (acceptTask) hint('accept-list', acceptTask);
  };
}

async function check({ db, vault, blobs, log }: CheckListServices, task: Task): Promise<string | null> {
  const list = await findList(db, task.subjectId);
  if (list?.status !== 'checking') {
    await db.transaction().execute((trx) => finishTask(trx, task));
    return null;
  }
  const incidentVault = await vault.forIncident(list.incident_id);
  const options = optionsOf(list, incidentVault);
  const opened: Readable[] = [];
  const open = () => {
    const stream = blobs.get(uploadName(list.id), incidentVault);
    opened.push(stream);
    return stream;
  };
  try {
    const file = await openListFile(open, options.encoding === null ? null : encodingNamed(options.encoding));
    const columns = recogniseColumns(file.header, options.mapping);
    requireUsable(columns.columns);
    const notCards = new Set(columnPositions(file.header, options.notCards));
    return await db.transaction().execute(async (trx) => {
      await prepareListWork(trx);
      const { figures, warnings } = await checkRows(trx, list, incidentVault, { file, columns, notCards });
      const read = {
        ...{ encoding: file.encoding, delimiter: file.delimiter, figures, warnings },
        columnsSealed: incidentVault.sealJson('list-columns', columns.columns),
      };
      const ready = await markReady(trx, list.id, read, list.accept_when_ready ? 'accepting' : 'ready');
      await finishTask(trx, task);
      log.info({ event: 'list.checked', listId: list.id, rows: figures.total, quarantined: figures.quarantined });
      return ready && list.accept_when_ready ? createTask(trx, 'accept-list', list.id) : null;
    });
  } finally {
    for (const stream of opened) stream.destroy();
  }
}

/** What the operator said at the upload. */
export function optionsOf(list: ListRow, vault: IncidentVault): ListOptions {
  if (!list.options_sealed) return { mapping: {}, encoding: null, notCards: [] };
  return vault.openJson<ListOptions>('list-columns', list.options_sealed);
}

interface Table {
  file: ListFile;
  columns: Columns;
  notCards: ReadonlySet<number>;
}

async function checkRows(
  trx: Db,
  list: ListRow,
  vault: IncidentVault,
  { file, columns, notCards }: Table,
): Promise<{ figures: ListFigures; warnings: ListWarning[] }> {
  const defaultCountry = await countryOf(trx, list.incident_id, file.header);
  const checkRow = makeRowCheck({ columns: columns.columns, notCards, defaultCountry });
  const matcher = await makeRowMatcher(trx, list.incident_id, vault.lookupKey);
  const printOf = makePrinter(list, vault);
  const [reasons, warnings] = [makeTally(), makeTally()];
  const ordinals: number[] = [];
  const demoted: number[] = [];
  let [total, exposures] = [0, 0];
  for await (const records of file.rows) {
    const rows = records.map((record) => ({ ...draft(checkRow(record), list, printOf), ordinal: ++total }));
    const usable = rows.filter((row) => row.match !== null);
    const matched = await matcher.match(usable.flatMap((row) => row.match ?? []));
    usable.forEach((row, i) => {
      const { outcome, duplicate, warnings: found = [], demoted: others = [] } = matched[i] ?? {};
      row.row.outcome = outcome ?? 'merged';
      row.row.warnings = [...row.row.warnings, ...found];
      if (duplicate) Object.assign(row.row, { reasons: ['duplicate_row'], exposureUnits: 0 });
      ordinals.push(row.ordinal);
      demoted.push(...others);
    });
    for (const { row } of rows) {
      reasons.add(row.reasons);
      warnings.add(row.warnings);
      exposures += row.exposureUnits;
    }
    const sealed = rows.map(({ row, ordinal, data }) => ({
      ...row,
      ordinal,
      sealed: vault.sealJson('list-row', data),
    }));
    await insertRows(trx, list.id, sealed);
  }
  if (total === 0) throw new OwabiError('no_rows');
  await markMerged(
    trx,
    list.id,
    demoted.map((row) => ordinals[row] ?? 0),
  );
  const quarantined = total - ordinals.length;
  return {
    figures: figuresOf(matcher.merger, { rows: ordinals.length, quarantined, exposures, reasons }),
    warnings: listWarnings(columns, warnings.counts()),
  };
}

function listWarnings(columns: Columns, rows: Record<string, number>): ListWarning[] {
  return [...columns.warnings, ...Object.entries(rows).map(([code, count]) => ({ code, count }))];
}

type Draft = Omit<NewRow, 'ordinal' | 'sealed'>;

/** A row as it will be stored, and what matching it takes; null when it is quarantined. */
function draft(
  checked: CheckedRow,
  list: ListRow,
  printOf: (identity: string) => Pick<RowToMatch, 'fingerprint' | 'occurrence'>,
): { row: Draft; match: RowToMatch | null; data: CheckedRow['data'] } {
  const { line, reasons, warnings, data } = checked;
  const common = { line, reasons, warnings };
  if (checked.identity === null || data.fields === null) {
    const row: Draft = { ...common, outcome: 'quarantined', fingerprint: null, occurrence: 1, exposureUnits: 0 };
    return { row, match: null, data };
  }
  const print = printOf(checked.identity);
  const exposureUnits = list.kind === 'affected' ? data.fields.cardCount : 0;
  return {
    row: { ...common, ...print, outcome: 'accepted', exposureUnits },
    match: { ...print, person: personOfRow(data.fields, list.source) },
    data,
  };
}

/** Fingerprints of rows; equal rows of one file are told apart by counting them. */
function makePrinter(list: ListRow, vault: IncidentVault) {
  const seen = makeKeyIndex();
  return (identity: string): { fingerprint: Buffer; occurrence: number } => {
    // The kind belongs to it: a member who is then found to be affected is no repetition.
    const fingerprint = vault.lookupKey('row', `${list.kind}\0${list.source}\0${identity}`);
    const occurrence = Math.max(0, seen.get(fingerprint)) + 1;
    seen.set(fingerprint, occurrence);
    return { fingerprint, occurrence };
  };
}

/** Where addresses are that name no country: in Japan, unless neither the incident nor the file is Japanese. */
async function countryOf(db: Db, incidentId: string, header: readonly string[]): Promise<string> {
  const { locale } = await db
    .selectFrom('incidents')
    .select('locale')
    .where('id', '=', incidentId)
    .executeTakeFirstOrThrow();
  const japanese = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(header.join(''));
  return locale === 'ja' || japanese ? 'JP' : 'US';
}
