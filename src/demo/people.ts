import { DEFERRING_DOMAIN, REFUSING_DOMAIN } from '../catcher/recipient-rules.ts';
import { GIVEN_NAMES, SURNAMES, SURNAMES_BEYOND_CP932, SURNAMES_VARIANT } from './name-tables.ts';
import { BUILDINGS, PLACES, type Place } from './places.ts';
import { makeRandom, type Random } from './random.ts';

/** Somebody who does not exist. */
export interface DemoPerson {
  index: number;
  family: string;
  given: string;
  /** Katakana. */
  familyKana: string;
  givenKana: string;
  place: Place;
  /** House number and building. */
  street: string;
  /** Undefined for one in twenty-five. Always at a reserved domain (RFC 2606; JPRS's example names). */
  email: string | undefined;
  /** Begins with 000, which is nobody's prefix. */
  phone: string;
  /** The family name can be written in CP932. */
  inCp932: boolean;
}

const DOMAINS = [
  'example.jp',
  'example.com',
  'example.ne.jp',
  'example.co.jp',
  'example.org',
  'mail.example',
  'post.example',
];

/** The person with this number in the crowd of this seed: the same one whenever asked. */
export function demoPerson(seed: number, index: number): DemoPerson {
  const random = makeRandom(seed, index);
  const rarity = random.below(1000);
  const surnames = rarity < 4 ? SURNAMES_BEYOND_CP932 : rarity < 64 ? SURNAMES_VARIANT : SURNAMES;
  const [family, familyKana] = random.pick(surnames);
  const [given, givenKana] = random.pick(GIVEN_NAMES);
  return {
    index,
    family,
    given,
    familyKana,
    givenKana,
    place: random.pick(PLACES),
    street: street(random),
    email: email(random, index),
    phone: `000-0000-${String(index % 10000).padStart(4, '0')}`,
    inCp932: rarity >= 4,
  };
}

/** Block numbers from 90 on: hardly a town has so many, so hardly an address exists. */
function street(random: Random): string {
  const number = `${1 + random.below(9)}-${90 + random.below(100)}-${1 + random.below(30)}`;
  if (random.below(10) >= 4) return number;
  return `${number} ${random.pick(BUILDINGS)}${101 + 100 * random.below(8) + random.below(6)}号室`;
}

function email(random: Random, index: number): string | undefined {
  const kind = random.below(100);
  // Drawn always, so that the kind of one address does not change what comes after it.
  const local = `${random.pick(LOCAL_WORDS)}${random.pick(['.', '_', '-', ''])}${String(index).padStart(5, '0')}`;
  const domain = random.pick(DOMAINS);
  if (kind < 4) return undefined;
  if (kind === 4) return `${local}@${REFUSING_DOMAIN}`;
  if (kind === 5) return `${local}@${DEFERRING_DOMAIN}`;
  return `${local}@${domain}`;
}

const LOCAL_WORDS = [
  'taro',
  'hanako',
  'sakura',
  'ken',
  'yuki',
  'mai',
  'sora',
  'hikari',
  'neko',
  'fuji',
  'umi',
  'k.s',
  'a.t',
];
