import Type, { type Static } from 'typebox';
import type { Mark as PersonMark } from '../../intake/persons/marks.store.ts';
import type { PersonRow } from '../../intake/persons/person.store.ts';
import type { PersonChange } from '../../intake/persons/person-changes.store.ts';
import type { ExposureData, PersonData } from '../../intake/persons/person-data.ts';
import type { deliveriesOf, PersonExposure } from '../../intake/persons/person-desk.store.ts';
import type { rowNamesOf } from '../../intake/persons/person-rows.store.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import { isBelieved } from '../../reporting/stats.ts';
import type { DeliveryReport } from '../../tracking/delivery-reports.store.ts';
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
const Report = Type.Object({
  ...{ kind: Type.String(), class: Text, status: Text, rule: Type.String(), matchedBy: Type.String() },
  reportId: Type.String({ description: 'The first report that said so; operators read it at /v1/reports/{id}.' }),
  forwarded: Type.Boolean({ description: 'It speaks of another address, to which the mail was forwarded.' }),
  applied: Type.Boolean({ description: 'It changed the state of the delivery.' }),
  ...{ seen: Type.Integer(), firstAt: Time, lastAt: Time },
});
const Delivery = Type.Object({
  ...{ id: Type.String(), noticeId: Type.String(), template: Type.String(), channel: OneOf('email', 'letter') },
  ...{ generation: Type.Integer(), state: Type.String(), class: Text, code: Text, reason: Text },
  trackingNumber: Nullable(Type.String({ description: 'What the post calls the letter.' })),
  replacedBy: Nullable(Type.String({ description: 'The delivery by which the letter was printed again.' })),
  ...{ attempts: Type.Integer(), updatedAt: Time, events: Type.Array(Event) },
  believed: Nullable(
    Type.Unsafe<'lasting' | 'provisional'>({
      ...OneOf('lasting', 'provisional'),
      description:
        'Of a submitted email: nothing has been heard of it for 120 hours, or it may still come back. Only `confirmed` has a receipt.',
    }),
  ),
  reports: Type.Array(Report, { description: 'What mail systems reported of it afterwards, each thing once.' }),
});

const Mark = Type.Object({
  kind: OneOf('already_notified', 'exclude', 'hold'),
  ...{ listId: Type.String(), source: Type.String(), line: Type.Integer(), releaseOn: Text },
  overdue: Type.Boolean({ description: 'The release day has passed, and nobody has decided.' }),
  endedAt: Nullable(Time),
});

const Row = Type.Object({ listId: Type.String(), line: Type.Integer(), outcome: OneOf('accepted', 'merged') });
const Change = Type.Object({
  ...{ id: Type.String(), kind: OneOf('merge', 'split', 'correct', 'exclude'), at: Time },
  personId: Type.String({ description: 'Whom it changed; where two are one now, it may be the other.' }),
  otherId: Nullable(Type.String({ description: 'Of a merge, who was merged away; of a split, who came out.' })),
  by: Nullable(Type.String({ description: 'The user; null: a list brought it about.' })),
  ...{ listId: Text, reason: Text, undoneAt: Nullable(Time), undoneBy: Text, undoneReason: Text },
});

/** All that is known of a person. */
export const Person = Type.Object({
  ...{ id: Type.String(), incidentId: Type.String(), reference: Type.String(), name: Type.String(), kana: Text },
  ...{ honorific: Text, company: Text, department: Text, phone: Text, locale: Text },
  ...{ birth: Text, minor: Type.Boolean(), deceased: Type.Boolean() },
  emails: Type.Array(Type.Object({ address: Type.String(), lastUse: Text, chosen: Type.Boolean() })),
  address: Nullable(Type.Object({ postalCode: Text, lines: Type.Array(Type.String()), country: Type.String() })),
  externalIds: Type.Array(Type.Object({ source: Type.String(), id: Type.String() })),
  excluded: Nullable(Type.Object({ at: Time, reason: Type.String() })),
  version: Type.Integer(),
  marks: Type.Array(Mark, { description: 'What lists say of them, also what was ended.' }),
  ...{ exposures: Type.Array(Exposure), deliveries: Type.Array(Delivery) },
  privacyFlags: Type.Array(OneOf('owner_changed'), {
    description: 'A mail system says that an address of theirs belongs to somebody else now.',
  }),
  rows: Type.Array(Row, { description: 'All that lists say of them, with exposures and without.' }),
  changes: Type.Array(Change, { description: 'What was merged, split, corrected and excluded; the newest first.' }),
});

export function showFound(row: PersonRow, vault: IncidentVault): Static<typeof FoundPerson> {
  const { name, kana } = vault.openJson<PersonData>('person', row.sealed);
  return { id: row.id, reference: formatReference(row.reference), name, kana, excluded: row.excluded_at !== null };
}

/** What is known of a person beside their data. */
export interface PersonFile {
  exposures: PersonExposure[];
  deliveries: Awaited<ReturnType<typeof deliveriesOf>>;
  /** By the ids of the deliveries. */
  reports: ReadonlyMap<string, DeliveryReport[]>;
  marks: PersonMark[];
  rows: Awaited<ReturnType<typeof rowNamesOf>>;
  changes: PersonChange[];
}

export function showPerson(
  row: PersonRow,
  vault: IncidentVault,
  { exposures, deliveries, reports, marks, rows, changes }: PersonFile,
): Static<typeof Person> {
  const data = vault.openJson<PersonData>('person', row.sealed);
  const { name, kana, honorific, company, department, phone, locale, externalIds, birth, minor, deceased } = data;
  return {
    ...{ id: row.id, incidentId: row.incident_id, reference: formatReference(row.reference), version: row.version },
    ...{ name, kana, honorific, company, department, phone, locale, externalIds, birth, minor, deceased },
    emails: data.emails.map(({ address, lastUse, chosen }) => ({ address, lastUse, chosen: chosen === true })),
    address: showAddress(data),
    excluded: row.excluded_at && {
      at: row.excluded_at.toISOString(),
      reason: row.excluded_reason_sealed ? vault.open('reason', row.excluded_reason_sealed).toString() : '',
    },
    marks: marks.map(({ endedAt, ...mark }) => ({ ...mark, endedAt: endedAt?.toISOString() ?? null })),
    exposures: exposures.map((exposure) => showExposure(exposure, vault)),
    deliveries: deliveries.map((delivery) => showDelivery(delivery, reports.get(delivery.id) ?? [])),
    privacyFlags: flagsOf(deliveries, reports),
    rows: rows.map(({ outcome, ...of }) => ({ ...of, outcome: outcome as 'accepted' | 'merged' })),
    changes: changes.map(({ at, undoneAt, ...change }) => ({
      ...{ ...change, at: at.toISOString(), undoneAt: undoneAt?.toISOString() ?? null },
    })),
  };
}

/** The postal address of a person, as it is answered. */
export function showAddress({ postalCode, addressLines, country }: PersonData) {
  return addressLines.length === 0 ? null : { postalCode, lines: addressLines, country };
}

const NOTHING: ExposureData = { last4: null, issuer: null, firstUse: null, lastUse: null };

function showExposure({ sealed, ...rest }: PersonExposure, vault: IncidentVault): Static<typeof Exposure> {
  return { ...rest, ...(sealed ? vault.openJson<ExposureData>('exposure', sealed) : NOTHING) };
}

function flagsOf(deliveries: PersonFile['deliveries'], reports: PersonFile['reports']): 'owner_changed'[] {
  const classes = [...deliveries, ...[...reports.values()].flat()].map((one) => one.class);
  return classes.includes('owner_changed') ? ['owner_changed'] : [];
}

const believedOf = (submittedAt: Date) => (isBelieved(submittedAt, new Date()) ? 'lasting' : 'provisional');

function showDelivery(row: PersonFile['deliveries'][number], reports: DeliveryReport[]): Static<typeof Delivery> {
  return {
    ...{ id: row.id, noticeId: row.notice_id, template: row.template, channel: row.channel as 'email' | 'letter' },
    ...{ generation: row.generation, state: row.state, class: row.class, code: row.code, reason: row.reason },
    ...{ trackingNumber: row.tracking_number, replacedBy: row.replaced_by },
    ...{ attempts: row.attempt, updatedAt: row.updated_at.toISOString() },
    believed: row.channel === 'email' && row.state === 'submitted' ? believedOf(row.updated_at) : null,
    events: row.events.map((event) => ({
      ...{ at: event.at.toISOString(), from: event.from_state, to: event.to_state, attempt: event.attempt },
      ...{ class: event.class, code: event.code, reason: event.reason },
    })),
    reports: reports.map(({ firstAt, lastAt, ...report }) => ({
      ...{ ...report, firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString() },
    })),
  };
}
