import type { Suppression } from '../delivery/suppressions.store.ts';
import { type ErrorCode, errorCodes } from '../errors.ts';
import type { PersonData } from '../intake/persons/person-data.ts';
import { emailProblems, emailSlots, fillEmail } from '../rendering/email.ts';
import { letterInputs, letterProblem } from '../rendering/letter.ts';
import type { Exposure, NoticeLocale } from '../rendering/types.ts';
import type { IncidentVault } from '../vault/vault.ts';
import { type AddressKeys, addressKeys } from './address-keys.ts';
import { emailHash, letterHash } from './content-hash.ts';
import type { AudiencePerson, SnapshotDelivery, SnapshotPerson } from './freeze-notice.store.ts';
import { type FrozenPerson, freezePerson, localeFor } from './frozen-person.ts';
import { type ChannelPolicy, firstOutcome, planDeliveries, usesEmail, usesLetter } from './plan-deliveries.ts';
import type { NoticeRenderings, NoticeSnapshot } from './renderings.ts';

export interface PersonProblem {
  code: string;
  where: string;
  message: string;
}

export interface FrozenOne {
  person: SnapshotPerson;
  deliveries: SnapshotDelivery[];
  emailHash: Buffer | null;
  problems: PersonProblem[];
}

interface Context {
  frozen: NoticeSnapshot;
  renderings: NoticeRenderings;
  incidentVault: IncidentVault;
  /** By the keys of addresses: those that have failed for good. */
  suppressions: ReadonlyMap<string, Suppression>;
  /** Whether letters in a language weigh more than they may. */
  tooHeavy(locale: NoticeLocale): Promise<boolean>;
}

/** A person of the audience, opened: what of them goes into the snapshot. */
export interface OpenedPerson {
  person: AudiencePerson;
  frozen: FrozenPerson;
  /** Null for whoever has no email. */
  address: AddressKeys | null;
}

export function openPerson(person: AudiencePerson, vault: IncidentVault): OpenedPerson {
  const data = vault.openJson<PersonData>('person', person.sealed);
  const frozen = freezePerson(person.reference, data, openExposures(person, vault));
  return { person, frozen, address: frozen.email === null ? null : addressKeys(frozen.email, vault) };
}

/** Renders and checks one person, seals the copy, and plans their deliveries. */
export async function freezeOne(opened: OpenedPerson, policy: ChannelPolicy, context: Context): Promise<FrozenOne> {
  const { person, frozen, address } = opened;
  const { renderings, incidentVault } = context;
  const locale = localeFor(person.locale, context.frozen.locale, renderings.locales);
  const problems: PersonProblem[] = [];
  let email: Buffer | null = null;
  let emailProblem: string | null = null;
  if (frozen.email !== null && usesEmail(policy)) {
    const prepared = await renderings.email(locale);
    email = emailHash(prepared, emailSlots(prepared, frozen.render));
    const [first] = emailProblems(fillEmail(prepared, frozen.render));
    emailProblem = first?.code ?? null;
    if (first) problems.push({ code: first.code, where: `email ${first.where}`, message: first.message });
    const suppression = address ? context.suppressions.get(address.key) : undefined;
    emailProblem ??= suppression?.reason ?? null;
    if (suppression) problems.push(suppressedProblem(suppression, context.frozen.timeZone));
  }
  let letter: Buffer | null = null;
  let unprintable: ErrorCode | null = null;
  if (usesLetter(policy)) {
    const prepared = renderings.letter(locale);
    letter = letterHash(prepared, letterInputs(prepared, frozen.render));
    unprintable = letterProblem(prepared, frozen.render)?.reason ?? null;
    if (unprintable === null && (await context.tooHeavy(locale))) unprintable = 'too_heavy';
    if (unprintable) problems.push({ code: unprintable, where: 'letter', message: errorCodes[unprintable][1] });
  }
  const planned = person.excluded
    ? []
    : planDeliveries(policy, { hasEmail: frozen.email !== null, emailProblem, letterProblem: unprintable });
  const start = person.excluded ? { outcome: 'excluded', cause: person.excluded } : firstOutcome(planned);
  return {
    person: {
      ...{
        personId: person.id,
        reference: person.reference,
        locale,
        sealed: incidentVault.sealJson('notice-person', frozen),
      },
      ...{ letterHash: letter, letterProblem: unprintable, ...start },
    },
    deliveries: planned.map((delivery) => ({
      ...{ personId: person.id, channel: delivery.channel, state: delivery.state, reason: delivery.reason },
      ...(delivery.channel === 'email' ? { contentHash: email, address } : { contentHash: letter, address: null }),
    })),
    emailHash: email,
    problems: person.excluded ? [] : problems,
  };
}

/** One line of the notice's problems for each reason and day: what differs is told apart by its place. */
function suppressedProblem({ reason, at }: Suppression, timeZone: string): PersonProblem {
  // The Swedish way to write a date is that of ISO 8601.
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);
  const message = `The address has failed for good on ${day} (${reason}): the email is suppressed.`;
  return { code: 'address_suppressed' satisfies ErrorCode, where: `email ${reason} ${day}`, message };
}

function openExposures(person: AudiencePerson, vault: IncidentVault): Exposure[] {
  return person.exposures.map(({ kind, units, brand, sealed }) => ({
    ...{ kind, units, brand },
    last4: sealed ? (vault.openJson<{ last4?: string | null }>('exposure', sealed).last4 ?? null) : null,
  }));
}
