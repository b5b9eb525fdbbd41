import type { FailureClass } from '../../../delivery/email/classify-failure.ts';

/**
 * What words in a report mean. They are matched against the words that `wordsOf` leaves: no addresses, no host names but
 * those of block lists, no codes, one space between words, Japanese without any.
 */
export interface WordRule {
  class: FailureClass;
  words: RegExp;
  /** Only with such an enhanced status; a report without one does not fit. */
  status?: RegExp;
  /** Only where no server has answered with a reply code. */
  unanswered?: true;
  source: string;
}

/** Rules of one class and one source. */
export function words(failureClass: FailureClass, source: string, ...patterns: RegExp[]): WordRule[] {
  return patterns.map((pattern) => ({ class: failureClass, words: pattern, source }));
}
