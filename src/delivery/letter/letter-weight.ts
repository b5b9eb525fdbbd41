import { type EnvelopeProfile, letterGrams } from '../../rendering/letter-profiles/envelope-profile.ts';

/** What decides how much paper one letter may be. */
export type LetterLimits = Pick<EnvelopeProfile, 'paper' | 'envelope' | 'maxSheets' | 'maxGrams'>;

/** A letter as the post weighs it. */
export interface LetterWeight {
  /** Printed on both sides. */
  sheets: number;
  /** With its envelope, rounded up: estimated, so never below the truth. */
  grams: number;
  /** More than the envelope holds, or than the post takes at its rate. */
  tooHeavy: boolean;
}

/** @param pages those of the file, a blank last side too */
export function weighLetter(pages: number, profile: LetterLimits): LetterWeight {
  const sheets = Math.ceil(pages / 2);
  const grams = Math.ceil(letterGrams(profile, sheets));
  return { sheets, grams, tooHeavy: sheets > profile.maxSheets || grams > profile.maxGrams };
}
