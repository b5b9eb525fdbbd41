import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { emailKey } from '../../intake/matching/match-keys.ts';
import type { Services } from '../../services.ts';
import type { MatchedBy } from '../applying/report-plan.ts';
import type { Finding, Reading } from '../reading/finding.ts';
import type { ReportWay } from '../reports.store.ts';
import { type Proof, proveDelivery } from './delivery-marks.ts';

/** A delivery by email, with what is needed to write down what is said of it. */
export interface ReportedDelivery {
  id: string;
  incidentId: string;
  attempt: number;
  /** As in the ledger: a group, or the keyed hash of the mail domain. */
  domain: string | null;
  /** Keyed hash of its address, 32 hexadecimal digits. */
  addressKey: string | null;
}

/** A finding and the delivery it is about; null: none is known for certain. */
export interface MatchedFinding extends Finding {
  delivery: ReportedDelivery | null;
  matchedBy: MatchedBy | null;
  /** Deliveries to its recipient's address, when nothing better is known. */
  candidates: string[];
}

export interface MatchedReading {
  /** A mark has the form of a token of ours and is none: nothing of it is believed. */
  forged: boolean;
  findings: MatchedFinding[];
}

/** A report as it was read, and how it came. */
export interface ReadReport {
  way: ReportWay;
  envelope: readonly string[];
  reading: Reading;
}

type Needs = Pick<Services, 'db' | 'vault'>;

/** Providers that give back our Message-ID or bounce address. */
const SHARED_WAYS: readonly ReportWay[] = ['ses', 'sendgrid', 'mailgun'];

/** Anybody may send a mail: only what a key or a signature has let in may name a delivery by its recipient alone. */
const UNPROVEN_WAYS: readonly ReportWay[] = ['smtp', 'imap'];

/**
 * Finds the deliveries that reports are about: by the marks that prove one, whatever recipient is named beside them; else
 * by the recipient, when the sender of the report is known and there is exactly one delivery to that address. What is
 * not certain comes back with its candidates.
 */
export async function matchReadings({ db, vault }: Needs, reports: readonly ReadReport[]): Promise<MatchedReading[]> {
  const proofs = reports.map(({ reading, envelope }) => proveDelivery(reading.marks, envelope, vault.isBounceCode));
  const proven = await findDeliveries(
    db,
    proofs.flatMap((proof) => (proof === null || proof === 'forged' ? [] : [proof.deliveryId])),
  );
  return await Promise.all(reports.map((report, i) => matchReading({ db, vault }, report, proofs[i] ?? null, proven)));
}

async function matchReading(
  needs: Needs,
  { way, reading: { findings, marks } }: ReadReport,
  proof: Proof,
  proven: ReadonlyMap<string, ReportedDelivery>,
): Promise<MatchedReading> {
  const unknown = (finding: Finding) => ({ ...finding, delivery: null, matchedBy: null, candidates: [] });
  if (proof === 'forged') return { forged: true, findings: findings.map(unknown) };
  const delivery = proof && proven.get(proof.deliveryId);
  if (delivery) {
    const { by: matchedBy } = proof;
    return { forged: false, findings: findings.map((one) => ({ ...one, delivery, matchedBy, candidates: [] })) };
  }
  const byRecipient = await candidatesOf(
    needs,
    findings.flatMap(({ recipient }) => recipient ?? []),
  );
  // A token that proves a delivery which we no longer have speaks of no other one.
  // An event of a provider that names a message names one that is not ours: its account may send other mail too.
  const foreign = SHARED_WAYS.includes(way) && marks.messageIds.length + marks.bounceAddresses.length > 0;
  const mayBeOne = proof === null && !foreign && !UNPROVEN_WAYS.includes(way);
  return {
    forged: false,
    findings: findings.map((finding) => {
      const candidates = finding.recipient === null ? [] : (byRecipient.get(finding.recipient) ?? []);
      const [one] = candidates;
      if (mayBeOne && one && candidates.length === 1) {
        return { ...finding, delivery: one, matchedBy: 'recipient', candidates: [] };
      }
      return { ...unknown(finding), candidates: candidates.map(({ id }) => id) };
    }),
  };
}

const deliveryColumns = sql`
  d.id, n.incident_id as "incidentId", d.attempt, d.domain, replace(d.address_key::text, '-', '') as "addressKey"`;

/** Deliveries by email, by their ids; those that are not there are left out. */
export async function findDeliveries(db: Db, ids: readonly string[]): Promise<Map<string, ReportedDelivery>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<ReportedDelivery>`
    select ${deliveryColumns} from deliveries d join notices n on n.id = d.notice_id
    where d.id = any (${ids}::bigint[]) and d.channel = 'email'`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Deliveries that have been tried, of notices that have started, to each of these addresses. Persons are found by the keys
 * of their addresses, old ones too; the key in the ledger says whether the delivery went to that very address.
 */
async function candidatesOf({ db, vault }: Needs, recipients: string[]): Promise<Map<string, ReportedDelivery[]>> {
  const addresses = [...new Set(recipients)];
  if (addresses.length === 0) return new Map();
  const { rows: incidents } = await sql<{ id: string }>`
    select distinct incident_id as id from notices where started_at is not null`.execute(db);
  const asked = { place: [] as number[], incidentId: [] as string[], person: [] as string[], ledger: [] as string[] };
  for (const { id } of incidents) {
    const { lookupKey } = await vault.forIncident(id);
    for (const [place, address] of addresses.entries()) {
      const folded = emailKey(address);
      asked.place.push(place);
      asked.incidentId.push(id);
      asked.person.push(lookupKey('email', folded));
      asked.ledger.push(lookupKey('suppression', folded));
    }
  }
  const { rows } = await sql<ReportedDelivery & { place: number }>`
    select distinct a.place, ${deliveryColumns}
    from unnest(${asked.place}::int[], ${asked.incidentId}::bigint[], ${asked.person}::uuid[], ${asked.ledger}::uuid[])
      as a (place, incident_id, person, ledger)
    join person_keys k on k.key = a.person
    cross join lateral (
      select k.person_id as id union select p.id from persons p where p.merged_into = k.person_id) person
    join notice_persons o on o.person_id = person.id
    join notices n on n.id = o.notice_id and n.incident_id = a.incident_id and n.started_at is not null
    join deliveries d on d.notice_id = o.notice_id and d.person_id = o.person_id and d.channel = 'email'
      and d.address_key = a.ledger and d.first_tried_at is not null
    order by d.id`.execute(db);
  return Map.groupBy(rows, ({ place }) => addresses[place] ?? '');
}
