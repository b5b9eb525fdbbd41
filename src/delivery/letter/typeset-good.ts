/** Typesets letters and has each read back; those that are refused or found wrong are left out and stop nobody else. */
import { OwabiError } from '../../errors.ts';
import type { LetterCheck, LetterPress, PreparedLetter, RenderPerson, TypesetLetters } from '../../rendering/types.ts';

export interface LostSheet<Sheet> {
  sheet: Sheet;
  reason: 'render_failed' | 'check_failed';
  /** null when the typesetter refused it. */
  check: LetterCheck | null;
}

export interface TypesetSheets<Sheet> {
  good: Sheet[];
  /** Of `good`, in their order. */
  set: TypesetLetters;
  lost: LostSheet<Sheet>[];
}

/** The fault is in what all letters share: nobody is left out for it, and nothing is printed. */
export class SharedFault<Sheet> extends OwabiError {
  readonly lost: LostSheet<Sheet>[];
  constructor(lost: LostSheet<Sheet>[]) {
    super('check_failed');
    this.lost = lost;
  }
}

/**
 * @param sheets in print order
 * @throws SharedFault
 */
export async function typesetGood<Sheet extends { person: RenderPerson }>(
  press: Pick<LetterPress, 'typeset'>,
  prepared: PreparedLetter,
  sheets: Sheet[],
): Promise<TypesetSheets<Sheet>> {
  const attempt = async (some: Sheet[]): Promise<TypesetLetters | null> => {
    try {
      return await press.typeset({ prepared, persons: some.map(({ person }) => person), check: true });
    } catch (error) {
      if (error instanceof OwabiError) return null;
      throw error;
    }
  };
  return await leaveOutBad(sheets, attempt, true);
}

export const NOTHING: TypesetLetters = { pdf: new Uint8Array(), letters: [], checks: [] };

async function leaveOutBad<Sheet>(
  sheets: Sheet[],
  attempt: (some: Sheet[]) => Promise<TypesetLetters | null>,
  whole = false,
): Promise<TypesetSheets<Sheet>> {
  if (sheets.length === 0) return { good: [], set: NOTHING, lost: [] };
  const set = await attempt(sheets);
  // A letter that nobody has looked at is not a good one.
  if (set && sheets.every((_, i) => isGood(set.checks[i]))) return { good: sheets, set, lost: [] };
  if (set && isShared(set.checks, whole))
    throw new SharedFault(sheets.map((sheet, i) => lostSheet(sheet, set.checks[i])));
  if (sheets.length === 1)
    return { good: [], set: NOTHING, lost: sheets.map((sheet) => lostSheet(sheet, set?.checks[0])) };

  // Found by halving: a thousand letters and one bad one are twenty runs, not a thousand. Halved too when the checks name
  // the bad ones: a page too many in one letter makes all that follow look wrong.
  const half = Math.ceil(sheets.length / 2);
  const first = await leaveOutBad(sheets.slice(0, half), attempt);
  const second = await leaveOutBad(sheets.slice(half), attempt);
  let [good, lost] = [
    [...first.good, ...second.good],
    [...first.lost, ...second.lost],
  ];
  if (lost.length === 0) {
    // Good in halves and bad together: what is said of them together counts.
    if (!set) throw new OwabiError('render_failed');
    lost = sheets.flatMap((sheet, i) => (isGood(set.checks[i]) ? [] : [lostSheet(sheet, set.checks[i])]));
    good = sheets.filter((_, i) => isGood(set.checks[i]));
  }
  const rest = await leaveOutBad(good, attempt);
  return { ...rest, lost: [...lost, ...rest.lost] };
}

const isGood = (check: LetterCheck | undefined): boolean => check?.findings.length === 0;

function lostSheet<Sheet>(sheet: Sheet, check: LetterCheck | undefined): LostSheet<Sheet> {
  return { sheet, reason: check ? 'check_failed' : 'render_failed', check: check ?? null };
}

/** The shared pages are wrong; or all letters of a batch are, in the same way. */
function isShared(checks: LetterCheck[], whole: boolean): boolean {
  const codes = checks.map(({ findings }) => findings.map(({ code }) => code));
  const inBody = codes.every((own) => own.some((code) => code.startsWith('body_') && code !== 'body_differs'));
  const [first] = codes;
  const alike = codes.every((own) => own.join() === first?.join());
  return inBody || (whole && checks.length > 1 && alike);
}
