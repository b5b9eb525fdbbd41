import { isUtf8 } from 'node:buffer';
import { OwabiError } from '../../errors.ts';
import { parseReference } from '../../intake/persons/reference.ts';
import { isBlank, makeCsvReader } from '../../intake/reading/csv.ts';
import { encodingOfMark } from '../../intake/reading/encoding.ts';

/** Why a line of a file of tracking numbers cannot be taken. */
export type TrackingFault =
  | 'no_letter'
  | 'unknown_letter'
  | 'letters_differ'
  | 'replaced'
  | 'digits'
  | 'check_digit'
  | 'twice'
  | 'taken'
  | 'has_another';

/** One line: which letter, and what the post calls it. */
export interface TrackingLine {
  line: number;
  sequence: number | null;
  reference: string | null;
  /** Eleven digits. */
  number: string;
}

export interface TrackingProblem {
  line: number;
  code: TrackingFault;
}

/** A letter of the batch. */
export interface TrackedLetter {
  id: string;
  sequence: number;
  reference: string;
  state: string;
  trackingNumber: string | null;
}

/** Eleven digits whose last is the others modulo 7 (引受番号 of Japan Post). */
export function isTrackingNumber(number: string): boolean {
  return /^\d{11}$/.test(number) && Number(number.slice(0, 10)) % 7 === Number(number[10]);
}

/** Names of the columns: ours, and Japanese ones. Not お問い合わせ番号: the post calls its number so, and letters the reference. */
const NAMES = {
  sequence: ['sequence', '通番', '連番'],
  reference: ['reference'],
  number: ['number', '引受番号', '追跡番号'],
};

/**
 * Reads a file of tracking numbers: CSV with a header, columns `sequence` or `reference` (or both) and `number`. Numbers may
 * be written with hyphens or spaces.
 * @param csv UTF-8, UTF-16 with its mark, or CP932 as Excel in Japan writes it
 * @throws OwabiError `invalid_body` when a column is missing or there twice, or when there is no line; `broken_quote`
 */
export function readTrackingNumbers(csv: Uint8Array): { lines: TrackingLine[]; problems: TrackingProblem[] } {
  const reader = makeCsvReader(',');
  const [head, ...records] = [...reader.push(textOf(csv)), ...reader.end()];
  const columns = (head?.cells ?? []).map((name) => name.normalize('NFKC').trim().toLowerCase());
  const [bySequence, byReference, byNumber] = [NAMES.sequence, NAMES.reference, NAMES.number].map((names) =>
    columnNamed(columns, names),
  );
  if (byNumber === -1 || (bySequence === -1 && byReference === -1)) {
    throw new OwabiError('invalid_body', 'The first line must name the columns: sequence or reference, and number.');
  }
  const filled = records.filter(({ cells }) => !isBlank(cells));
  if (filled.length === 0) throw new OwabiError('invalid_body', 'The file has no line below the names of its columns.');
  const lines: TrackingLine[] = [];
  const problems: TrackingProblem[] = [];
  for (const { line, cells } of filled) {
    const cell = (column = -1) => (cells[column] ?? '').normalize('NFKC').trim();
    const number = cell(byNumber).replace(/[\s\p{Pd}]/gu, '');
    const sequence = /^\d{1,6}$/.test(cell(bySequence)) ? Number(cell(bySequence)) : null;
    const reference = parseReference(cell(byReference));
    if (sequence === null && reference === null) problems.push({ line, code: 'no_letter' });
    else if (!/^\d{11}$/.test(number)) problems.push({ line, code: 'digits' });
    else if (!isTrackingNumber(number)) problems.push({ line, code: 'check_digit' });
    else lines.push({ line, sequence, reference, number });
  }
  return { lines, problems };
}

/** @returns -1 when there is none */
function columnNamed(columns: string[], names: string[]): number {
  const found = columns.flatMap((name, i) => (names.includes(name) ? [i] : []));
  const [first = -1, second] = found;
  if (second === undefined) return first;
  const written = found.map((i) => `"${columns[i]}" (column ${i + 1})`).join(' and ');
  throw new OwabiError('invalid_body', `${written} are the same: leave one of them.`);
}

function textOf(csv: Uint8Array): string {
  const marked = encodingOfMark(Buffer.from(csv));
  if (marked !== null) return new TextDecoder(marked).decode(csv);
  return isUtf8(csv) ? Buffer.from(csv).toString('utf8') : new TextDecoder('shift_jis').decode(csv);
}

export interface TrackingPlan {
  take: { id: string; number: string }[];
  problems: TrackingProblem[];
}

/**
 * What of the lines can be written down.
 * @param taken numbers that letters of other batches of the notice have
 * @param replace whether a letter may get another number than it has
 */
export function planTracking(
  lines: TrackingLine[],
  letters: TrackedLetter[],
  taken: ReadonlySet<string>,
  replace: boolean,
): TrackingPlan {
  const bySequence = new Map(letters.map((letter) => [letter.sequence, letter]));
  const byReference = new Map(letters.map((letter) => [letter.reference, letter]));
  const seen = new Set<string>();
  const take: (TrackingPlan['take'][number] & { line: number })[] = [];
  const problems: TrackingProblem[] = [];
  for (const { line, sequence, reference, number } of lines) {
    const found = [sequence !== null && bySequence.get(sequence), reference !== null && byReference.get(reference)];
    const [letter, ...others] = found.filter((one) => one !== false);
    const fault = faultOf(letter, others, number);
    if (fault) problems.push({ line, code: fault });
    else if (letter) take.push({ line, id: letter.id, number });
    seen.add(number);
    if (letter) seen.add(letter.id);
  }
  const stuck = stillTaken(take, letters);
  problems.push(...take.filter((one) => stuck.has(one)).map(({ line }) => ({ line, code: 'taken' as const })));
  return { take: take.filter((one) => !stuck.has(one)).map(({ id, number }) => ({ id, number })), problems };

  function faultOf(letter: TrackedLetter | undefined, others: unknown[], number: string): TrackingFault | null {
    if (!letter) return 'unknown_letter';
    if (others.some((other) => other !== letter)) return 'letters_differ';
    if (letter.state === 'cancelled') return 'replaced';
    if (seen.has(number) || seen.has(letter.id)) return 'twice';
    if (taken.has(number)) return 'taken';
    return letter.trackingNumber !== null && letter.trackingNumber !== number && !replace ? 'has_another' : null;
  }
}

/** Those whose number another letter of the batch has, and keeps: a file may move numbers from letter to letter. */
function stillTaken<Take extends TrackingPlan['take'][number]>(take: Take[], letters: TrackedLetter[]): Set<Take> {
  const owners = new Map(letters.map(({ id, trackingNumber }) => [trackingNumber, id]));
  const stuck = new Set<Take>();
  for (let before = -1; before !== stuck.size; ) {
    before = stuck.size;
    const moving = new Set(take.filter((one) => !stuck.has(one)).map(({ id }) => id));
    for (const one of take) {
      const owner = owners.get(one.number);
      if (owner !== undefined && owner !== one.id && !moving.has(owner)) stuck.add(one);
    }
  }
  return stuck;
}
