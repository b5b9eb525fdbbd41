/**
 * Typesets letters and has each read back; those that are refused or found wrong are left out and stop nobody else. Only
 * for what they hold themselves: what happens to a letter to nobody too is everybody's, and costs nobody the letter.
 */
import { OwabiError } from '../../errors.ts';
import { samplePerson } from '../../notice/sample-person.ts';
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

interface Trial<Sheet> {
  /** null: refused. */
  typeset(some: Sheet[]): Promise<TypesetLetters | null>;
  /** What is found in the letter to nobody, as the freeze has it. @throws OwabiError when that is refused */
  toNobody(): Promise<LetterCheck | undefined>;
}

/**
 * @param sheets in print order
 * @throws SharedFault; OwabiError `render_failed` when the letter to nobody is refused too, or letters that are good by
 * themselves are refused together; Error when the press itself fails. After these two somebody has to try again
 */
export async function typesetGood<Sheet extends { person: RenderPerson }>(
  press: Pick<LetterPress, 'typeset'>,
  prepared: PreparedLetter,
  sheets: Sheet[],
): Promise<TypesetSheets<Sheet>> {
  const typeset = (persons: RenderPerson[]) => press.typeset({ prepared, persons, check: true });
  const trial: Trial<Sheet> = {
    typeset: async (some) => {
      try {
        return await typeset(some.map(({ person }) => person));
      } catch (error) {
        if (error instanceof OwabiError) return null;
        throw error;
      }
    },
    toNobody: async () => (await typeset([samplePerson(prepared.locale)])).checks[0],
  };
  return await leaveOutBad(trial, sheets, true);
}

export const NOTHING: TypesetLetters = { pdf: new Uint8Array(), letters: [], checks: [] };

async function leaveOutBad<Sheet>(trial: Trial<Sheet>, sheets: Sheet[], whole = false): Promise<TypesetSheets<Sheet>> {
  if (sheets.length === 0) return { good: [], set: NOTHING, lost: [] };
  const set = await trial.typeset(sheets);
  if (set && areGood(sheets, set)) return { good: sheets, set, lost: [] };
  // Before the halving, which would take long for nothing, and before a letter is lost: by now the machine may have failed.
  if (whole || sheets.length === 1) await assertTheirOwn(trial, sheets, set, whole);
  if (sheets.length === 1) return await tryAgain(trial, sheets);

  // Found by halving: a thousand letters and one bad one are twenty runs, not a thousand. Halved too when the checks name
  // the bad ones: a page too many in one letter makes all that follow look wrong.
  const half = Math.ceil(sheets.length / 2);
  const first = await leaveOutBad(trial, sheets.slice(0, half));
  const second = await leaveOutBad(trial, sheets.slice(half));
  const lost = [...first.lost, ...second.lost];
  // Good in halves and bad together: what is said of them together counts.
  if (lost.length === 0) return await tryAgain(trial, sheets);
  const rest = await leaveOutBad(trial, [...first.good, ...second.good]);
  return { ...rest, lost: [...lost, ...rest.lost] };
}

/** Once more, and whoever is wrong again is lost: what failed for a moment must cost nobody the letter. */
async function tryAgain<Sheet>(trial: Trial<Sheet>, sheets: Sheet[]): Promise<TypesetSheets<Sheet>> {
  const set = await trial.typeset(sheets);
  if (set && areGood(sheets, set)) return { good: sheets, set, lost: [] };
  // Each of them can be typeset: none is at fault.
  if (!set && sheets.length > 1) throw new OwabiError('render_failed');
  const lost = sheets.flatMap((sheet, i) => (isGood(set?.checks[i]) ? [] : [lostSheet(sheet, set?.checks[i])]));
  const rest = await leaveOutBad(
    trial,
    sheets.filter((_, i) => isGood(set?.checks[i])),
  );
  return { ...rest, lost: [...lost, ...rest.lost] };
}

/** @throws SharedFault; what the press throws for the letter to nobody */
async function assertTheirOwn<Sheet>(
  trial: Trial<Sheet>,
  sheets: Sheet[],
  set: TypesetLetters | null,
  whole: boolean,
): Promise<void> {
  const nobody = await trial.toNobody();
  if (isGood(nobody) && !(whole && set && areManyAlike(set.checks))) return;
  throw new SharedFault(sheets.map((sheet, i) => lostSheet(sheet, set?.checks[i] ?? nobody)));
}

const isGood = (check: LetterCheck | undefined): boolean => check?.findings.length === 0;

/** A letter that nobody has looked at is not a good one. */
function areGood(sheets: unknown[], { checks }: TypesetLetters): boolean {
  return sheets.every((_, i) => isGood(checks[i]));
}

function lostSheet<Sheet>(sheet: Sheet, check: LetterCheck | undefined): LostSheet<Sheet> {
  return { sheet, reason: check ? 'check_failed' : 'render_failed', check: check ?? null };
}

/** So many letters are not all wrong in the same way each by its own doing, even where a letter to nobody is right. */
const MANY = 20;

function areManyAlike(checks: LetterCheck[]): boolean {
  const codes = checks.map(({ findings }) => findings.map(({ code }) => code).join());
  return codes.length >= MANY && codes.every((own) => own === codes[0]);
}
