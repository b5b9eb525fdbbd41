import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { finishTask, type Task } from '../../tasks/task.store.ts';
import type { ListKind } from '../columns/list-kind.ts';
import { makesPersons } from '../columns/list-kind.ts';
import { lockPersonsOf, prepareListWork } from '../matching/match.store.ts';
import { acceptMarks } from './accept-marks.store.ts';
import { acceptRows } from './accept-rows.store.ts';
import { makeTally } from './figures.ts';
import { findList, type ListRow, markAccepted, markFailed } from './list.store.ts';
import { removeUpload } from './uploads.store.ts';

export type AcceptListServices = Pick<Services, 'db' | 'vault' | 'blobs' | 'log'>;

const MAX_CLAIMS = 5;

/**
 * Accepts a list: its rows become persons and exposures, or join persons that are there; those of a list that only
 * points at persons mark them. All or nothing, in one transaction, one list at a time per incident: a worker that is
 * killed leaves the list `accepting`, to be done again.
 */
export function makeAcceptList(services: AcceptListServices): (task: Task) => Promise<void> {
  const { db, vault, log } = services;
  return async (task) => {
    if (task.fence > MAX_CLAIMS) return giveUp(db, task);
    const persons = await db.transaction().execute(async (trx) => {
      await prepareListWork(trx);
      const list = await findList(trx, task.subjectId);
      let found: number | null = null;
      if (list?.status === 'accepting') {
        await lockPersonsOf(trx, list.incident_id);
        const incidentVault = await vault.forIncident(list.incident_id);
        const isOfPersons = makesPersons(list.kind as ListKind);
        const rows = isOfPersons ? await acceptRows(trx, list, incidentVault, null) : null;
        const accepted = rows ?? (await acceptMarks(trx, list, incidentVault, null));
        await markAccepted(trx, list.id, figuresOf(list, accepted), accepted.candidates);
        found = accepted.persons;
      }
      await finishTask(trx, task);
      return found;
    });
    await removeUpload(services, task.subjectId);
    log.info({ event: 'list.accepted', listId: task.subjectId, persons });
  };
}

async function giveUp(db: AcceptListServices['db'], task: Task): Promise<void> {
  const { code, message } = new OwabiError('list_unreadable', 'The list could not be accepted in five tries.');
  await db.transaction().execute(async (trx) => {
    await markFailed(trx, task.subjectId, { code, detail: message });
    await finishTask(trx, task);
  });
}

/** What a list came to, as things stand when it is accepted. */
function figuresOf(
  list: ListRow,
  { accepted, persons, exposures, repeated }: Omit<Awaited<ReturnType<typeof acceptRows>>, 'candidates'>,
) {
  const { duplicate_row: _, ...quarantine } = list.reasons as Record<string, number>;
  const reasons = makeTally(quarantine);
  reasons.add(['duplicate_row'], repeated);
  return {
    ...{ total: list.rows_total, accepted, merged: list.rows_total - list.rows_quarantined - accepted },
    ...{ quarantined: list.rows_quarantined, persons, exposures, reasons: reasons.counts() },
  };
}
