/** What is known of a person: the sealed JSON of `persons.sealed`. Everything in it is personal data: never log it. */
export interface PersonData {
  /** As it came, trimmed: never normalised, because normalising changes kanji of real names. */
  name: string;
  kana: string | null;
  honorific: string | null;
  company: string | null;
  department: string | null;
  emails: PersonEmail[];
  phone: string | null;
  /** Seven digits for Japan; as the country writes it elsewhere. */
  postalCode: string | null;
  /** Empty when no usable address is known. */
  addressLines: string[];
  /** ISO 3166-1 alpha-2. */
  country: string;
  externalIds: ExternalId[];
  /** `ja` or `en` when the list said so; null: the incident's. */
  locale: string | null;
  /** `YYYY-MM-DD`. */
  birth: string | null;
  minor: boolean;
  deceased: boolean;
}

export interface PersonEmail {
  address: string;
  /** Last use known, `YYYY-MM-DD`. */
  lastUse: string | null;
  /** An operator set it: it goes before any date of use. */
  chosen?: true;
}

/** The number of a person in one source system; numbers of different sources never mean the same person. */
export interface ExternalId {
  source: string;
  id: string;
}

/** What is known of an exposure beside its kind, units and brand: the sealed JSON of `exposures.sealed`. */
export interface ExposureData {
  last4: string | null;
  /** What the list calls the card's company when that is no brand we know. */
  issuer: string | null;
  /** `YYYY-MM-DD`. */
  firstUse: string | null;
  lastUse: string | null;
}

export interface PostalAddress {
  postalCode: string | null;
  addressLines: string[];
  country: string;
}

/**
 * The one address that gets mail: an operator's choice, else that of the latest use.
 * Addresses used on the same day, or on no known day, are told apart by their spelling, so that the order in which
 * lists came does not matter.
 */
export function emailFor(person: Pick<PersonData, 'emails'>): string | null {
  return person.emails.toSorted(byPreference)[0]?.address ?? null;
}

function byPreference(a: PersonEmail, b: PersonEmail): number {
  if (a.chosen !== b.chosen) return a.chosen ? -1 : 1;
  if (a.lastUse !== b.lastUse) return (a.lastUse ?? '') > (b.lastUse ?? '') ? -1 : 1;
  return a.address < b.address ? -1 : a.address > b.address ? 1 : 0;
}

/** The postal address, or null when none is usable: lists keep unusable ones in their rows only. */
export function addressOf(person: Pick<PersonData, 'postalCode' | 'addressLines' | 'country'>): PostalAddress | null {
  if (person.addressLines.length === 0) return null;
  return { postalCode: person.postalCode, addressLines: person.addressLines, country: person.country };
}

/**
 * Joins what two lists say of one person. What `known` says stays (an operator may have corrected it); `added` fills
 * the gaps. An address is taken whole, never mixed of two. Emails and external ids are united.
 */
export function joinPersons(known: PersonData, added: PersonData): PersonData {
  const place = known.addressLines.length > 0 || added.addressLines.length === 0 ? known : added;
  return {
    name: known.name,
    kana: known.kana ?? added.kana,
    honorific: known.honorific ?? added.honorific,
    company: known.company ?? added.company,
    department: known.company === null ? (added.department ?? known.department) : known.department,
    emails: uniteEmails(known.emails, added.emails),
    phone: known.phone ?? added.phone,
    postalCode: place.postalCode,
    addressLines: place.addressLines,
    country: place.country,
    externalIds: uniteIds(known.externalIds, added.externalIds),
    locale: known.locale ?? added.locale,
    birth: known.birth ?? added.birth,
    minor: known.minor || added.minor,
    deceased: known.deceased || added.deceased,
  };
}

function uniteEmails(known: readonly PersonEmail[], added: readonly PersonEmail[]): PersonEmail[] {
  const byAddress = new Map<string, PersonEmail>();
  for (const email of [...known, ...added]) {
    const folded = email.address.toLowerCase();
    const other = byAddress.get(folded);
    byAddress.set(folded, other ? laterUse(other, email) : email);
  }
  return [...byAddress.values()];
}

// One mailbox in two spellings: the spelling of the later use; at a tie, the smaller in code points.
function laterUse(a: PersonEmail, b: PersonEmail): PersonEmail {
  const first = byPreference(a, b) <= 0 ? a : b;
  const chosen = a.chosen || b.chosen ? ({ chosen: true } as const) : {};
  const lastUse = (a.lastUse ?? '') > (b.lastUse ?? '') ? a.lastUse : b.lastUse;
  return { address: first.address, lastUse, ...chosen };
}

function uniteIds(known: readonly ExternalId[], added: readonly ExternalId[]): ExternalId[] {
  const isKnown = (id: ExternalId) => known.some((other) => other.source === id.source && other.id === id.id);
  return [...known, ...added.filter((id) => !isKnown(id))];
}
