import type { Db } from '../../db/database.ts';
import type { EnvelopeProfile, NewEnvelopeProfile } from './envelope-profile.ts';
import { shippedProfile } from './shipped-profiles.ts';

const OWN = /^own-([1-9][0-9]{0,17})$/;

const shown = ({ id, profile }: { id: string; profile: unknown }): EnvelopeProfile => ({
  ...(profile as NewEnvelopeProfile),
  id: `own-${id}`,
});

/** A profile of one's own, which never changes. @returns it with its id, `own-<number>` */
export async function createProfile(db: Db, userId: string, profile: NewEnvelopeProfile): Promise<EnvelopeProfile> {
  const row = await db
    .insertInto('letter_profiles')
    .values({ profile: JSON.stringify(profile), created_by: userId })
    .returning(['id', 'profile'])
    .executeTakeFirstOrThrow();
  return shown(row);
}

/** A profile that comes with the service or was made here; null for an unknown id. */
export async function findProfile(db: Db, id: string): Promise<EnvelopeProfile | null> {
  const own = OWN.exec(id)?.[1];
  if (own === undefined) return shippedProfile(id);
  const row = await db.selectFrom('letter_profiles').select(['id', 'profile']).where('id', '=', own).executeTakeFirst();
  return row ? shown(row) : null;
}

/** Profiles made here, the oldest first, after one of them. */
export async function ownProfiles(db: Db, afterId: string | null, limit: number): Promise<EnvelopeProfile[]> {
  const rows = await db
    .selectFrom('letter_profiles')
    .select(['id', 'profile'])
    .where('id', '>', afterId ?? '0')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(shown);
}
