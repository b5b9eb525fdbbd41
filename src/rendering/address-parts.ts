/** The lines of an address before they are broken, in the order of its country. */
import { addressee } from './addressee.ts';
import { oneLine } from './slots.ts';
import type { NoticeLocale, RenderPerson } from './types.ts';

/** Countries that write the postal code after the town on its line (UPU S42), and those that write it before. */
const CODE_AFTER_TOWN = new Set(['US', 'CA', 'AU']);
const CODE_BEFORE_TOWN = new Set([
  'AT',
  'BE',
  'CH',
  'CZ',
  'DE',
  'DK',
  'ES',
  'FI',
  'FR',
  'IT',
  'LI',
  'LU',
  'NL',
  'NO',
  'PL',
  'PT',
  'SE',
  'SK',
]);

/**
 * The line that surely names the town, which is written in capitals (Royal Mail; USPS Publication 28): words alone, which
 * in the United States end in a state.
 */
const TOWN: Record<string, RegExp> = {
  GB: /^[A-Za-z][A-Za-z .'()&-]*$/,
  US: /^[A-Za-z][A-Za-z .'-]*,? (A[KLRSZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOPST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY])$/i,
};

const TO_ORGANISATION = ' 御中';

/** Joiners, fillers, places where a line may break, marks of direction: they come with pasted text, and no font has them. */
const UNSEEN = /[\u00AD\u115F\u1160\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0]/g;

/**
 * In Japan: postal code, address, company, name. Elsewhere: name first and country last, which letters within the
 * country do not name (UPU S42, USPS Publication 28).
 * @param postedIn the country in which the letters are posted, ISO 3166-1 alpha-2
 */
export function addressParts(locale: NoticeLocale, given: RenderPerson, postedIn: string): string[] {
  const person = asSeen(given);
  const { name, organisation } = addressed(locale, person);
  const country = person.country === postedIn ? '' : countryName(person.country);
  const parts =
    person.country === 'JP' && postedIn === 'JP'
      ? [japanesePostalCode(person.postalCode ?? ''), ...person.addressLines, organisation, name]
      : [name, organisation, ...placeLines(person), country];
  return parts.map((line) => composed(oneLine(line ?? ''))).filter((line) => line !== '');
}

/** A text without the characters that come with pasted text and are not seen. */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, '');
}

/** A name of which nothing is seen stays, and no font has it: nobody is written to as 様 alone. */
function asSeen(person: RenderPerson): RenderPerson {
  const { name, company, department, postalCode, addressLines } = person;
  return {
    ...person,
    name: withoutUnseen(name).trim() || name,
    company: company && withoutUnseen(company),
    department: department && withoutUnseen(department),
    postalCode: postalCode && withoutUnseen(postalCode),
    addressLines: addressLines.map(withoutUnseen),
  };
}

/** Company and department on one line, which breaks between the two when it must, and the addressee. */
function addressed(locale: NoticeLocale, person: RenderPerson): { name: string; organisation: string } {
  const name = addressee(locale, person);
  const { company, department } = person;
  // A department is addressed in its company's stead: 株式会社見本　総務部 御中.
  if (department && name.endsWith(TO_ORGANISATION) && !name.startsWith(department)) {
    const [whole, at] = [name.slice(0, -TO_ORGANISATION.length), company ?? ''];
    return {
      organisation: at === '' || whole.startsWith(at) ? whole : `${at}　${whole}`,
      name: department + TO_ORGANISATION,
    };
  }
  const parts = [company, department].filter((part) => part !== null && !name.startsWith(part));
  return { name, organisation: parts.join(locale === 'ja' ? '　' : ', ') };
}

/** Address lines with the postal code where the country wants it, once. */
function placeLines({ country, postalCode, addressLines }: RenderPerson): string[] {
  const code = oneLine(country === 'JP' ? japanesePostalCode(postalCode ?? '') : (postalCode ?? ''));
  const lines = townInCapitals(
    country,
    addressLines.filter((line) => oneLine(line) !== ''),
    code,
  );
  const town = lines.at(-1);
  if (code === '' || lines.some((line) => line.includes(code))) return lines;
  if (town !== undefined && CODE_AFTER_TOWN.has(country)) return [...lines.slice(0, -1), `${town} ${code}`];
  if (town !== undefined && CODE_BEFORE_TOWN.has(country)) return [...lines.slice(0, -1), `${code} ${town}`];
  return [...lines, code];
}

/** Of an address in one line nobody knows whether it is the town. */
function townInCapitals(country: string, lines: string[], code: string): string[] {
  const last = lines.at(-1);
  if (last === undefined || lines.length < 2 || code === '') return lines;
  const town = oneLine(last.endsWith(code) ? last.slice(0, -code.length) : last);
  return TOWN[country]?.test(town) ? [...lines.slice(0, -1), last.toUpperCase()] : lines;
}

function japanesePostalCode(postalCode: string): string {
  const digits = postalCode.replace(/\D/g, '');
  return digits.length === 7 ? `〒${digits.slice(0, 3)}-${digits.slice(3)}` : postalCode;
}

function countryName(country: string): string {
  return (new Intl.DisplayNames('en', { type: 'region' }).of(country) ?? country).toUpperCase();
}

/** Kana and European letters with marks of their own (か + ゛) become one character; Han stays untouched, form and all. */
function composed(text: string): string {
  return text.replace(
    /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]\p{Mn}+/gu,
    (run) => run.normalize('NFC'),
  );
}
