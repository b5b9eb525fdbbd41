import { setImmediate as nextTurn } from 'node:timers/promises';
import { inTransaction } from '../db/database.ts';
import type { Services } from '../services.ts';
import type { TaskHandler } from '../tasks/run-task.ts';
import { finishTask } from '../tasks/task.store.ts';
import { type Applied, applyReports, type ReportToApply } from './applying/apply-finding.store.ts';
import type { Said } from './applying/report-plan.ts';
import { saidOf } from './applying/report-to-apply.ts';
import { tellDomains } from './applying/tell-domains.store.ts';
import { foundFinding } from './found-finding.ts';
import {
  type MatchedReading,
  matchReadings,
  type ReadReport,
  type ReportedDelivery,
} from './matching/match-report.store.ts';
import type { ReportReader } from './read-any-report.ts';
import {
  giveUpReports,
  releaseReport,
  releaseTogether,
  type TakenReport,
  takeReports,
} from './waiting-reports.store.ts';

interface ReadReportsDeps extends Pick<Services, 'db' | 'vault' | 'log' | 'simulated'> {
  read: ReportReader;
  stopping: AbortSignal;
}

/** A report that was taken and read. */
interface Opened extends ReadReport {
  taken: TakenReport;
  bytes: Buffer;
}

/**
 * Reads the reports that wait, finds their deliveries, and writes down what they say, until none is due. Many may do so at
 * once. A report that cannot be read, or that kills whoever reads it, keeps nobody else from being read.
 */
export function makeReadReports(deps: ReadReportsDeps): TaskHandler {
  const { db, stopping } = deps;
  return async (task) => {
    for (;;) {
      if (stopping.aborted) break;
      await giveUp(deps);
      // In turns: neither can those that fail hold up the new ones, nor the new ones those.
      const fresh = await takeReports(db, 'fresh');
      await work(deps, fresh);
      const tried = await takeReports(db, 'tried');
      await work(deps, tried);
      if (fresh.length + tried.length === 0) break;
    }
    // What is due later, or came in since, gets a new task by the sweep.
    await finishTask(db, task);
  };
}

async function giveUp({ db, log }: ReadReportsDeps): Promise<void> {
  for (const reportId of await giveUpReports(db)) log.error({ event: 'report.unreadable', reportId });
}

/** Carries reports that were taken together to their end, or gives them back. */
async function work(deps: ReadReportsDeps, taken: TakenReport[]): Promise<void> {
  const { db, log } = deps;
  const opened: Opened[] = [];
  for (const report of taken) {
    try {
      opened.push(await openReport(deps, report));
    } catch (err) {
      log.warn({ event: 'report.failed', reportId: report.id, tries: report.tries, err });
      await releaseReport(db, report.id);
    }
    // Reading a large one takes its time: the heartbeat and the sending beside us come in between.
    await nextTurn();
  }
  if (opened.length === 0) return;
  try {
    await apply(deps, opened);
  } catch (err) {
    const ids = opened.map(({ taken: { id } }) => id);
    log.warn({ event: 'report.failed', reportId: ids[0], number: ids.length, err });
    if (ids.length > 1) await releaseTogether(db, ids);
    else for (const id of ids) await releaseReport(db, id);
  }
}

async function openReport({ vault, read }: ReadReportsDeps, taken: TakenReport): Promise<Opened> {
  const { way, envelope, incidentId, sealed } = taken;
  const holder = incidentId === null ? vault.reception : await vault.forIncident(incidentId);
  const bytes = holder.open('report', sealed);
  return { taken, bytes, way, envelope, reading: read(way, bytes, envelope) };
}

async function apply(deps: ReadReportsDeps, opened: Opened[]): Promise<void> {
  const { db, log } = deps;
  const matched = await matchReadings(deps, opened);
  const deliveries = new Map<string, ReportedDelivery>();
  for (const { findings } of matched) {
    for (const { delivery } of findings) if (delivery) deliveries.set(delivery.id, delivery);
  }
  const reports = await Promise.all(opened.map((one, i) => toApply(deps, one, matched[i] as MatchedReading)));
  const applied = await inTransaction(db, (trx) => applyReports(trx, reports, ['waiting']));
  logApplied(log, reports, applied);
  await tellDomains(deps, applied, deliveries);
}

async function toApply({ vault }: ReadReportsDeps, opened: Opened, matched: MatchedReading): Promise<ReportToApply> {
  const said: Said[] = [];
  for (const { delivery, matchedBy, candidates: _, ...finding } of matched.findings) {
    if (!delivery || !matchedBy) continue;
    said.push(saidOf(finding, delivery, matchedBy, await vault.forIncident(delivery.incidentId)));
  }
  const incidentId = matched.findings.find(({ delivery }) => delivery)?.delivery?.incidentId ?? null;
  const whole = matched.findings.every(({ delivery }) => delivery !== null);
  return {
    id: opened.taken.id,
    state: matched.forged ? 'forged' : whole ? 'applied' : 'unmatched',
    found: matched.findings.map((finding) => foundFinding(finding, finding)),
    said,
    resealed:
      incidentId === null || opened.taken.incidentId !== null
        ? null
        : { incidentId, sealed: (await vault.forIncident(incidentId)).seal('report', opened.bytes) },
  };
}

function logApplied(log: Services['log'], reports: ReportToApply[], { steps, waiting, taken }: Applied): void {
  for (const { deliveryId, to, class: failure, code } of steps)
    log.info({ event: 'delivery.reported', deliveryId, state: to, class: failure, code });
  const ended = reports.filter(({ id }) => taken.has(id) && !waiting.has(id));
  const of = (state: ReportToApply['state']) => ended.filter((report) => report.state === state).length;
  const numbers = { applied: of('applied'), unmatched: of('unmatched'), forged: of('forged'), waiting: waiting.size };
  log.info({ event: 'reports.read', ...numbers });
}
