/** What stands on a person's letter, measured: the lines of the address in the window and the person's own block. */

import { formatReference } from '../intake/persons/reference.ts';
import { addressParts } from './address-parts.ts';
import type { Bar, Barcode } from './barcode/types.ts';
import { listExposures } from './exposures.ts';
import { missingGlyphs, widthInEm } from './glyph-table.ts';
import type { AddressSize, LetterProfile } from './letter-profile.ts';
import { breakLines } from './line-breaking.ts';
import { oneLine } from './slots.ts';
import type { GlyphTable, LetterProblem, NoticeLocale, PreparedLetter, RenderPerson } from './types.ts';

/** Bars with the place of their upper left corner, mm. */
export interface PlacedBars {
  x: number;
  y: number;
  width: number;
  height: number;
  bars: Bar[];
}

/** All that the typesetter is told about one person; equal data print equal pages. */
export interface LetterData {
  reference: string;
  address: { lines: string[]; size: AddressSize };
  /** For the post, below the address on the first page; null: none. `data`: as in the manifest. */
  barcode: (PlacedBars & Pick<Barcode, 'kind' | 'data'>) | null;
  exposures: string[];
}

const MM_PER_PT = 25.4 / 72;
/**
 * Nothing may be nearer to a barcode, not even the window's edge: 2 mm (Japan Post, 郵便番号・バーコードマニュアル,
 * p. 13), and 1/8 inch at the sides of an American one (DMM 204).
 */
const BARCODE_CLEAR = 2;
const AMERICAN_CLEAR = 3.2;

/** The letter's personal part, or why it cannot be printed. Pure. */
export function layOutLetter(
  prepared: Pick<PreparedLetter, 'locale' | 'listsExposures' | 'fonts' | 'profile' | 'barcode'>,
  person: RenderPerson,
): LetterData | LetterProblem {
  if (person.addressLines.every((line) => oneLine(line) === '')) {
    return { reason: 'no_address', detail: 'No address line.' };
  }
  const { profile } = prepared;
  const parts = addressParts(prepared.locale, person, profile.postedIn);
  const reference = formatReference(person.reference);
  const exposures = prepared.listsExposures ? exposureLines(prepared.locale, profile, person) : [];
  const missing = missingGlyphs(prepared.fonts.sans, [...parts, reference, ...exposures].join(''));
  if (missing.length > 0) return { reason: 'missing_glyph', detail: missing.join(', ') };

  const bars = prepared.barcode(person, barcodeRoom(profile, person.country).width);
  const placed = fitAddress(prepared.fonts.sans, profile, parts, 'none' in bars ? null : bars);
  if (placed === null || !exposuresFit(prepared.fonts.sans, profile, exposures)) {
    return { reason: 'does_not_fit', detail: placed === null ? 'Address block.' : 'List of exposures.' };
  }
  return { reference, address: placed.address, barcode: placed.barcode, exposures };
}

export function isLetterProblem(layout: LetterData | LetterProblem): layout is LetterProblem {
  return 'reason' in layout;
}

/**
 * The largest type size at which everything fits; null when even the smallest is too large. The barcode is worth a
 * smaller size, and never a letter: where it has no room it is left out.
 */
function fitAddress(
  glyphs: GlyphTable,
  profile: LetterProfile,
  parts: string[],
  bars: Barcode | null,
): Pick<LetterData, 'address' | 'barcode'> | null {
  const { width, height, sizes } = profile.address;
  let without: Pick<LetterData, 'address' | 'barcode'> | null = null;
  for (const size of sizes) {
    const lines = parts.flatMap((part) => breakLines(glyphs, part, width / (size.pt * MM_PER_PT)));
    const used = ((lines.length - 1) * size.step + 1) * size.pt * MM_PER_PT;
    if (used > height) continue;
    const address = { lines, size };
    const barcode = bars && placeBars(profile, bars, used);
    if (barcode || !bars) return { address, barcode };
    without ??= { address, barcode: null };
  }
  return without;
}

/** The barcode below an address of this height; null when it has no room there. */
function placeBars(profile: LetterProfile, barcode: Barcode, used: number): LetterData['barcode'] {
  const { kind, data, bars, width, height } = barcode;
  const room = barcodeRoom(profile, kind === 'imb' ? 'US' : '');
  const x = Math.max(profile.address.x, room.x);
  const y = hundredths(profile.address.y + used + BARCODE_CLEAR);
  const fits = y + height <= room.bottom && x + width <= room.x + room.width;
  return fits ? { x, y, width, height, bars, kind, data } : null;
}

/** Where a barcode for a country may stand: with its clearance to what may hide it. */
function barcodeRoom(
  { visibleZone: zone }: LetterProfile,
  country: string,
): { x: number; width: number; bottom: number } {
  const clear = country === 'US' ? AMERICAN_CLEAR : BARCODE_CLEAR;
  return {
    ...{ x: zone.x + clear, width: zone.width - 2 * clear },
    bottom: zone.y + zone.height - BARCODE_CLEAR,
  };
}

const hundredths = (mm: number): number => Math.ceil(mm * 100) / 100;

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
