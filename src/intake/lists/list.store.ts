import { type Selectable, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { AffectedLists } from '../../db/schema.ts';
import { createTask } from '../../tasks/task.store.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { Column } from '../columns/columns.ts';
import type { ListKind } from '../columns/list-kind.ts';
import type { ListFigures } from './figures.ts';
import { deleteRows } from './row.store.ts';

export type ListRow = Selectable<AffectedLists>;
export type ListStatus = 'receiving' | 'checking' | 'ready' | 'accepting' | 'accepted' | 'discarded' | 'failed';

/** How an operator said to read a list. Names columns, so it is sealed. */
export interface ListOptions {
  /** Column → field. */
  mapping: Record<string, string>;
  encoding: string | null;
  /** Of a workbook; null: the first that is visible. */
  sheet: string | null;
  /** Columns exempt from the card-number guard. */
  notCards: string[];
}

const NOTHING_SAID: ListOptions = { mapping: {}, encoding: null, sheet: null, notCards: [] };

/** What the operator said at the upload, or when they had it read again. */
export function optionsOf(list: ListRow, vault: IncidentVault): ListOptions {
  if (!list.options_sealed) return NOTHING_SAID;
  return vault.openJson<ListOptions>('list-columns', list.options_sealed);
}

/** How a list was understood. Headers and sheets can be named after persons: sealed. */
export interface Understanding {
  columns: Column[];
  sheet: string | null;
  /** The first names, to see whether the encoding is right. */
  names: string[];
}

const NOT_YET: Understanding = { columns: [], sheet: null, names: [] };

/** Empty while nothing of the list has been read. */
export function understandingOf(list: ListRow, vault: IncidentVault): Understanding {
  return list.columns_sealed ? vault.openJson<Understanding>('list-columns', list.columns_sealed) : NOT_YET;
}

export interface ListWarning {
  code: string;
  /** Rows it was said of. */
  count?: number;
  /** Positions in the header. */
  columns?: number[];
}

/** Where the sealed upload of a list lies. */
export const uploadName = (listId: string): string => `lists/${listId}`;

/** Lists are visible only with their incident. */
export async function findList(db: Db, listId: string): Promise<ListRow | null> {
  const row = await db.selectFrom('affected_lists').selectAll().where('id', '=', listId).executeTakeFirst();
  return row ?? null;
}

/** Makes a place for an upload. */
export async function startReceiving(db: Db, incidentId: string, userId: string): Promise<string> {
  const row = await db
    .insertInto('affected_lists')
    .values({ incident_id: incidentId, kind: 'affected', status: 'receiving', created_by: userId })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export interface Received {
  kind: ListKind;
  source: string;
  optionsSealed: Buffer;
  /** Of a list of holds: the day on which they are to be looked at again, `YYYY-MM-DD`. */
  releaseOn: string | null;
  acceptWhenReady: boolean;
  sha256: string;
  bytes: number;
}

/** The upload is whole: the list is to be checked. Returns the list and its task. */
export async function finishReceiving(
  db: Db,
  listId: string,
  received: Received,
): Promise<{ list: ListRow; taskId: string }> {
  const list = await db
    .updateTable('affected_lists')
    .set({
      ...{ status: 'checking', kind: received.kind, source: received.source, options_sealed: received.optionsSealed },
      ...{ accept_when_ready: received.acceptWhenReady, sha256: received.sha256, bytes: received.bytes },
      release_on: received.releaseOn,
      updated_at: sql`now()`,
    })
    .where('id', '=', listId)
    .where('status', '=', 'receiving')
    .returningAll()
    .executeTakeFirstOrThrow();
  return { list, taskId: await createTask(db, 'check-list', listId) };
}

/** An upload that did not come to its end leaves nothing. */
export async function dropReceiving(db: Db, listId: string): Promise<void> {
  await db.deleteFrom('affected_lists').where('id', '=', listId).where('status', '=', 'receiving').execute();
}

/** How the list was understood, as soon as its first rows have been read: an operator need not wait for the rest. */
export async function noteUnderstanding(
  db: Db,
  listId: string,
  read: { format: string; encoding: string | null; delimiter: string | null; columnsSealed: Buffer },
): Promise<void> {
  await db
    .updateTable('affected_lists')
    .set({
      ...{ format: read.format, encoding: read.encoding, delimiter: read.delimiter },
      ...{ columns_sealed: read.columnsSealed, updated_at: sql`now()` },
      ...{ began_at: sql`now()`, rows_read: 0, bytes_read: 0, progress_at: sql`now()` },
    })
    .where('id', '=', listId)
    .where('status', '=', 'checking')
    .execute();
}

/** How far the reading has come. */
export async function noteProgress(db: Db, listId: string, rows: number, bytes: number): Promise<void> {
  await db
    .updateTable('affected_lists')
    .set({ rows_read: rows, bytes_read: bytes, progress_at: sql`now()` })
    .where('id', '=', listId)
    .where('status', '=', 'checking')
    .execute();
}

export interface ReadList {
  warnings: ListWarning[];
  figures: ListFigures;
  candidates: number;
  correctable: boolean;
}

/** checking → ready, or accepting when that was asked for. False when the list was discarded meanwhile. */
export async function markReady(
  db: Db,
  listId: string,
  read: ReadList,
  status: 'ready' | 'accepting',
): Promise<boolean> {
  const row = await db
    .updateTable('affected_lists')
    .set({
      ...{ status, warnings: JSON.stringify(read.warnings), ...figureColumns(read.figures) },
      ...{ candidates: read.candidates, correctable: read.correctable, updated_at: sql`now()` },
      ...{ rows_read: read.figures.total, bytes_read: sql`bytes`, progress_at: sql`now()` },
    })
    .where('id', '=', listId)
    .where('status', '=', 'checking')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** ready → checking, to read the upload in another way. Null when it lies there no more, or the list is decided. */
export async function startReadingAgain(db: Db, listId: string, optionsSealed: Buffer): Promise<string | null> {
  const row = await db
    .updateTable('affected_lists')
    .set({ status: 'checking', options_sealed: optionsSealed, correctable: false, updated_at: sql`now()` })
    .where('id', '=', listId)
    .where('status', '=', 'ready')
    .where('correctable', '=', true)
    .returning('id')
    .executeTakeFirst();
  if (!row) return null;
  await deleteRows(db, listId);
  return createTask(db, 'check-list', listId);
}

/** The mapping that an operator gave for the last list of this source in this incident. */
export async function lastMapping(db: Db, list: ListRow, vault: IncidentVault): Promise<Record<string, string>> {
  if (list.source === '') return {};
  const earlier = await db
    .selectFrom('affected_lists')
    .selectAll()
    .where('incident_id', '=', list.incident_id)
    .where('source', '=', list.source)
    .where('status', 'in', ['ready', 'accepting', 'accepted'])
    .where('id', '<>', list.id)
    .orderBy('id', 'desc')
    .execute();
  const mappings = earlier.map((other) => optionsOf(other, vault).mapping);
  return mappings.find((mapping) => Object.keys(mapping).length > 0) ?? {};
}

/** accepting → accepted, with what the rows came to. */
export async function markAccepted(db: Db, listId: string, figures: ListFigures, candidates: number): Promise<void> {
  await db
    .updateTable('affected_lists')
    .set({ status: 'accepted', candidates, ...figureColumns(figures), updated_at: sql`now()` })
    .where('id', '=', listId)
    .where('status', '=', 'accepting')
    .execute();
}

/** Figures after an operator decided on rows. */
export async function updateFigures(db: Db, listId: string, figures: ListFigures, candidates: number): Promise<void> {
  await db
    .updateTable('affected_lists')
    .set({ ...figureColumns(figures), candidates, updated_at: sql`now()` })
    .where('id', '=', listId)
    .execute();
}

export async function updateWarnings(db: Db, listId: string, warnings: readonly ListWarning[]): Promise<void> {
  await db
    .updateTable('affected_lists')
    .set({ warnings: JSON.stringify(warnings) })
    .where('id', '=', listId)
    .execute();
}

function figureColumns(figures: ListFigures) {
  return {
    ...{ rows_total: figures.total, rows_accepted: figures.accepted, rows_merged: figures.merged },
    ...{ rows_quarantined: figures.quarantined, persons: figures.persons, exposures: figures.exposures },
    reasons: JSON.stringify(figures.reasons),
  };
}

/** The list cannot be read: it says why, and none of its rows is kept. */
export async function markFailed(db: Db, listId: string, problem: Record<string, unknown>): Promise<void> {
  await deleteRows(db, listId);
  await db
    .updateTable('affected_lists')
    .set({ status: 'failed', problem: JSON.stringify(problem), updated_at: sql`now()` })
    .where('id', '=', listId)
    .where('status', 'in', ['checking', 'accepting'])
    .execute();
}

/** ready → accepting, with its task; null when the list is in another state. */
export async function startAccepting(db: Db, listId: string): Promise<string | null> {
  const row = await db
    .updateTable('affected_lists')
    .set({ status: 'accepting', updated_at: sql`now()` })
    .where('id', '=', listId)
    .where('status', '=', 'ready')
    .returning('id')
    .executeTakeFirst();
  return row ? createTask(db, 'accept-list', listId) : null;
}

/** Throws a list away that nobody has accepted: its rows go, its figures stay. False in any other state. */
export async function discardList(db: Db, listId: string): Promise<boolean> {
  const row = await db
    .updateTable('affected_lists')
    .set({ status: 'discarded', updated_at: sql`now()` })
    .where('id', '=', listId)
    .where('status', 'in', ['checking', 'ready', 'failed', 'discarded'])
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  await deleteRows(db, listId);
  // A worker that is still reading it loses its task, and with it what it has written.
  await db.deleteFrom('tasks').where('kind', '=', 'check-list').where('subject_id', '=', listId).execute();
  return true;
}

export async function forgetUpload(db: Db, listId: string): Promise<void> {
  await db.updateTable('affected_lists').set({ upload_kept: false }).where('id', '=', listId).execute();
}

/** Lists whose upload is no longer needed and may still lie there, and uploads that nobody has gone on with for a day. */
export async function uploadsToRemove(db: Db): Promise<{ id: string; abandoned: boolean }[]> {
  const rows = await db
    .selectFrom('affected_lists')
    .select(['id', 'status'])
    .where('upload_kept', '=', true)
    .where(
      sql<boolean>`not (status in ('receiving', 'checking') or (status = 'ready' and correctable)) or (status = 'receiving' and updated_at < now() - interval '1 day')`,
    )
    .execute();
  return rows.map((row) => ({ id: row.id, abandoned: row.status === 'receiving' }));
}
