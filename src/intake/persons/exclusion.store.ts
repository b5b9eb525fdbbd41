import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { PersonRow } from './person.store.ts';
import { lockPerson, requirePerson, voidNoticesAbout } from './person-desk.store.ts';
import { type Decided, sealReason } from './seal-reason.ts';

type Needs = Pick<Services, 'db' | 'vault'>;

/**
 * Leaves a person out of every notice that is frozen from now on. A frozen one that has not started becomes a draft
 * again, because nobody approved it without this person.
 * @throws OwabiError `not_found`, `wrong_state` when the person is excluded already
 */
export async function excludePerson({ db, vault }: Needs, personId: string, by: Decided): Promise<PersonRow> {
  return inTransaction(db, async (trx) => {
    const { id, incident_id, excluded_at } = await lockPerson(trx, personId);
    if (excluded_at !== null) throw new OwabiError('wrong_state', 'The person is excluded already.');
    const incidentVault = await vault.forIncident(incident_id);
    await trx
      .insertInto('person_changes')
      .values({
        ...{ incident_id, person_id: id, kind: 'exclude', user_id: by.userId },
        reason_sealed: sealReason(incidentVault, by.reason),
      })
      .execute();
    await refreshExclusions(trx, [id]);
    await voidNoticesAbout(trx, incident_id, [id]);
    return requirePerson(trx, id);
  });
}

/**
 * Takes back every exclusion of a person by an operator, also one that came with a merge. What a list of exclusions
 * says is ended with that list.
 * @throws OwabiError `not_found`, `wrong_state` when no operator has excluded the person
 */
export async function includePerson({ db, vault }: Needs, personId: string, by: Decided): Promise<PersonRow> {
  return inTransaction(db, async (trx) => {
    const { id, incident_id, excluded_at } = await lockPerson(trx, personId);
    if (excluded_at === null) throw new OwabiError('wrong_state', 'The person is not excluded.');
    const incidentVault = await vault.forIncident(incident_id);
    await trx
      .updateTable('person_changes')
      .set({
        ...{ undone_at: sql`now()`, undone_by: by.userId },
        undone_reason_sealed: sealReason(incidentVault, by.reason),
      })
      .where('kind', '=', 'exclude')
      .where('undone_at', 'is', null)
      .where(
        'person_id',
        'in',
        trx
          .selectFrom('persons')
          .select('id')
          .where(isPersonOrMerged([id])),
      )
      .execute();
    await refreshExclusions(trx, [id]);
    await voidNoticesAbout(trx, incident_id, [id]);
    return requirePerson(trx, id);
  });
}

function isPersonOrMerged(ids: readonly string[]) {
  return sql<boolean>`(id = any (${ids}::bigint[]) or merged_into = any (${ids}::bigint[]))`;
}

/** A person is excluded while an exclusion of them, or of somebody who was merged into them, stands: the first says why. */
export async function refreshExclusions(trx: Db, personIds: readonly string[]): Promise<void> {
  await sql`
    with standing as (
      select distinct on (coalesce(q.merged_into, q.id)) coalesce(q.merged_into, q.id) as person_id,
        c.at, c.user_id, c.reason_sealed
      from persons q join person_changes c on c.person_id = q.id and c.kind = 'exclude' and c.undone_at is null
      where q.id = any (${personIds}::bigint[]) or q.merged_into = any (${personIds}::bigint[])
      order by coalesce(q.merged_into, q.id), c.id
    )
    update persons p set excluded_at = s.at, excluded_by = s.user_id, excluded_reason_sealed = s.reason_sealed,
      version = p.version + 1, updated_at = now()
    from persons t left join standing s on s.person_id = t.id
    where t.id = any (${personIds}::bigint[]) and p.id = t.id and p.excluded_at is distinct from s.at`.execute(trx);
}
