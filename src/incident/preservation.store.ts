import { sql } from 'kysely';
import { audit } from '../audit/audit.store.ts';
import { type Db, inTransaction } from '../db/database.ts';
import { OwabiError } from '../errors.ts';
import type { Services } from '../services.ts';

type Needs = Pick<Services, 'db' | 'vault'>;

/** The legal duty in force to preserve an incident's data; null when there is none. While it is in force the database
 * refuses to let go of the key. */
export async function preservationOf({ db, vault }: { db: Db; vault: Needs['vault'] }, incidentId: string) {
  const order = await db
    .selectFrom('preservation_orders')
    .select(['ordered_at', 'reason_sealed'])
    .where('incident_id', '=', incidentId)
    .where('lifted_at', 'is', null)
    .executeTakeFirst();
  if (!order) return null;
  const incidentVault = await vault.forIncident(incidentId);
  return { since: order.ordered_at, reason: incidentVault.open('reason', order.reason_sealed).toString() };
}

interface Decision {
  reason: string;
  userId: string;
}

/** @throws OwabiError `not_found`; `wrong_state` when it is ordered already, or the data is gone */
export async function preserve({ db, vault }: Needs, incidentId: string, { reason, userId }: Decision): Promise<void> {
  await inTransaction(db, async (trx) => {
    await lockIncident(trx, incidentId);
    // Locked: a destruction under way ends first, and one that begins from here on finds the order.
    const { rows } = await sql`select 1 from keys.data_keys where incident_id = ${incidentId} for update`.execute(trx);
    if (rows.length === 0) throw new OwabiError('wrong_state', 'The data of this incident has been destroyed.');
    const order = await trx
      .insertInto('preservation_orders')
      .values({
        ...{ incident_id: incidentId, ordered_by: userId },
        reason_sealed: (await vault.forIncident(incidentId)).seal('reason', reason),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!order) throw new OwabiError('wrong_state', 'The data of this incident is being preserved already.');
    await audit(trx, userId, 'incident.preserve', 'incident', incidentId);
  });
}

/** @throws OwabiError `not_found`; `wrong_state` when nothing is ordered */
export async function liftPreservation(
  { db, vault }: Needs,
  incidentId: string,
  { reason, userId }: Decision,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    await lockIncident(trx, incidentId);
    const incidentVault = await vault.forIncident(incidentId);
    const lifted = await trx
      .updateTable('preservation_orders')
      .set({ lifted_at: sql`now()`, lifted_by: userId, lifted_reason_sealed: incidentVault.seal('reason', reason) })
      .where('incident_id', '=', incidentId)
      .where('lifted_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (!lifted) throw new OwabiError('wrong_state', 'Nobody has ordered that the data of this incident be preserved.');
    await audit(trx, userId, 'incident.preservation_lifted', 'incident', incidentId);
  });
}

async function lockIncident(trx: Db, incidentId: string): Promise<void> {
  const incident = await trx
    .selectFrom('incidents')
    .select('id')
    .where('id', '=', incidentId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!incident) throw new OwabiError('not_found', 'There is no incident with this id.');
}
