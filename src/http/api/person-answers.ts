import Type, { type Static } from 'typebox';
import type { PersonRow } from '../../intake/persons/person.store.ts';
import type { ExposureData, PersonData } from '../../intake/persons/person-data.ts';
import type { deliveriesOf, PersonExposure } from '../../intake/persons/person-desk.store.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { Nullable, OneOf, Time } from '../schemas.ts';

const Text = Nullable(Type.String());

/** A person as found: enough to know that it is the caller. */
export const FoundPerson = Type.Object({
  ...{ id: Type.String(), reference: Type.String(), name: Type.String(), kana: Text, excluded: Type.Boolean() },
});

const Exposure = Type.Object({
  ...{ kind: Type.String(), units: Type.Integer(), brand: Text, last4: Text, issuer: Text },
  ...{ firstUse: Text, lastUse: Text, listId: Type.String(), line: Type.Integer() },
});
const Event = Type.Object({
  ...{ at: Time, from: Text, to: Type.String(), attempt: Type.Integer(), class: Text, code: Text, reason: Text },
});
const Delivery = Type.Object({
  ...{ id: Type.String(), noticeId: Type.String(), template: Type.String(), channel: OneOf('email', 'letter') },
  ...{ generation: Type.Integer(), state: Type.String(), class: Text, code: Text, reason: Text },
  ...{ attempts: Type.Integer(), updatedAt: Time, events: Type.Array(Event) },
});

/** All that is known of a person. */
export const Person = Type.Object({
  ...{ id: Type.String(), incidentId: Type.String(), reference: Type.String(), name: Type.String(), kana: Text },
  ...{ honorific: Text, company: Text, department: Text, phone: Text, locale: Text },
  emails: Type.Array(Type.Object({ address: Type.String(), lastUse: Text, chosen: Type.Boolean() })),
  address: Nullable(Type.Object({ postalCode: Text, lines: Type.Array(Type.String()), country: Type.String() })),
  externalIds: Type.Array(Type.Object({ source: Type.String(), id: Type.String() })),
  excluded: Nullable(Type.Object({ at: Time, reason: Type.String() })),
  version: Type.Integer(),
  ...{ exposures: Type.Array(Exposure), deliveries: Type.Array(Delivery) },
});

export function showFound(row: PersonRow, vault: IncidentVault): Static<typeof FoundPerson> {
  const { name, kana } = vault.openJson<PersonData>('person', row.sealed);
  return { id: row.id, reference: formatReference(row.reference), name, kana, excluded: row.excluded_at !== null };
}

export function showPerson(
  row: PersonRow,
  vault: IncidentVault,
  { exposures, deliveries }: { exposures: PersonExposure[]; deliveries: Awaited<ReturnType<typeof deliveriesOf>> },
): Static<typeof Person> {
  const data = vault.openJson<PersonData>('person', row.sealed);
  const { name, kana, honorific, company, department, phone, locale, externalIds } = data;
  return {
    ...{ id: row.id, incidentId: row.incident_id, reference: formatReference(row.reference), version: row.version },
    ...{ name, kana, honorific, company, department, phone, locale, externalIds },
    emails: data.emails.map(({ address, lastUse, chosen }) => ({ address, lastUse, chosen: chosen === true })),
    address:
      data.addressLines.length === 0
        ? null
        : { postalCode: data.postalCode, lines: data.addressLines, country: data.country },
    excluded: row.excluded_at && {
      at: row.excluded_at.toISOString(),
      reason: row.excluded_reason_sealed ? vault.open('reason', row.excluded_reason_sealed).toString() : '',
    },
    exposures: exposures.map((exposure) => showExposure(exposure, vault)),
    deliveries: deliveries.map(showDelivery),
  };
}

const NOTHING: ExposureData = { last4: null, issuer: null, firstUse: null, lastUse: null };

function showExposure({ sealed, ...rest }: PersonExposure, vault: IncidentVault): Static<typeof Exposure> {
  return { ...rest, ...(sealed ? vault.openJson<ExposureData>('exposure', sealed) : NOTHING) };
}

function showDelivery(row: Awaited<ReturnType<typeof deliveriesOf>>[number]): Static<typeof Delivery> {
  return {
    ...{ id: row.id, noticeId: row.notice_id, template: row.template, channel: row.channel as 'email' | 'letter' },
    ...{ generation: row.generation, state: row.state, class: row.class, code: row.code, reason: row.reason },
    ...{ attempts: row.attempt, updatedAt: row.updated_at.toISOString() },
    events: row.events.map((event) => ({
      ...{ at: event.at.toISOString(), from: event.from_state, to: event.to_state, attempt: event.attempt },
      ...{ class: event.class, code: event.code, reason: event.reason },
    })),
  };
}
