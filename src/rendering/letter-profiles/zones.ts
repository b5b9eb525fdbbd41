/**
 * What of a folded sheet shows in the window of its envelope. The sheet may slide: as far as the envelope is wider and
 * higher than it. Derived from Japan Post's rules for window envelopes: the address must be legible wherever the
 * content has slid to, and nothing else may be.
 */
import type { EnvelopeProfile } from './envelope-profile.ts';

/** In mm on the sheet, from its upper left corner. */
export interface Zone {
  x: number;
  y: number;
  width: number;
  height: number;
}

type Folding = Pick<EnvelopeProfile, 'paper' | 'folds'>;
type Sliding = Pick<EnvelopeProfile, 'paper' | 'folds' | 'envelope' | 'window'>;

/** The folded sheet, and where in its height the first panel stands, which faces the window. */
export interface FoldedSheet {
  width: number;
  height: number;
  panelTop: number;
  panelHeight: number;
}

/**
 * Each panel is folded back along the one before: a second panel that is higher than the first looks out above it, as
 * with DIN 5008 form A (87, then 105 mm).
 */
export function foldSheet({ paper, folds }: Folding): FoldedSheet {
  const edges = [0, ...folds, paper.height];
  let [at, top, bottom] = [0, 0, 0];
  for (let i = 1; i < edges.length; i++) {
    const panel = (edges[i] as number) - (edges[i - 1] as number);
    at += i % 2 === 1 ? panel : -panel;
    top = Math.min(top, at);
    bottom = Math.max(bottom, at);
  }
  return { width: paper.width, height: bottom - top, panelTop: -top, panelHeight: edges[1] as number };
}

/** How far the folded sheet may slide to the right and down, from the upper left corner of the envelope. */
export function slackOf(profile: Sliding): { x: number; y: number } {
  const { width, height } = foldSheet(profile);
  return { x: profile.envelope.width - width, y: profile.envelope.height - height };
}

/** A point p of the sheet shows at p + d with 0 ≤ d ≤ slack. In this zone it shows in the window at every d. */
export function visibleZone(profile: Sliding): Zone {
  const { window } = profile;
  const { panelTop } = foldSheet(profile);
  const slack = slackOf(profile);
  return {
    ...{ x: window.x, y: window.y - panelTop },
    ...{ width: window.width - slack.x, height: window.height - slack.y },
  };
}

/** Outside this zone nothing of the first panel shows in the window at any d: what is private stays out of it. */
export function privacyZone(profile: Sliding): Zone {
  const { window, paper } = profile;
  const { panelTop, panelHeight } = foldSheet(profile);
  const slack = slackOf(profile);
  const x = Math.max(0, window.x - slack.x);
  const y = Math.max(0, window.y - slack.y - panelTop);
  const right = Math.min(paper.width, window.x + window.width);
  const bottom = Math.min(panelHeight, window.y + window.height - panelTop);
  return { x, y, width: right - x, height: bottom - y };
}

/** What lies in both; of no width or height, or of less, where nothing does. */
export function common(a: Zone, b: Zone): Zone {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const [right, bottom] = [Math.min(a.x + a.width, b.x + b.width), Math.min(a.y + a.height, b.y + b.height)];
  return { x, y, width: right - x, height: bottom - y };
}

/** Whether `inner` lies in `outer`; a tenth of a millimetre is no fault. */
export function liesIn(inner: Zone, outer: Zone): boolean {
  const slip = 0.1;
  return (
    inner.x >= outer.x - slip &&
    inner.y >= outer.y - slip &&
    inner.x + inner.width <= outer.x + outer.width + slip &&
    inner.y + inner.height <= outer.y + outer.height + slip
  );
}

/** Whether two zones have a point within both. */
export function overlaps(a: Zone, b: Zone): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
