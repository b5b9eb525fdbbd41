import { type Selectable, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { AffectedLists } from '../../db/schema.ts';
import { createTask } from '../../tasks/task.store.ts';
import type { ListFigures } from './figures.ts';

export type ListRow = Selectable<AffectedLists>;
export type ListKind = 'affected' | 'members';
export type ListStatus = 'receiving' | 'checking' | 'ready' | 'accepting' | 'accepted' | 'discarded' | 'failed';

/** How an operator said to read a list. Names columns, so it is sealed. */
export interface ListOptions {
  /** Column → field. */
  mapping: Record<string, string>;
  encoding: string | null;
  /** Columns exempt from the card-number guard. */
  notCards: string[];
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

/** checking → ready, or accepting when that was asked for. False when the list was discarded meanwhile. */
export async function markReady(
  db: Db,
  listId: string,
  read: { encoding: string; delimiter: string; columnsSealed: Buffer; warnings: ListWarning[]; figures: ListFigures },
  status: 'ready' | 'accepting',
): Promise<boolean> {
  const row = await db
    .updateTable('affected_lists')
    .set({
      ...{ status, encoding: read.encoding, delimiter: read.delimiter, columns_sealed: read.columnsSealed },
      ...{ warnings: JSON.stringify(read.warnings), ...figureColumns(read.figures), updated_at: sql`now()` },
    })
    .where('id', '=', listId)
    .where('status', '=', 'checking')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** accepting → accepted, with what the rows came to. */
export async function markAccepted(db: Db, listId: string, figures: ListFigures): Promise<void> {
  await db
    .updateTable('affected_lists')
    .set({ status: 'accepted', ...figureColumns(figures), updated_at: sql`now()` })
    .where('id', '=', listId)
    .where('status', '=', 'accepting')
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
  await db.deleteFrom('list_rows').where('list_id', '=', listId).execute();
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
  await db.deleteFrom('list_rows').where('list_id', '=', listId).execute();
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
      sql<boolean>`status not in ('receiving', 'checking') or (status = 'receiving' and updated_at < now() - interval '1 day')`,
    )
    .execute();
  return rows.map((row) => ({ id: row.id, abandoned: row.status === 'receiving' }));
}
