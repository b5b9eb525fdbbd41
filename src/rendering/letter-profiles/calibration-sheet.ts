/** A sheet to be printed, folded and enclosed: it shows whether a profile is that of the paper and envelopes at hand. */
import { letterProfile } from '../letter-profile.ts';
import type { LetterParts, PagesOrder } from '../types.ts';
import type { EnvelopeProfile } from './envelope-profile.ts';
import { foldSheet, slackOf, type Zone } from './zones.ts';

/** The order for the press: one sheet of the profile's own paper, in Japanese and English. */
export function calibrationSheet(
  envelope: EnvelopeProfile,
  { calibration, fonts }: Pick<LetterParts, 'calibration' | 'fonts'>,
): PagesOrder {
  const sheet = { envelope, slack: slackOf(envelope), profile: letterProfile(envelope, false) };
  const files = {
    '/main.typ': calibration,
    '/fonts.typ': fonts.choice,
    '/sheet.json': JSON.stringify({ ...sheet, windows: extremeWindows(envelope) }),
  };
  return { files, fontPaths: fonts.paths };
}

/** The window as it lies over the sheet that has slid to the upper left, and to the lower right. */
function extremeWindows(envelope: EnvelopeProfile): [Zone, Zone] {
  const { window } = envelope;
  const slack = slackOf(envelope);
  const y = window.y - foldSheet(envelope).panelTop;
  return [
    { ...window, y },
    { ...window, x: window.x - slack.x, y: y - slack.y },
  ];
}
