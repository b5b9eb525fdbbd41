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

const TO_ORGANISATION = ' 御中';

/** Places where a line may break, and marks of direction: they come with pasted text, are not seen, and no font has them. */
const UNSEEN = /[\u00AD\u200B\u200E\u200F\u2060]/g;

/**
 * In Japan: postal code, address, company, name. Elsewhere: name first and country last, which letters within the
 * country do not name (UPU S42, USPS Publication 28).
 * @param postedIn the country in which the letters are posted, ISO 3166-1 alpha-2
 */
export function addressParts(locale: NoticeLocale, person: RenderPerson, postedIn: string): string[] {
  const { name, organisation } = addressed(locale, person);
  const country = person.country === postedIn ? '' : countryName(person.country);
  const parts =
    person.country === 'JP' && postedIn === 'JP'
      ? [japanesePostalCode(person.postalCode ?? ''), ...person.addressLines, organisation, name]
      : [name, organisation, ...placeLines(person), country];
  return parts.map((line) => composed(oneLine(line ?? '').replace(UNSEEN, ''))).filter((line) => line !== '');
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
  const lines = addressLines.filter((line) => oneLine(line) !== '');
  const code = oneLine(country === 'JP' ? japanesePostalCode(postalCode ?? '') : (postalCode ?? ''));
  const town = lines.at(-1);
  if (code === '' || lines.some((line) => line.includes(code))) return lines;
  if (town !== undefined && CODE_AFTER_TOWN.has(country)) return [...lines.slice(0, -1), `${town} ${code}`];
  if (town !== undefined && CODE_BEFORE_TOWN.has(country)) return [...lines.slice(0, -1), `${code} ${town}`];
  return [...lines, code];
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
