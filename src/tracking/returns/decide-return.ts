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
}

/** What is said of a letter beside its reference. */
export interface SaidOfReturn {
  noticeId: string | null;
  deliveryId: string | null;
  sequence: number | null;
}

export interface ReturnDecision {
  result: ReturnResult;
  deliveryId: string | null;
  /** Letters to choose from: several that may be it, or those that are not posted, or of other notices. */
  choices: KnownLetter[];
}

/**
 * Which letter has come back. It is the one that stands as posted among those that fit what is said; where several do,
 * the place in the batch that was scanned tells them apart, else a person must. A letter that has come back before is
 * said to have, and stays as it is.
 */
export function decideReturn(said: SaidOfReturn, letters: readonly KnownLetter[] | null): ReturnDecision {
  if (letters === null) return { result: 'unknown_reference', deliveryId: null, choices: [] };
  const fitting = letters.filter(
    ({ noticeId, deliveryId }) =>
      (said.noticeId ?? noticeId) === noticeId && (said.deliveryId ?? deliveryId) === deliveryId,
  );
  const out = fitting.filter(({ state }) => state === 'posted' || state === 'returned');
  const scanned = out.filter(({ sequence }) => said.sequence !== null && sequence === said.sequence);
  // The mark is of a letter that is not posted, or is known by another place: the one that is must not be taken for it.
  if (said.sequence !== null && scanned.length === 0 && out.length > 0) {
    return { result: 'ambiguous', deliveryId: null, choices: out };
  }
  const candidates = scanned.length > 0 ? scanned : out;
  const posted = candidates.filter(({ state }) => state === 'posted');
  if (posted.length > 1) return { result: 'ambiguous', deliveryId: null, choices: posted };
  const [letter] = posted;
  if (letter) return { result: 'returned', deliveryId: letter.deliveryId, choices: [] };
  const before = candidates.toSorted((a, b) => b.generation - a.generation)[0];
  if (before) return { result: 'already', deliveryId: before.deliveryId, choices: [] };
  return { result: 'not_posted', deliveryId: null, choices: fitting.length > 0 ? fitting : [...letters] };
}
