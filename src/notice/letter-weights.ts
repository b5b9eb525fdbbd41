import { type LetterWeight, weighLetter } from '../delivery/letter/letter-weight.ts';
import { OwabiError } from '../errors.ts';
import type { LetterPress, NoticeLocale } from '../rendering/types.ts';
import type { NoticeRenderings } from './renderings.ts';
import { samplePerson } from './sample-person.ts';

/** What a letter in a language weighs. @throws OwabiError `render_failed`, `check_failed` */
export type LetterWeights = (locale: NoticeLocale) => Promise<LetterWeight>;

interface WeighedOptions {
  /** Whether the letter is read back too, so that what is wrong for everybody is known before anyone approves. */
  check?: boolean;
}

/** Letters of one language have the same pages whoever they are to: one to nobody is typeset when first asked for. */
export function letterWeights(
  press: Pick<LetterPress, 'typeset'>,
  renderings: NoticeRenderings,
  { check = false }: WeighedOptions = {},
): LetterWeights {
  const known = new Map<NoticeLocale, Promise<LetterWeight>>();
  const weigh = async (locale: NoticeLocale): Promise<LetterWeight> => {
    const prepared = renderings.letter(locale);
    const { letters, checks } = await press.typeset({ prepared, persons: [samplePerson(locale)], check });
    const found = new Set(checks.flatMap(({ findings }) => findings.map(({ code, page }) => `${code} (page ${page})`)));
    if (found.size > 0) {
      const message = `The letters in "${locale}" would not be as they should be: ${[...found].join(', ')}.`;
      throw new OwabiError('check_failed', message);
    }
    return weighLetter(letters[0]?.pages ?? 0, prepared.envelope);
  };
  return (locale) => {
    const weight = known.get(locale) ?? weigh(locale);
    known.set(locale, weight);
    return weight;
  };
}
