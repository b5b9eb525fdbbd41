import { sql } from 'kysely';
import { audit } from '../audit/audit.store.ts';
import { type Db, inTransaction } from '../db/database.ts';
import { OwabiError } from '../errors.ts';
import { type Decided, sealReason } from '../intake/persons/seal-reason.ts';
import type { Services } from '../services.ts';
import { applyReports } from './applying/apply-finding.store.ts';
import { saidOf } from './applying/report-to-apply.ts';
import { tellDomains } from './applying/tell-domains.store.ts';
import { type FoundFinding, foundFinding } from './found-finding.ts';
import { findDeliveries, type ReportedDelivery } from './matching/match-report.store.ts';
import type { ReportReader } from './read-any-report.ts';
import type { Finding } from './reading/finding.ts';
import type { ReportWay } from './reports.store.ts';

/** What can become of a report. */
export const reportStates = ['waiting', 'applied', 'unmatched', 'forged', 'unreadable', 'settled'] as const;
export type ReportState = (typeof reportStates)[number];

/** A report as it is listed: nothing of a person. */
export interface ReportRow {
  id: string;
  way: ReportWay;
  state: ReportState;
  bytes: number;
  tries: number;
  receivedAt: Date;
  finishedAt: Date | null;
  incidentId: string | null;
  found: FoundFinding[];
  decidedBy: string | null;
  decidedAt: Date | null;
}

/** What a report says, word for word, and what was made of it. */
export type ReportFinding = Finding & Pick<FoundFinding, 'deliveryId' | 'matchedBy' | 'candidates'>;

interface Needs extends Pick<Services, 'db' | 'vault' | 'log' | 'simulated'> {
  read: ReportReader;
}

const columns = sql`
  id, way, state, bytes, tries, received_at as "receivedAt", finished_at as "finishedAt", incident_id as "incidentId",
  found, decided_by as "decidedBy", decided_at as "decidedAt"`;

/** Reports, the newest first, those before one of them; of one state, or of all. */
export async function pageReports(
  db: Db,
  state: ReportState | null,
  beforeId: string | null,
  limit: number,
): Promise<ReportRow[]> {
  const { rows } = await sql<ReportRow>`
    select ${columns} from reports
    where (${state}::text is null or state = ${state}) and (${beforeId}::bigint is null or id < ${beforeId})
    order by id desc limit ${limit}`.execute(db);
  return rows;
}

interface Stored extends ReportRow {
  envelope: string[];
  sealed: Buffer;
  reasonSealed: Buffer | null;
}

async function findReport(db: Db, id: string): Promise<Stored> {
  const { rows } = await sql<Stored>`
    select ${columns}, envelope, sealed, decided_reason_sealed as "reasonSealed" from reports where id = ${id}`.execute(
    db,
  );
  if (!rows[0]) throw new OwabiError('not_found', 'There is no report with this id.');
  return rows[0];
}

const holderOf = ({ vault }: Pick<Needs, 'vault'>, { incidentId }: ReportRow) =>
  incidentId === null ? vault.reception : vault.forIncident(incidentId);

/**
 * A report as it came: a mail, or the event of a provider in JSON.
 * @throws OwabiError `not_found`
 */
export async function rawReport(
  needs: Pick<Needs, 'db' | 'vault'>,
  id: string,
): Promise<{ way: ReportWay; bytes: Buffer }> {
  const report = await findReport(needs.db, id);
  return { way: report.way, bytes: (await holderOf(needs, report)).open('report', report.sealed) };
}

/** A report with all that it says, read from what came. */
export interface ReportFile extends ReportRow {
  /** Empty while it has not been read, and of what could not be read. */
  findings: ReportFinding[];
  /** Why somebody decided, in their words. */
  decidedReason: string | null;
}

/** @throws OwabiError `not_found` */
export async function reportFile(needs: Needs, id: string): Promise<ReportFile> {
  const { sealed, envelope, reasonSealed, ...row } = await findReport(needs.db, id);
  const holder = await holderOf(needs, row);
  // What has not been read yet may be what ends whoever reads it.
  const readable = row.state !== 'waiting' && row.found.length > 0;
  const findings = readable ? needs.read(row.way, holder.open('report', sealed), envelope).findings : [];
  return {
    ...row,
    findings: findings.map((finding, i) => {
      const { deliveryId = null, matchedBy = null, candidates = [] } = row.found[i] ?? {};
      return { ...finding, deliveryId, matchedBy, candidates };
    }),
    decidedReason: reasonSealed && holder.open('reason', reasonSealed).toString('utf8'),
  };
}

/**
 * A person says which delivery a report is about: all of it is applied to that one, but for what was applied already.
 * @throws OwabiError `not_found`; `wrong_state` for a report that is not on the list, or when the delivery is under way
 */
export async function assignReport(needs: Needs, id: string, deliveryId: string, by: Decided): Promise<void> {
  const { db, vault } = needs;
  const report = await findReport(db, id);
  if (report.state !== 'unmatched' && report.state !== 'forged') throw notOnTheList(report);
  const delivery = (await findDeliveries(db, [deliveryId])).get(deliveryId);
  if (!delivery) throw new OwabiError('not_found', 'There is no delivery by email with this id.');
  if (delivery.attempt === 0) throw new OwabiError('wrong_state', 'This email has not been sent yet.');
  const incidentVault = await vault.forIncident(delivery.incidentId);
  const bytes = (await holderOf(needs, report)).open('report', report.sealed);
  const findings = needs.read(report.way, bytes, report.envelope).findings;
  const open = findings.filter((_, i) => (report.found[i]?.deliveryId ?? null) === null);
  const toApply = {
    ...{ id, state: 'applied' as const, found: foundAnew(findings, report.found, delivery) },
    said: open.map((finding) => saidOf(finding, delivery, 'operator', incidentVault)),
    resealed: { incidentId: delivery.incidentId, sealed: incidentVault.seal('report', bytes) },
  };
  const applied = await inTransaction(db, async (trx) => {
    const written = await applyReports(trx, [toApply], ['unmatched', 'forged']);
    if (!written.taken.has(id)) throw new OwabiError('wrong_state', 'Somebody else has just decided on this report.');
    if (written.waiting.has(id)) {
      throw new OwabiError(
        'wrong_state',
        'The delivery is on its way, or about to be sent again: try again when it is not.',
      );
    }
    await decide(trx, id, by.userId, sealReason(incidentVault, by.reason));
    await audit(trx, by.userId, 'report.assigned', 'report', id, { deliveryId, findings: open.length });
    return written;
  });
  await tellDomains(needs, applied, new Map([[delivery.id, delivery]]));
}

function foundAnew(findings: Finding[], before: FoundFinding[], delivery: ReportedDelivery): FoundFinding[] {
  return findings.map((finding, i) => {
    const known = before[i];
    return known?.deliveryId ? known : foundFinding(finding, { delivery, matchedBy: 'operator', candidates: [] });
  });
}

/**
 * A person sets a report aside: it is about nothing that concerns us. To do so twice changes nothing.
 * @throws OwabiError `not_found`, `wrong_state`
 */
export async function settleReport({ db, vault }: Pick<Needs, 'db' | 'vault'>, id: string, by: Decided): Promise<void> {
  await inTransaction(db, async (trx) => {
    const report = await findReport(trx, id);
    if (report.state === 'settled') return;
    const reason = sealReason(await holderOf({ vault }, report), by.reason);
    const { numAffectedRows } = await sql`
      update reports set state = 'settled'
      where id = ${id} and state in ('unmatched', 'forged', 'unreadable')`.execute(trx);
    if (!numAffectedRows) throw notOnTheList(report);
    await decide(trx, id, by.userId, reason);
    await audit(trx, by.userId, 'report.settled', 'report', id, { was: report.state });
  });
}

async function decide(db: Db, id: string, userId: string, reason: Buffer): Promise<void> {
  await sql`
    update reports set decided_by = ${userId}, decided_at = now(), decided_reason_sealed = ${reason}
    where id = ${id}`.execute(db);
}

function notOnTheList({ state }: ReportRow): OwabiError {
  return new OwabiError('wrong_state', `The report is ${state}: there is nothing to decide about it.`);
}
