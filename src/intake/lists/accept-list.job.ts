import { randomBytes } from 'node:crypto';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { changesFrozenPersons, voidNotices } from '../../notice/void-notices.store.ts';
import type { Services } from '../../services.ts';
import { finishTask, type Task } from '../../tasks/task.store.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import type { Column } from '../columns/columns.ts';
import type { RowData } from '../fields/check-row.ts';
import type { RowFields } from '../fields/read-row.ts';
import { personOfRow } from '../matching/lookup-keys.ts';
import { lockPersonsOf, prepareListWork } from '../matching/match.store.ts';
import { makeRowMatcher, type RowMatcher } from '../matching/match-rows.store.ts';
import { exposureKind } from '../persons/exposure-kind.ts';
import { referenceFrom } from '../persons/reference.ts';
import { type GroupRow, makePersonWriter, type PersonGroup } from '../persons/write-persons.store.ts';
import { figuresOf, type ListFigures, makeTally } from './figures.ts';
import { findList, type ListRow, markAccepted, markFailed } from './list.store.ts';
import { usableRows } from './row.store.ts';

export type AcceptListServices = Pick<Services, 'db' | 'vault' | 'log'>;

const MAX_CLAIMS = 5;
/** Persons written at once: enough to make round trips cheap, few enough to keep memory flat. */
const GROUPS_AT_ONCE = 1_000;

/**
 * Accepts a list: its rows become persons and exposures, or join persons that are there. All or nothing, in one
 * transaction, one list at a time per incident: a worker that is killed leaves the list `accepting`, to be done again.
 */
export function makeAcceptList({ db, vault, log }: AcceptListServices): (task: Task) => Promise<void> {
  return async (task) => {
    if (task.fence > MAX_CLAIMS) return giveUp(db, task);
    const figures = await db.transaction().execute(async (trx) => {
      await prepareListWork(trx);
      const list = await findList(trx, task.subjectId);
      let accepted: ListFigures | null = null;
      if (list?.status === 'accepting') {
        await lockPersonsOf(trx, list.incident_id);
        accepted = await accept(trx, list, await vault.forIncident(list.incident_id));
        await markAccepted(trx, list.id, accepted);
      }
      await finishTask(trx, task);
      return accepted;
    });
    log.info({
      event: 'list.accepted',
      listId: task.subjectId,
      persons: figures?.persons,
      exposures: figures?.exposures,
    });
  };
}

async function giveUp(db: AcceptListServices['db'], task: Task): Promise<void> {
  const { code, message } = new OwabiError('list_unreadable', 'The list could not be accepted in five tries.');
  await db.transaction().execute(async (trx) => {
    await markFailed(trx, task.subjectId, { code, detail: message });
    await finishTask(trx, task);
  });
}

interface OpenRow {
  row: number;
  ordinal: number;
  fields: RowFields;
}

async function accept(trx: Db, list: ListRow, vault: IncidentVault): Promise<ListFigures> {
  const { matcher, duplicates, rows } = await matchAll(trx, list, vault);
  const writer = makePersonWriter(trx, list, vault, {
    kind: exposureKind(columnsOf(list, vault), await factsOf(trx, list.incident_id)),
    newReference: () => referenceFrom(randomBytes(8)),
  });
  let exposures = 0;
  const waiting = new Map<number, GroupRow[]>();
  let ready: PersonGroup[] = [];
  for await (const { row, ordinal, fields } of openRows(trx, list, vault)) {
    const group = matcher.merger.groupOf(row);
    const duplicate = duplicates.has(row);
    const units = list.kind === 'affected' && !duplicate ? fields.cardCount : 0;
    exposures += units;
    const outcome = matcher.merger.headOf(group) === row ? ('accepted' as const) : ('merged' as const);
    const together = [...(waiting.get(group) ?? []), { ordinal, fields, outcome, duplicate, units }];
    waiting.set(group, together);
    if (together.length < matcher.merger.rowsIn(group)) continue;
    waiting.delete(group);
    ready.push({ rows: together, persons: matcher.merger.personsIn(group) });
    if (ready.length < GROUPS_AT_ONCE) continue;
    await writer.write(ready);
    ready = [];
  }
  await writer.write(ready);
  // Two persons of a frozen audience are now one, who must not be told twice; or one of them has another exposure or
  // address now, and what was frozen no longer says the truth.
  if (writer.mergedPersons() > 0 || (await changesFrozenPersons(trx, list.incident_id, list.id))) {
    await voidNotices(trx, list.incident_id);
  }
  const { duplicate_row: _, ...quarantine } = list.reasons as Record<string, number>;
  const reasons = makeTally(quarantine);
  for (const _row of duplicates) reasons.add(['duplicate_row']);
  return figuresOf(matcher.merger, { rows, quarantined: list.rows_quarantined, exposures, reasons });
}

/** First walk through the rows: who belongs to whom, as things stand now. */
async function matchAll(
  trx: Db,
  list: ListRow,
  vault: IncidentVault,
): Promise<{ matcher: RowMatcher; duplicates: Set<number>; rows: number }> {
  const matcher = await makeRowMatcher(trx, list.incident_id, vault.lookupKey);
  const duplicates = new Set<number>();
  let rows = 0;
  for await (const page of usableRows(trx, list.id)) {
    const matched = await matcher.match(
      page.map(({ sealed, fingerprint, occurrence }) => ({
        ...{ fingerprint, occurrence, person: personOfRow(fieldsOf(sealed, vault), list.source) },
      })),
    );
    for (const { row, duplicate } of matched) if (duplicate) duplicates.add(row);
    rows += page.length;
  }
  return { matcher, duplicates, rows };
}

async function* openRows(trx: Db, list: ListRow, vault: IncidentVault): AsyncGenerator<OpenRow> {
  let row = 0;
  for await (const page of usableRows(trx, list.id)) {
    for (const { ordinal, sealed } of page) yield { row: row++, ordinal, fields: fieldsOf(sealed, vault) };
  }
}

function fieldsOf(sealed: Buffer, vault: IncidentVault): RowFields {
  const { fields } = vault.openJson<RowData>('list-row', sealed);
  if (fields === null) throw new Error('a usable row holds no fields');
  return fields;
}

/** The columns as they were recognised. */
export function columnsOf(list: ListRow, vault: IncidentVault): Column[] {
  return list.columns_sealed ? vault.openJson<Column[]>('list-columns', list.columns_sealed) : [];
}

async function factsOf(db: Db, incidentId: string): Promise<unknown> {
  const { facts } = await db
    .selectFrom('incidents')
    .select('facts')
    .where('id', '=', incidentId)
    .executeTakeFirstOrThrow();
  return facts;
}
