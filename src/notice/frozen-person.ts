import { addressOf, emailFor, type PersonData } from '../intake/persons/person-data.ts';
import type { Exposure, NoticeLocale, RenderPerson } from '../rendering/types.ts';

/** A person as copied into a notice's snapshot. Sealed; corrections made afterwards do not touch it. */
export interface FrozenPerson {
  /** Where the email goes: the address of the latest use. */
  email: string | null;
  render: RenderPerson;
}

/** Copies what is printed and addressed. */
export function freezePerson(reference: string, data: PersonData, exposures: Exposure[]): FrozenPerson {
  const address = addressOf(data);
  return {
    email: emailFor(data),
    render: {
      reference,
      name: data.name,
      honorific: data.honorific,
      company: data.company,
      department: data.department,
      postalCode: address?.postalCode ?? null,
      addressLines: address?.addressLines ?? [],
      country: address?.country ?? data.country,
      exposures,
    },
  };
}

/** The language a person is told in: their own where the template has it, else the incident's. */
export function localeFor(
  own: string | null,
  incident: NoticeLocale,
  available: ReadonlySet<NoticeLocale>,
): NoticeLocale {
  return own !== null && available.has(own as NoticeLocale) ? (own as NoticeLocale) : incident;
}
