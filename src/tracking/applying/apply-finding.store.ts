import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { FoundFinding } from '../found-finding.ts';
import { planReports, type ReportPlan, type Said, type Step } from './report-plan.ts';

/** A report that has been read and matched, as it is to be written down. */
export interface ReportToApply {
  id: string;
  /** What becomes of it, unless it waits. */
  state: 'applied' | 'unmatched' | 'forged';
  found: FoundFinding[];
  said: Said[];
  /** The report as it came, sealed anew under the key of the incident it is about; null: nobody knows of which. */
  resealed: { incidentId: string; sealed: Buffer } | null;
}

/** What was written down. */
export interface Applied {
  /** States that have changed. */
  steps: Step[];
  /** What had not been said before: what follows from it follows once. */
  fresh: Pick<Said, 'deliveryId' | 'class' | 'status' | 'forwarded'>[];
  /** Reports that wait until their deliveries have come to an end. */
  waiting: Set<string>;
  /** Those of the reports that were still to be read; others have read the rest meanwhile. */
  taken: Set<string>;
}

/**
 * Writes down what reports say, in the caller's transaction: states of deliveries, what was said of them, and the reports
 * themselves. Whatever runs beside it, each report is written down once, and no state goes back.
 * @param from the states in which a report may be for this: `waiting`, or those of the list for a person
 */
export async function applyReports(db: Db, reports: ReportToApply[], from: readonly string[]): Promise<Applied> {
  // Whoever is stopped in the middle must not hold the counters, and with them the sending, for as long as nobody notices.
  await sql`select set_config('idle_in_transaction_session_timeout', '10s', true)`.execute(db);
  const taken = await lockReports(
    db,
    reports.map(({ id }) => id),
    from,
  );
  const ours = reports.filter(({ id }) => taken.has(id));
  const plan = planReports(ours, await lockDeliveries(db, ours));
  await lockCounters(db, plan.rounds.flat());
  for (const round of plan.rounds) await takeSteps(db, round);
  const fresh = await writeSaid(db, plan.said);
  await finishReports(
    db,
    ours.filter(({ id }) => !plan.waiting.has(id)),
  );
  await putOff(db, [...plan.waiting]);
  return { steps: plan.rounds.flat(), fresh, waiting: plan.waiting, taken };
}

async function lockReports(db: Db, ids: string[], from: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from reports where id = any (${ids}::bigint[]) and state = any (${from}::text[])
    order by id for no key update`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** All that is spoken of, in one order and before any counter moves, so that two writers never wait in a ring. */
async function lockDeliveries(db: Db, reports: ReportToApply[]): Promise<Map<string, string>> {
  const ids = [...new Set(reports.flatMap(({ said }) => said.map(({ deliveryId }) => deliveryId)))];
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; state: string }>`
    -- What was never sent has neither arrived nor come back: of the pending, only what is due again may have.
    select id, case when state = 'pending' and attempt = 0 then 'not_sent' else state end as state
    from deliveries where id = any (${ids}::bigint[]) and channel = 'email'
    order by id for no key update`.execute(db);
  return new Map(rows.map(({ id, state }) => [id, state]));
}

/** In the order in which each single step takes them: with several rounds two writers could wait for each other. */
async function lockCounters(db: Db, steps: Step[]): Promise<void> {
  if (steps.length === 0) return;
  const ids = steps.map(({ deliveryId }) => deliveryId);
  await sql`
    select from notice_counts where notice_id in (select notice_id from deliveries where id = any (${ids}::bigint[]))
    order by notice_id, channel, state for no key update`.execute(db);
}

async function takeSteps(db: Db, steps: Step[]): Promise<void> {
  const { numAffectedRows } = await sql`
    update deliveries d set state = s.to_state, class = s.class, code = s.code, reply_sealed = s.reply
    from unnest(
      ${steps.map((step) => step.deliveryId)}::bigint[], ${steps.map((step) => step.from)}::text[],
      ${steps.map((step) => step.to)}::text[], ${steps.map((step) => step.class)}::text[],
      ${steps.map((step) => step.code)}::text[], ${steps.map((step) => step.reply)}::bytea[]
    ) as s (id, from_state, to_state, class, code, reply)
    where d.id = s.id and d.state = s.from_state`.execute(db);
  if (Number(numAffectedRows) !== steps.length) throw new Error('a delivery was changed although it is locked');
}

async function writeSaid(db: Db, said: ReportPlan['said']): Promise<Applied['fresh']> {
  if (said.length === 0) return [];
  const { rows } = await sql<Applied['fresh'][number] & { fresh: boolean }>`
    insert into delivery_reports
      (delivery_id, notice_id, report_id, kind, class, status, rule, matched_by, attempt, forwarded, words_sealed,
       applied, seen)
    select s.delivery_id, d.notice_id, s.report_id, s.kind, s.class, s.status, s.rule, s.matched_by, d.attempt,
      s.forwarded, s.words, s.applied, s.seen
    from unnest(
      ${said.map((one) => one.deliveryId)}::bigint[], ${said.map((one) => one.reportId)}::bigint[],
      ${said.map((one) => one.kind)}::text[], ${said.map((one) => one.class)}::text[],
      ${said.map((one) => one.status)}::text[], ${said.map((one) => one.rule)}::text[],
      ${said.map((one) => one.matchedBy)}::text[], ${said.map((one) => one.forwarded)}::boolean[],
      ${said.map((one) => one.words)}::bytea[], ${said.map((one) => one.applied)}::boolean[],
      ${said.map((one) => one.seen)}::int[]
    ) with ordinality as s
      (delivery_id, report_id, kind, class, status, rule, matched_by, forwarded, words, applied, seen, place)
    join deliveries d on d.id = s.delivery_id
    order by s.delivery_id, s.place
    on conflict (delivery_id, kind, class, status) do update
    set seen = delivery_reports.seen + excluded.seen, last_at = now(),
      applied = delivery_reports.applied or excluded.applied
    -- Of a row that was there before, the column says who has changed it.
    returning delivery_id as "deliveryId", class, status, forwarded, xmax = 0 as fresh`.execute(db);
  return rows.filter(({ fresh }) => fresh);
}

async function finishReports(db: Db, reports: ReportToApply[]): Promise<void> {
  if (reports.length === 0) return;
  await sql`
    update reports r
    set state = f.state, found = f.found::jsonb, finished_at = now(),
      incident_id = coalesce(f.incident_id, r.incident_id), sealed = coalesce(f.sealed, r.sealed)
    from unnest(
      ${reports.map(({ id }) => id)}::bigint[], ${reports.map(({ state }) => state)}::text[],
      ${reports.map(({ found }) => JSON.stringify(found))}::text[],
      ${reports.map(({ resealed }) => resealed?.incidentId ?? null)}::bigint[],
      ${reports.map(({ resealed }) => resealed?.sealed ?? null)}::bytea[]
    ) as f (id, state, found, incident_id, sealed)
    where r.id = f.id`.execute(db);
}

/** Before a report is looked at again: 2 s, then twice as long each time. */
const LONGEST_WAIT_SECONDS = 300;

/** What has come too early is no failure: its tries begin anew. */
async function putOff(db: Db, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update reports set tries = 0, waits = waits + 1,
      due_at = now() + make_interval(secs => least(${LONGEST_WAIT_SECONDS}, 2 ^ (least(waits, 10) + 1)))
    where id = any (${ids}::bigint[])`.execute(db);
}
