/** Where things stand on a letter. One sheet size and envelope in one place; all measures in mm from the upper left. */

/** A4 folded in three into 長形3号 (235 × 120 mm) with a window of 90 × 45 mm, the usual stock. */
const sheet = { width: 210, height: 297 };
const folds = [99, 198];
const envelope = { width: 235, height: 120 };
const window = { x: 21, y: 12, width: 90, height: 45 };

/** How far the folded sheet may slide inside the envelope. */
const slack = { x: envelope.width - sheet.width, y: envelope.height - 99 };
/** Kept clear inside the part of the sheet that shows wherever the sheet has slid to. */
const clear = 1;

export interface AddressSize {
  pt: number;
  /** Line distance as a multiple of the type size. */
  step: number;
}

export interface LetterProfile {
  id: string;
  page: { width: number; height: number };
  folds: number[];
  /** Always visible in the window. `sizes`: tried in this order. */
  address: { x: number; y: number; width: number; height: number; sizes: AddressSize[] };
  /** What may show in the window: only the address stands in it. */
  privacyZone: { x: number; y: number; width: number; height: number };
  /** The person's own block: reference and exposures, in columns. */
  own: { x: number; y: number; columns: number; columnWidth: number; rowHeight: number; rows: number };
  senderX: number;
  senderY: number;
  footY: number;
  /** Where the text of the first page begins. */
  bodyY: number;
}

/**
 * A point of the sheet shows in the window at some slide when it lies in [w − slack, w + size], and at every slide
 * when it lies in [w, w + size − slack] (Japan Post's rules for window envelopes).
 */
export function letterProfile(listsExposures: boolean): LetterProfile {
  const reachableBottom = window.y + window.height;
  const reachableRight = window.x + window.width;
  const ownY = reachableBottom + 5;
  return {
    id: 'a4-naga3-90x45',
    page: sheet,
    folds,
    address: {
      x: window.x + clear,
      y: window.y + clear,
      width: window.width - slack.x - 2 * clear,
      height: window.height - slack.y - 2 * clear,
      sizes: [
        { pt: 10.5, step: 1.2 },
        { pt: 9, step: 1.2 },
        { pt: 8, step: 1.12 },
      ],
    },
    privacyZone: {
      x: Math.max(0, window.x - slack.x),
      y: Math.max(0, window.y - slack.y),
      width: reachableRight - Math.max(0, window.x - slack.x),
      height: reachableBottom - Math.max(0, window.y - slack.y),
    },
    own: { x: 22, y: ownY, columns: 2, columnWidth: 83, rowHeight: 5, rows: 5 },
    senderX: reachableRight + 3,
    senderY: 14,
    footY: 281,
    bodyY: ownY + (listsExposures ? 40 : 14),
  };
}
