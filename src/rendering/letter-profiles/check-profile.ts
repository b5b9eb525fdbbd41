/** What is wrong with an envelope profile, so that no letter is printed for an envelope that cannot work. */
import { MARK_MM } from '../letter-profile.ts';
import type { NewEnvelopeProfile } from './envelope-profile.ts';
import { common, foldSheet, liesIn, overlaps, privacyZone, slackOf, visibleZone, type Zone } from './zones.ts';

export interface ProfileFault {
  /** The field, such as `window.width`. */
  path: string;
  /** One sentence that says what to change. */
  message: string;
}

const MM_PER_PT = 25.4 / 72;
const LEAST_LINES = 3;
/** Three lines of 8 pt, as `addressSizes` sets them, and a millimetre of clearance above and below. */
const LEAST_HEIGHT = ((LEAST_LINES - 1) * 1.12 + 1) * 8 * MM_PER_PT + 2;
/** Eighteen Japanese characters of 8 pt are an address line that is worth one. */
const LEAST_WIDTH = 52;
const RETURN_LINE_MM = 5;
/** The sender's block and the date beside the window. */
const SENDER_WIDTH = 45;
const MARGIN = 22;
/** Below the window, and the sender beside it, the first page still needs its own block and some text. */
const [LEAST_TEXT, SENDER_BOTTOM] = [100, 57];
/** Printers do not reach the edge of the sheet, and the address stays away from the edge of what is visible. */
const [EDGE, CLEARANCE] = [4, 1];
/** On every page the text begins below and ends above this, from the edge. */
const [TEXT_TOP, TEXT_BOTTOM] = [14, 12];

/** Every fault of a profile whose fields have the right form; none when letters can be made for it. */
export function profileFaults(profile: NewEnvelopeProfile): ProfileFault[] {
  const folding = foldFaults(profile);
  if (folding.length > 0) return folding;
  const fitting = envelopeFaults(profile);
  // Zones have no meaning while the sheet does not go into the envelope.
  return fitting.length > 0
    ? fitting
    : [...zoneFaults(profile), ...fieldFaults(profile), ...pageFaults(profile), ...mailerFaults(profile)];
}

/** What USPS gives out (Publication 199; USPS-B-3200, 2.1.3). */
function mailerFaults({ mailer, postedIn }: NewEnvelopeProfile): ProfileFault[] {
  if (!mailer) return [];
  const { barcodeId = '00', serviceType, mailerId } = mailer;
  const when = (wrong: boolean, path: string, message: string): ProfileFault[] =>
    wrong ? [fault(`mailer${path}`, message)] : [];
  return [
    ...when(
      postedIn !== 'US',
      '',
      'Barcodes of USPS are for letters that are posted in the United States (postedIn US).',
    ),
    ...when(!/^\d[0-4]$/.test(barcodeId), '.barcodeId', 'A barcode id has two digits, the second from 0 to 4.'),
    ...when(!/^\d{3}$/.test(serviceType), '.serviceType', 'A service type has three digits.'),
    ...when(
      !/^(?:[0-8]\d{5}|9\d{8})$/.test(mailerId),
      '.mailerId',
      'A mailer id has six digits of which the first is not 9, or nine that begin with 9.',
    ),
  ];
}

function foldFaults({ paper, folds }: NewEnvelopeProfile): ProfileFault[] {
  return folds.flatMap((fold, i) => {
    if (fold >= paper.height) return [fault(`folds[${i}]`, `The fold at ${mm(fold)} is not on the sheet.`)];
    const before = folds[i - 1] ?? 0;
    return fold > before ? [] : [fault(`folds[${i}]`, 'Folds are given from above, each below the one before.')];
  });
}

function envelopeFaults(profile: NewEnvelopeProfile): ProfileFault[] {
  const { envelope, window } = profile;
  const sheet = foldSheet(profile);
  const slack = slackOf(profile);
  const faults: ProfileFault[] = [];
  if (slack.x < 0) {
    faults.push(
      fault('envelope.width', `The sheet is ${mm(sheet.width)} wide and the envelope ${mm(envelope.width)}.`),
    );
  }
  if (slack.y < 0) {
    const message = `The folded sheet is ${mm(sheet.height)} high and the envelope ${mm(envelope.height)}.`;
    faults.push(fault('envelope.height', message));
  }
  if (!liesIn(window, { x: 0, y: 0, ...envelope })) {
    faults.push(fault('window', 'The window reaches beyond the edge of the envelope.'));
  }
  return faults;
}

function zoneFaults(profile: NewEnvelopeProfile): ProfileFault[] {
  const { window } = profile;
  const { panelTop, panelHeight } = foldSheet(profile);
  const slack = slackOf(profile);
  const zone = common(visibleZone(profile), inkable(profile, EDGE - CLEARANCE));
  const faults: ProfileFault[] = [];
  if (window.y < panelTop + slack.y) {
    const message = `The window shows what is above the first panel when the sheet slides down: let it begin at ${mm(panelTop + slack.y)} or lower.`;
    if (panelTop > 0) faults.push(fault('window.y', message));
  }
  if (window.y + window.height > panelTop + panelHeight + 0.1) {
    faults.push(fault('window', 'The window reaches below the first panel: another part of the sheet would show.'));
  }
  const height = LEAST_HEIGHT + (profile.returnLine ? RETURN_LINE_MM : 0);
  if (zone.height < height) {
    const message = `Of the window ${mm(Math.max(0, zone.height))} of height are always visible${withoutEdge(profile)}; ${LEAST_LINES} lines of 8 pt need ${mm(height)}: a higher window, or less play.`;
    faults.push(fault('window.height', message));
  }
  if (zone.width < LEAST_WIDTH) {
    const message = `Of the window ${mm(Math.max(0, zone.width))} of width are always visible${withoutEdge(profile)}; an address needs ${mm(LEAST_WIDTH)}: a wider window, or less play.`;
    faults.push(fault('window.width', message));
  }
  return faults;
}

/** The sheet without its edge. */
function inkable({ paper }: NewEnvelopeProfile, edge: number): Zone {
  return { x: edge, y: edge, width: paper.width - 2 * edge, height: paper.height - 2 * edge };
}

function withoutEdge(profile: NewEnvelopeProfile): string {
  const atEdge = !liesIn(visibleZone(profile), inkable(profile, EDGE - CLEARANCE));
  return atEdge ? `, without the ${mm(EDGE)} at the edge of the sheet where nothing is printed` : '';
}

function fieldFaults(profile: NewEnvelopeProfile): ProfileFault[] {
  const { addressField, returnLine } = profile;
  if (!addressField) return [];
  const top = addressField.y - (returnLine ? RETURN_LINE_MM : 0);
  const used = { ...addressField, y: top, height: addressField.height + addressField.y - top };
  const faults: ProfileFault[] = [];
  if (!liesIn(used, visibleZone(profile))) {
    faults.push(fault('addressField', 'The address field does not lie in the zone that is always visible.'));
  }
  if (!liesIn(used, inkable(profile, EDGE))) {
    faults.push(
      fault(
        'addressField',
        `The address field reaches the ${mm(EDGE)} at the edge of the sheet where nothing is printed.`,
      ),
    );
  }
  if (addressField.height < LEAST_HEIGHT - 2) {
    faults.push(fault('addressField.height', `${LEAST_LINES} lines of 8 pt need ${mm(LEAST_HEIGHT - 2)}.`));
  }
  return faults;
}

function pageFaults(profile: NewEnvelopeProfile): ProfileFault[] {
  const { paper, inserterMark } = profile;
  const shown = privacyZone(profile);
  const faults: ProfileFault[] = [];
  const beside = paper.width - MARGIN - (shown.x + shown.width + 3);
  if (beside < SENDER_WIDTH) {
    const message = `Right of what the window shows ${mm(Math.max(0, beside))} are left for the sender; ${mm(SENDER_WIDTH)} are needed.`;
    faults.push(fault('window', message));
  }
  if (paper.height - Math.max(shown.y + shown.height, SENDER_BOTTOM) < LEAST_TEXT) {
    faults.push(fault('window', `Below what the window shows the first page needs ${mm(LEAST_TEXT)} for its text.`));
  }
  return [...faults, ...(inserterMark ? markFaults(profile, inserterMark, shown) : [])];
}

function markFaults(profile: NewEnvelopeProfile, at: { x: number; y: number }, shown: Zone): ProfileFault[] {
  const { paper, folds } = profile;
  const mark = { ...at, width: MARK_MM, height: MARK_MM };
  const text = {
    ...{ x: MARGIN, y: TEXT_TOP },
    ...{ width: paper.width - 2 * MARGIN, height: paper.height - TEXT_TOP - TEXT_BOTTOM },
  };
  const sentences = [
    liesIn(mark, inkable(profile, EDGE))
      ? null
      : `The mark of ${mm(MARK_MM)} does not lie on the sheet with ${mm(EDGE)} clear.`,
    overlaps(mark, shown) ? 'The mark would show in the window.' : null,
    overlaps(mark, text)
      ? `The mark would stand in the text: let it lie within ${mm(MARGIN)} of the left or right edge, or ${mm(TEXT_TOP)} of the upper one.`
      : null,
    // Folds are marked at the left edge, and a code that is folded is read badly.
    folds.some((fold) => fold >= mark.y && fold <= mark.y + mark.height) ? 'A fold would go through the mark.' : null,
  ];
  return sentences.flatMap((sentence) => (sentence === null ? [] : fault('inserterMark', sentence)));
}

const fault = (path: string, message: string): ProfileFault => ({ path, message });
const mm = (length: number): string => `${Math.round(length * 10) / 10} mm`;
