/** What stands on a person's letter, measured: the lines of the address in the window and the person's own block. */

import { formatReference } from '../intake/persons/reference.ts';
import { addressee } from './addressee.ts';
import { listExposures } from './exposures.ts';
import { missingGlyphs, widthInEm } from './glyph-table.ts';
import { type AddressSize, type LetterProfile, letterProfile } from './letter-profile.ts';
import { oneLine } from './slots.ts';
import type { GlyphTable, LetterProblem, NoticeLocale, PreparedLetter, RenderPerson } from './types.ts';

/** All that the typesetter is told about one person; equal data print equal pages. */
export interface LetterData {
  reference: string;
  address: { lines: string[]; size: AddressSize };
  exposures: string[];
}

const MM_PER_PT = 25.4 / 72;

/** The letter's personal part, or why it cannot be printed. Pure. */
export function layOutLetter(
  prepared: Pick<PreparedLetter, 'locale' | 'listsExposures' | 'fonts'>,
  person: RenderPerson,
): LetterData | LetterProblem {
  if (person.addressLines.every((line) => oneLine(line) === '')) {
    return { reason: 'no_address', detail: 'No address line.' };
  }
  const profile = letterProfile(prepared.listsExposures);
  const parts = addressParts(prepared.locale, person);
  const reference = formatReference(person.reference);
  const exposures = prepared.listsExposures ? exposureLines(prepared.locale, profile, person) : [];
  const missing = missingGlyphs(prepared.fonts.sans, [...parts, reference, ...exposures].join(''));
  if (missing.length > 0) return { reason: 'missing_glyph', detail: missing.join(', ') };

  const address = fitAddress(prepared.fonts.sans, profile, parts);
  if (address === null || !exposuresFit(prepared.fonts.sans, profile, exposures)) {
    return { reason: 'does_not_fit', detail: address === null ? 'Address block.' : 'List of exposures.' };
  }
  return { reference, address, exposures };
}

export function isLetterProblem(layout: LetterData | LetterProblem): layout is LetterProblem {
  return 'reason' in layout;
}

/** Lines before wrapping. In Japan: postcode, address, company, name; abroad: name first, country last (UPU S42). */
function addressParts(locale: NoticeLocale, person: RenderPerson): string[] {
  const name = addressee(locale, person);
  // On one line, which breaks between the two when it must.
  const organisation = [person.company, person.department]
    .filter((part) => part !== null && !name.startsWith(part))
    .join(locale === 'ja' ? '　' : ', ');
  const postalCode = person.postalCode ?? '';
  const parts =
    person.country === 'JP'
      ? [japanesePostalCode(postalCode), ...person.addressLines, organisation, name]
      : [name, organisation, ...person.addressLines, postalCode, countryName(person.country)];
  return parts.map((line) => composed(oneLine(line ?? ''))).filter((line) => line !== '');
}

function japanesePostalCode(postalCode: string): string {
  const digits = postalCode.replace(/\D/g, '');
  return digits.length === 7 ? `〒${digits.slice(0, 3)}-${digits.slice(3)}` : postalCode;
}

function countryName(country: string): string {
  return (new Intl.DisplayNames('en', { type: 'region' }).of(country) ?? country).toUpperCase();
}

/** Kana and Latin letters with marks of their own (か + ゛) become one character; Han stays untouched, form and all. */
function composed(text: string): string {
  return text.replace(/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Latin}]\p{Mn}+/gu, (run) =>
    run.normalize('NFC'),
  );
}

/** The largest type size at which everything fits; null when even the smallest is too large. */
function fitAddress(glyphs: GlyphTable, profile: LetterProfile, parts: string[]): LetterData['address'] | null {
  const { width, height, sizes } = profile.address;
  for (const size of sizes) {
    const lines = parts.flatMap((part) => wrap(glyphs, part, width / (size.pt * MM_PER_PT)));
    const heightMm = ((lines.length - 1) * size.step + 1) * size.pt * MM_PER_PT;
    if (heightMm <= height) return { lines, size };
  }
  return null;
}

/** Breaks at the last space when the line holds one late enough, else between characters. */
function wrap(glyphs: GlyphTable, text: string, widthEm: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (widthInEm(glyphs, rest) > widthEm) {
    const fitting = longestFit(glyphs, rest, widthEm);
    const space = fitting.search(/[ \u3000][^ \u3000]*$/u);
    const cut = space > fitting.length / 3 ? space : fitting.length;
    if (cut === 0) break;
    lines.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  return [...lines, rest];
}

function longestFit(glyphs: GlyphTable, text: string, widthEm: number): string {
  let fitting = '';
  // Whole graphemes: a variation selector stays with its base.
  for (const { segment } of new Intl.Segmenter('ja').segment(text)) {
    if (widthInEm(glyphs, fitting + segment) > widthEm) break;
    fitting += segment;
  }
  return fitting;
}

const EXPOSURE_SIZE_PT = 9.5;

function exposureLines(locale: NoticeLocale, profile: LetterProfile, person: RenderPerson): string[] {
  const lines = listExposures(locale, person.exposures).map(oneLine);
  const places = profile.own.columns * profile.own.rows;
  if (lines.length <= places) return lines;
  const more = lines.length - places + 1;
  return [...lines.slice(0, places - 1), locale === 'ja' ? `ほか${more}件` : `and ${more} more`];
}

function exposuresFit(glyphs: GlyphTable, profile: LetterProfile, lines: string[]): boolean {
  const widthEm = (profile.own.columnWidth - 2) / (EXPOSURE_SIZE_PT * MM_PER_PT);
  return lines.every((line) => widthInEm(glyphs, line) <= widthEm);
}
