import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { createTask, finishTask, type Task } from '../../tasks/task.store.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { columnPositions, recogniseColumns, requireUsable } from '../columns/columns.ts';
import type { ListKind } from '../columns/list-kind.ts';
import { makeRowCheck } from '../fields/check-row.ts';
import { prepareListWork } from '../matching/match.store.ts';
import type { CsvRecord } from '../reading/csv.ts';
import { encodingNamed } from '../reading/encoding.ts';
import { type ListFile, openListFile } from '../reading/list-file.ts';
import { type CheckedTable, checkRows } from './check-rows.store.ts';
import { readingContext } from './incident-context.store.ts';
import {
  findList,
  type ListRow,
  lastMapping,
  markFailed,
  markReady,
  noteUnderstanding,
  optionsOf,
  type Understanding,
  uploadName,
} from './list.store.ts';
import { removeUpload } from './uploads.store.ts';

export type CheckListServices = Pick<Services, 'db' | 'vault' | 'blobs' | 'log' | 'hint' | 'postal'>;

const MAX_CLAIMS = 5;
/** Rows that are looked at to tell what a column holds. */
const SAMPLE_ROWS = 200;
/** Names shown to the operator, to see whether the encoding is right. */
const SAMPLE_NAMES = 5;

/**
 * Checks a list: reads the upload, recognises its columns, checks and matches every row, and leaves the list `ready`
 * with its figures, or `failed` with its problem. All of it is one transaction: a worker that is killed leaves nothing,
 * and no half list is ever ready. How the list was understood is written down first, for the operator to see at once.
 */
export function makeCheckList(services: CheckListServices): (task: Task) => Promise<void> {
  const { db, log, hint } = services;
  return async (task) => {
    let done: Done = { acceptTask: null, keepUpload: false };
    try {
      if (task.fence > MAX_CLAIMS) throw new OwabiError('list_unreadable', 'The file could not be read in five tries.');
      done = await check(services, task);
    } catch (error) {
      if (!(error instanceof OwabiError)) throw error;
      const problem = { code: error.code, detail: error.message, ...error.extra };
      await db.transaction().execute(async (trx) => {
        await markFailed(trx, task.subjectId, problem);
        await finishTask(trx, task);
      });
      log.info({ event: 'list.failed', listId: task.subjectId, code: error.code });
    }
    if (!done.keepUpload) await removeUpload(services, task.subjectId);
    if (done.acceptTask) hint('accept-list', done.acceptTask);
  };
}

interface Done {
  acceptTask: string | null;
  keepUpload: boolean;
}

async function check({ db, vault, blobs, log, postal }: CheckListServices, task: Task): Promise<Done> {
  const list = await findList(db, task.subjectId);
  if (list?.status !== 'checking') {
    await db.transaction().execute((trx) => finishTask(trx, task));
    return { acceptTask: null, keepUpload: list?.correctable === true };
  }
  const incidentVault = await vault.forIncident(list.incident_id);
  const options = optionsOf(list, incidentVault);
  const source = {
    size: Number(list.bytes),
    open: (start?: number) => blobs.get(uploadName(list.id), incidentVault, start),
  };
  const encoding = options.encoding === null ? null : encodingNamed(options.encoding);
  const file = await openListFile(source, { encoding, sheet: options.sheet });
  try {
    const table = await understand(list, incidentVault, { db, file, postal });
    return await db.transaction().execute(async (trx) => {
      await prepareListWork(trx);
      const read = await checkRows({ db, trx }, list, incidentVault, table);
      const ready = await markReady(trx, list.id, read, list.accept_when_ready ? 'accepting' : 'ready');
      await finishTask(trx, task);
      const { total, quarantined } = read.figures;
      log.info({ event: 'list.checked', listId: list.id, rows: total, quarantined });
      const accept = ready && list.accept_when_ready;
      return {
        acceptTask: accept ? await createTask(trx, 'accept-list', list.id) : null,
        keepUpload: ready && read.correctable && !accept,
      };
    });
  } finally {
    file.close();
  }
}

/** Decides what the columns are, from their names and the first rows, and shows it on the list before all are read. */
async function understand(
  list: ListRow,
  vault: IncidentVault,
  { db, file, postal }: { db: CheckListServices['db']; file: ListFile; postal: CheckListServices['postal'] },
): Promise<CheckedTable> {
  const options = optionsOf(list, vault);
  const kind = list.kind as ListKind;
  const first = await firstRecords(file.rows);
  const notCards = new Set(columnPositions(file.header, options.notCards));
  const columns = recogniseColumns(file.header, {
    ...{ mapping: options.mapping, saved: await lastMapping(db, list, vault), kind },
    ...{ sample: first.map(({ cells }) => cells), notCards },
  });
  requireUsable(columns.columns, kind);
  const context = await readingContext(db, list.incident_id, file.header);
  const checkRow = makeRowCheck({ columns: columns.columns, notCards, kind, ...context, postal: postal() });
  const names = first.map((record) => checkRow(record).data.fields?.name ?? '').filter((name) => name !== '');
  const understanding: Understanding = {
    ...{ columns: columns.columns, sheet: file.sheet, names: names.slice(0, SAMPLE_NAMES) },
  };
  await noteUnderstanding(db, list.id, {
    ...{ format: file.format, encoding: file.encoding, delimiter: file.delimiter },
    columnsSealed: vault.sealJson('list-columns', understanding),
  });
  return { file, columns, checkRow, rows: followed(first, file.rows) };
}

/** The first records, blank ones aside: enough to judge columns by. */
async function firstRecords(rows: ListFile['rows']): Promise<CsvRecord[]> {
  const first: CsvRecord[] = [];
  while (first.length < SAMPLE_ROWS) {
    const { value, done } = await rows.next();
    if (done) break;
    first.push(...value);
  }
  return first;
}

async function* followed(first: CsvRecord[], rest: ListFile['rows']): AsyncGenerator<CsvRecord[]> {
  if (first.length > 0) yield first;
  yield* rest;
}
