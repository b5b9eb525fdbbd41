/** Where things stand on the sheets of a letter for one envelope; all measures in mm from the upper left. */
import type { EnvelopeProfile } from './letter-profiles/envelope-profile.ts';
import { common, privacyZone, visibleZone, type Zone } from './letter-profiles/zones.ts';

/** Kept clear inside the part of the sheet that shows wherever the sheet has slid to. */
const CLEAR = 1;
const RETURN_LINE_MM = 5;
/** Printers do not reach the edge of the sheet. */
const UNPRINTABLE_EDGE = 4;
/** Date and sender stand at the top; the person's own block leaves them this much. */
const [SENDER_Y, SENDER_HEIGHT] = [14, 48];
/** Kept clear on both sides of a fold: by hand and by machine it comes out a little beside its place. */
const FOLD_CLEAR = 2;
/** A column of exposures in 10 points, so close that it ends above the usual fold. */
const [ROW_MM, ROWS] = [4.3, 5];

export interface AddressSize {
  pt: number;
  /** Line distance as a multiple of the type size. */
  step: number;
}

const addressSizes: AddressSize[] = [
  { pt: 10.5, step: 1.2 },
  { pt: 9, step: 1.2 },
  { pt: 8, step: 1.12 },
];

export interface LetterProfile {
  /** Of the envelope profile. */
  id: string;
  page: { width: number; height: number };
  margin: { top: number; bottom: number; left: number; right: number };
  /** Where ink may be. */
  printable: Zone;
  folds: number[];
  /** Where the address and its barcode stand: always visible in the window. `sizes`: tried in this order. */
  address: Zone & { sizes: AddressSize[] };
  /** The sender in one small line above the address; null: none. */
  returnLine: Zone | null;
  /** What of the first page shows in the window wherever the sheet slides. */
  visibleZone: Zone;
  /** What of the first page may show in the window: only the address and the return line stand in it. */
  privacyZone: Zone;
  /** The upper left corner of the inserter's mark on front pages; null: none. */
  inserterMark: { x: number; y: number } | null;
  /** Letters to this country name no country. */
  postedIn: string;
  /** The person's own block: reference and exposures, in columns. */
  own: { x: number; y: number; columns: number; columnWidth: number; rowHeight: number; rows: number };
  senderX: number;
  senderY: number;
  footY: number;
  /** Where the text of the first page begins. */
  bodyY: number;
}

/** The sheets of a letter for an envelope profile without faults (`profileFaults`). */
export function letterProfile(envelope: EnvelopeProfile, listsExposures: boolean): LetterProfile {
  const { width, height } = envelope.paper;
  const visible = round(visibleZone(envelope));
  const hidden = round(privacyZone(envelope));
  const margin = { top: 20, bottom: 24, left: 22, right: 22 };
  const printable = inset({ x: 0, y: 0, width, height }, UNPRINTABLE_EDGE);
  const least = Math.max(hidden.y + hidden.height + 5, SENDER_Y + SENDER_HEIGHT);
  const ownY = besideFolds(envelope.folds, ownLines(listsExposures), least);
  const bodyY = besideFolds(envelope.folds, [TITLE], ownY + (listsExposures ? 40 : 14));
  return {
    ...{ id: envelope.id, page: { width, height }, margin, folds: envelope.folds },
    printable,
    ...addressPlaces(envelope, common(inset(visible, CLEAR), printable)),
    ...{ visibleZone: visible, privacyZone: hidden },
    ...{ inserterMark: envelope.inserterMark, postedIn: envelope.postedIn },
    own: { x: 22, y: ownY, columns: 2, columnWidth: (width - 44) / 2, rowHeight: ROW_MM, rows: ROWS },
    senderX: hidden.x + hidden.width + 3,
    senderY: SENDER_Y,
    footY: height - 16,
    bodyY,
  };
}

type Extent = [top: number, bottom: number];
/** From where it is placed: 13 points of the reference; 14 of the title, whose kanji rise above Latin capitals. */
const [REFERENCE, TITLE]: [Extent, Extent] = [
  [0, 4.6],
  [-0.7, 5.2],
];

/** The lines of the person's own block, from its upper edge: reference, heading, exposures. As `own-parts.ts` sets them. */
function ownLines(listsExposures: boolean): Extent[] {
  if (!listsExposures) return [REFERENCE];
  return [REFERENCE, [7.5, 13.5 + (ROWS - 1) * ROW_MM + 3.6]];
}

/** The least place from `least` on where no fold comes near a line: what is folded is read badly, and by machines not. */
function besideFolds(folds: number[], lines: Extent[], least: number): number {
  const isNear = (y: number, fold: number) =>
    lines.some(([top, bottom]) => fold > y + top - FOLD_CLEAR && fold < y + bottom + FOLD_CLEAR);
  // Each fold is passed once at the most: below it, the first line is clear of it.
  let y = least;
  for (const fold of folds) if (isNear(y, fold)) y = firstClear(y, (at) => !isNear(at, fold));
  return Math.round(y * 10) / 10;
}

function firstClear(from: number, isClear: (y: number) => boolean): number {
  let y = from;
  while (!isClear(y)) y += 0.1;
  return y;
}

/** What the inserter's mark takes with its quiet zone: a square. mm. */
export const MARK_MM = 10;
/** As high as the line at the foot of a page is, and no more than this above the text of the first page. mm. */
const [FOOT_MM, APART] = [4, 1];

/**
 * Where a person's own parts stand on a page beside the address: the shared text stays away from there.
 * @param number of the letter's page, from 1
 */
export function ownPlaces(profile: LetterProfile, number: number): Zone[] {
  const { own, page, footY, bodyY, inserterMark, margin } = profile;
  const foot = { x: margin.left, y: footY, width: page.width - margin.left - margin.right, height: FOOT_MM };
  const block = { x: own.x, y: own.y, width: page.width - 2 * own.x, height: bodyY - own.y - APART };
  const mark = inserterMark && number % 2 === 1 ? [{ ...inserterMark, width: MARK_MM, height: MARK_MM }] : [];
  return [foot, ...mark, ...(number === 1 ? [block] : [])];
}

function addressPlaces(envelope: EnvelopeProfile, visible: Zone): Pick<LetterProfile, 'address' | 'returnLine'> {
  const field = envelope.addressField;
  const taken = envelope.returnLine && !field ? RETURN_LINE_MM : 0;
  const place = field ?? { ...visible, y: visible.y + taken, height: visible.height - taken };
  const { x, y, width } = place;
  return {
    address: { ...round(place), sizes: addressSizes },
    returnLine: envelope.returnLine ? round({ x, y: y - RETURN_LINE_MM, width, height: RETURN_LINE_MM }) : null,
  };
}

function inset(zone: Zone, by: number): Zone {
  return { x: zone.x + by, y: zone.y + by, width: zone.width - 2 * by, height: zone.height - 2 * by };
}

/** Sums of tenths are not exact, and these numbers are hashed and read. */
function round({ x, y, width, height }: Zone): Zone {
  const to = (value: number) => Math.round(value * 1000) / 1000;
  return { x: to(x), y: to(y), width: to(width), height: to(height) };
}
