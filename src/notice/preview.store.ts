import type { Db } from '../db/database.ts';
import { OwabiError } from '../errors.ts';
import type { ExposureData, PersonData } from '../intake/persons/person-data.ts';
import { findProfile } from '../rendering/letter-profiles/letter-profiles.store.ts';
import type { NoticeLocale, RenderPerson, TemplateSet } from '../rendering/types.ts';
import type { IncidentVault, Vault } from '../vault/vault.ts';
import { type FrozenPerson, freezePerson, localeFor } from './frozen-person.ts';
import { type NoticeRenderings, type NoticeSnapshot, renderingsOf } from './renderings.ts';
import { samplePerson } from './sample-person.ts';

/** What a preview is made from. */
export interface Preview {
  renderings: NoticeRenderings;
  locale: NoticeLocale;
  person: RenderPerson;
}

interface Deps {
  db: Db;
  vault: Vault;
  templates: TemplateSet;
}

/**
 * What a notice says: as frozen once it is submitted, with the facts of the moment while it is a draft. Without a person
 * it is said to a sample person.
 * @throws OwabiError `not_found` for an unknown notice, or a person whom it is not for
 */
export async function loadPreview(
  { db, vault, templates }: Deps,
  noticeId: string,
  personId: string | null,
): Promise<Preview> {
  const notice = await db
    .selectFrom('notices as n')
    .innerJoin('incidents as i', 'i.id', 'n.incident_id')
    .select(['n.template', 'n.snapshot', 'n.incident_id', 'n.letter_profile', 'i.facts', 'i.locale', 'i.time_zone'])
    .where('n.id', '=', noticeId)
    .executeTakeFirst();
  if (!notice) throw new OwabiError('not_found', 'There is no notice with this id.');
  const letterProfile = notice.letter_profile === null ? null : await findProfile(db, notice.letter_profile);
  const draft = {
    ...{ template: notice.template, facts: notice.facts, timeZone: notice.time_zone, locale: notice.locale },
    ...(letterProfile && { letterProfile }),
  };
  const frozen = notice.snapshot as unknown as NoticeSnapshot | null;
  const snapshot = frozen ?? (draft as unknown as Omit<NoticeSnapshot, 'templates'>);
  const renderings = renderingsOf(templates, snapshot);
  if (personId === null) return { renderings, locale: snapshot.locale, person: samplePerson(snapshot.locale) };
  const incident = await vault.forIncident(notice.incident_id);
  const found = frozen
    ? await frozenPerson(db, incident, noticeId, personId)
    : await presentPerson(db, incident, notice.incident_id, personId);
  if (!found) throw new OwabiError('not_found', 'This notice is not for a person with this id.');
  return { renderings, locale: localeFor(found.locale, snapshot.locale, renderings.locales), person: found.render };
}

type Found = { locale: string | null; render: RenderPerson } | null;

async function frozenPerson(db: Db, vault: IncidentVault, noticeId: string, personId: string): Promise<Found> {
  const row = await db
    .selectFrom('notice_persons')
    .select(['locale', 'sealed'])
    .where('notice_id', '=', noticeId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row ? { locale: row.locale, render: vault.openJson<FrozenPerson>('notice-person', row.sealed).render } : null;
}

async function presentPerson(db: Db, vault: IncidentVault, incidentId: string, personId: string): Promise<Found> {
  const row = await db
    .selectFrom('persons')
    .select(['reference', 'sealed', 'locale'])
    .where('id', '=', personId)
    .where('incident_id', '=', incidentId)
    .executeTakeFirst();
  if (!row) return null;
  const rows = await db.selectFrom('exposures').selectAll().where('person_id', '=', personId).orderBy('id').execute();
  const exposures = rows.map(({ kind, units, brand, sealed }) => ({
    ...{ kind, units, brand },
    last4: sealed ? vault.openJson<ExposureData>('exposure', sealed).last4 : null,
  }));
  const data = vault.openJson<PersonData>('person', row.sealed);
  return { locale: row.locale, render: freezePerson(row.reference, data, exposures).render };
}
