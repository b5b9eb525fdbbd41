import { sql } from 'kysely';
import { audit } from '../audit/audit.store.ts';
import { type Db, inTransaction } from '../db/database.ts';
import { OwabiError } from '../errors.ts';
import { type Decided, sealReason } from '../intake/persons/seal-reason.ts';
import type { Services } from '../services.ts';

/** An address that has failed for good in an incident. The database writes it down with the bounce. */
export interface Suppression {
  /** The class of the failure, or `complained`. */
  reason: string;
  at: Date;
}

export interface SuppressionRow extends Suppression {
  id: string;
  code: string | null;
  /** The delivery whose failure it was, and its person. */
  deliveryId: string;
  personId: string;
  reference: string;
  endedAt: Date | null;
}

/**
 * Which of these addresses are suppressed in an incident, by their keys.
 * @param keys keyed hashes, 32 hexadecimal digits each
 */
export async function findSuppressions(
  db: Db,
  incidentId: string,
  keys: readonly string[],
): Promise<Map<string, Suppression>> {
  const { rows } = await sql<Suppression & { key: string }>`
    select replace(address_key::text, '-', '') as key, reason, at from suppressions
    where incident_id = ${incidentId} and ended_at is null and address_key = any (${keys}::uuid[])`.execute(db);
  return new Map(rows.map(({ key, ...suppression }) => [key, suppression]));
}

const select = sql`
  select s.id, s.reason, s.code, s.at, s.delivery_id as "deliveryId", p.person_id as "personId", p.reference,
    s.ended_at as "endedAt"
  from suppressions s join deliveries d on d.id = s.delivery_id
  join notice_persons p on p.notice_id = d.notice_id and p.person_id = d.person_id`;

/** Suppressions of an incident in the order of their ids, after one of them; also those that have ended. */
export async function pageSuppressions(
  db: Db,
  incidentId: string,
  afterId: string,
  limit: number,
): Promise<SuppressionRow[]> {
  const { rows } = await sql<SuppressionRow>`
    ${select} where s.incident_id = ${incidentId} and s.id > ${afterId} order by s.id limit ${limit}`.execute(db);
  return rows;
}

/**
 * An operator says that an address is to be tried again: by the next notice that is frozen, and by deliveries that wait.
 * To end it twice changes nothing.
 * @throws OwabiError `not_found`
 */
export async function endSuppression(
  { db, vault }: Pick<Services, 'db' | 'vault'>,
  id: string,
  by: Partial<Pick<Decided, 'reason'>> & Pick<Decided, 'userId'>,
): Promise<SuppressionRow> {
  return inTransaction(db, async (trx) => {
    const row = await trx.selectFrom('suppressions').select('incident_id').where('id', '=', id).executeTakeFirst();
    if (!row) throw new OwabiError('not_found', 'There is no suppression with this id.');
    const incidentVault = await vault.forIncident(row.incident_id);
    const reason = by.reason === undefined ? null : sealReason(incidentVault, by.reason);
    const { numAffectedRows } = await sql`
      update suppressions set ended_at = now(), ended_by = ${by.userId}, ended_reason_sealed = ${reason}
      where id = ${id} and ended_at is null`.execute(trx);
    if (numAffectedRows) await audit(trx, by.userId, 'suppression.end', 'suppression', id);
    const { rows } = await sql<SuppressionRow>`${select} where s.id = ${id}`.execute(trx);
    return rows[0] as SuppressionRow;
  });
}
