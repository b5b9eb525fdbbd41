/** What stands on a person's letter, measured: the lines of the address in the window and the person's own block. */

import { formatReference } from '../intake/persons/reference.ts';
import { addressParts, withoutUnseen } from './address-parts.ts';
import { type PackedBars, packBars } from './barcode/packed-bars.ts';
import type { Barcode, NoBarcodeReason } from './barcode/types.ts';
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
  bars: PackedBars;
}

/** All that the typesetter is told about one person; equal data print equal pages. */
export interface LetterData {
  reference: string;
  /** From 1: the inserter's mark says it. */
  generation: number;
  address: { lines: string[]; size: AddressSize };
  /** For the post, below the address on the first page; null: none. `data`: as in the manifest. */
  barcode: (PlacedBars & Pick<Barcode, 'kind' | 'data'>) | null;
  /** Why there is none; null where there is one. */
  noBarcode: NoBarcodeReason | null;
  exposures: string[];
}

/** Of a letter that is in no batch yet, such as a preview. */
const FIRST = 1;

const MM_PER_PT = 25.4 / 72;
interface Clearance {
  side: number;
  above: number;
  below: number;
}

/**
 * mm. Nothing may be nearer to a barcode, not even the window's edge: 2 mm (Japan Post, 郵便番号・バーコードマニュアル,
 * p. 13); 1/8 inch at the sides of an American one, 0.028 inch above and below (DMM 202.5), and above a little more,
 * since some letters reach below their line.
 */
const CLEAR: Clearance = { side: 2, above: 2, below: 2 };
const AMERICAN_CLEAR: Clearance = { side: 3.2, above: 1.2, below: 0.8 };
const clearanceIn = (country: string): Clearance => (country === 'US' ? AMERICAN_CLEAR : CLEAR);

/** The letter's personal part, or why it cannot be printed. Pure. */
export function layOutLetter(
  prepared: Pick<PreparedLetter, 'locale' | 'listsExposures' | 'fonts' | 'profile' | 'barcode'>,
  person: RenderPerson,
): LetterData | LetterProblem {
  if (person.addressLines.every((line) => oneLine(withoutUnseen(line)) === '')) {
    return { reason: 'no_address', detail: 'No address line.' };
  }
  const { profile } = prepared;
  const parts = addressParts(prepared.locale, person, profile.postedIn);
  const reference = formatReference(person.reference);
  const exposures = prepared.listsExposures ? exposureLines(prepared.locale, profile, person) : [];
  const missing = missingGlyphs(prepared.fonts.sans, [...parts, reference, ...exposures].join(''));
  if (missing.length > 0) return { reason: 'missing_glyph', detail: missing.join(', ') };

  const barcode = prepared.barcode(person, barcodeRoom(profile, person.country).width);
  const bars = 'none' in barcode ? null : barcode;
  // Only the post in whose country it is posted gives anything for it; for another no line gets smaller.
  const worthASmallerSize = person.country === profile.postedIn;
  const placed = fitAddress(prepared.fonts.sans, profile, parts, { bars, worthASmallerSize });
  if (placed === null || !exposuresFit(prepared.fonts.sans, profile, exposures)) {
    return { reason: 'does_not_fit', detail: placed === null ? 'Address block.' : 'List of exposures.' };
  }
  const noBarcode = placed.barcode ? null : 'none' in barcode ? barcode.none : 'address_too_high';
  return { reference, generation: person.generation ?? FIRST, ...placed, noBarcode, exposures };
}

export function isLetterProblem(layout: LetterData | LetterProblem): layout is LetterProblem {
  return 'reason' in layout;
}

interface BarsToPlace {
  bars: Barcode | null;
  worthASmallerSize: boolean;
}

/**
 * The largest type size at which everything fits, and no word is cut in two; null when even the smallest is too large.
 * A whole word is worth a smaller size, and so may the barcode be; neither is worth a letter.
 */
function fitAddress(
  glyphs: GlyphTable,
  profile: LetterProfile,
  parts: string[],
  { bars, worthASmallerSize }: BarsToPlace,
): Pick<LetterData, 'address' | 'barcode'> | null {
  const { width, height, sizes } = profile.address;
  const fitting: (Pick<LetterData, 'address' | 'barcode'> & { cut: boolean; lacksBarcode: boolean })[] = [];
  for (const size of sizes) {
    const broken = parts.map((part) => breakLines(glyphs, part, width / (size.pt * MM_PER_PT)));
    const lines = broken.flatMap((each) => each.lines);
    const used = ((lines.length - 1) * size.step + 1) * size.pt * MM_PER_PT;
    if (used > height) continue;
    const cut = broken.some((each) => each.cut);
    const barcode = bars && placeBars(profile, bars, used + tailOf(lines) * size.pt * MM_PER_PT);
    const lacksBarcode = worthASmallerSize && bars !== null && barcode === null;
    if (!cut && !lacksBarcode) return { address: { lines, size }, barcode };
    fitting.push({ address: { lines, size }, barcode, cut, lacksBarcode });
  }
  const best = fitting.find(({ cut }) => !cut) ?? fitting.find(({ lacksBarcode }) => !lacksBarcode) ?? fitting[0];
  return best ? { address: best.address, barcode: best.barcode } : null;
}

/** Latin letters and brackets reach below their line by as much as this, in em; what is Japanese does not. */
const TAIL_EM = 0.15;
const tailOf = (lines: string[]): number => (/[!-\u058f\u1e00-\u1fff]/.test(lines.at(-1) ?? '') ? TAIL_EM : 0);

/** The barcode below an address of this height; null when it has no room there. */
function placeBars(profile: LetterProfile, barcode: Barcode, used: number): LetterData['barcode'] {
  const { kind, data, bars, width, height } = barcode;
  const country = kind === 'imb' ? 'US' : '';
  const room = barcodeRoom(profile, country);
  const y = hundredths(profile.address.y + used + clearanceIn(country).above);
  const fits = y + height <= room.bottom && width <= room.width;
  return fits ? { x: room.x, y, width, height, bars: packBars(bars), kind, data } : null;
}

/** Where a barcode for a country may stand: below the address, with its clearance to what may hide it. */
function barcodeRoom(
  { visibleZone: zone, address }: LetterProfile,
  country: string,
): { x: number; width: number; bottom: number } {
  const { side, below } = clearanceIn(country);
  const further = Math.max(0, address.x - zone.x - side);
  return { x: zone.x + side + further, width: zone.width - 2 * side - further, bottom: zone.y + zone.height - below };
}

const hundredths = (mm: number): number => Math.ceil(mm * 100) / 100;

/** What a notice says of somebody’s data is printed in 10 points at least (Cal. Civ. Code §1798.82(d)(1)). */
const EXPOSURE_SIZE_PT = 10;

function exposureLines(locale: NoticeLocale, profile: LetterProfile, person: RenderPerson): string[] {
  const lines = listExposures(locale, person.exposures).map((line) => oneLine(withoutUnseen(line)));
  const places = profile.own.columns * profile.own.rows;
  if (lines.length <= places) return lines;
  const more = lines.length - places + 1;
  return [...lines.slice(0, places - 1), locale === 'ja' ? `ほか${more}件` : `and ${more} more`];
}

function exposuresFit(glyphs: GlyphTable, profile: LetterProfile, lines: string[]): boolean {
  const widthEm = (profile.own.columnWidth - 2) / (EXPOSURE_SIZE_PT * MM_PER_PT);
  return lines.every((line) => widthInEm(glyphs, line) <= widthEm);
}
