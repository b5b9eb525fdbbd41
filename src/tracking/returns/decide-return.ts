/** Why a letter came back: the reasons of the Japanese post (あて所に尋ねあたりません …), and others. */
export const returnReasons = [
  ...(['unknown_address', 'moved', 'incomplete', 'unclaimed', 'refused'] as const),
  ...(['deceased', 'absent', 'forwarding_expired', 'other'] as const),
] as const;
export type ReturnReason = (typeof returnReasons)[number];

export type ReturnResult = 'returned' | 'already' | 'unknown_reference' | 'not_posted' | 'ambiguous';

/** A letter of the person whose reference was given, of whatever notice and generation. */
export interface KnownLetter {
  deliveryId: string;
  noticeId: string;
  generation: number;
  state: string;
  /** Its place in its batch. */
  sequence: number | null;
  /** `YYYY-MM-DD`; null: not posted. */
  postedOn: string | null;
  /** When somebody said that it came back, ISO 8601; null: nobody did. */
  returnedAt: string | null;
}

/** What is said of a letter beside its reference. */
export interface SaidOfReturn {
  noticeId: string | null;
  deliveryId: string | null;
  /** Of the mark that was scanned. */
  sequence: number | null;
  /** Of the same mark; null also where it is an old one, which does not say it. */
  generation: number | null;
}

export interface ReturnDecision {
  result: ReturnResult;
  deliveryId: string | null;
  /** Letters to choose from: several that may be it, those that came back before too; or what is not posted, or of other notices. */
  choices: KnownLetter[];
}

/**
 * Which letter has come back: the one that fits what is said and has been out. Where several have, and one of them stands
 * as posted, a person must say which. To take the one that is left would be right for a new letter that came back like
 * the first, and wrong for an old envelope that is said twice: its person would be unreached by nobody's word. A letter
 * that has come back before is said to have, and stays as it is.
 */
export function decideReturn(said: SaidOfReturn, letters: readonly KnownLetter[] | null): ReturnDecision {
  if (letters === null) return { result: 'unknown_reference', deliveryId: null, choices: [] };
  const fitting = letters.filter(
    ({ noticeId, deliveryId }) =>
      (said.noticeId ?? noticeId) === noticeId && (said.deliveryId ?? deliveryId) === deliveryId,
  );
  const out = fitting.filter(({ state }) => state === 'posted' || state === 'returned');
  const candidates = said.sequence === null ? out : out.filter((letter) => hasMark(letter, said));
  // The mark is of a letter that is not posted, or is known by another place: the one that is must not be taken for it.
  if (candidates.length === 0 && out.length > 0) return { result: 'ambiguous', deliveryId: null, choices: out };
  const posted = candidates.find(({ state }) => state === 'posted');
  if (posted && candidates.length > 1) return { result: 'ambiguous', deliveryId: null, choices: candidates };
  if (posted) return { result: 'returned', deliveryId: posted.deliveryId, choices: [] };
  const before = candidates.toSorted((a, b) => b.generation - a.generation)[0];
  if (before) return { result: 'already', deliveryId: before.deliveryId, choices: [] };
  return { result: 'not_posted', deliveryId: null, choices: fitting.length > 0 ? fitting : [...letters] };
}

const hasMark = (letter: KnownLetter, { sequence, generation }: SaidOfReturn): boolean =>
  letter.sequence === sequence && (generation ?? letter.generation) === letter.generation;
