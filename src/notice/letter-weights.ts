import { type LetterWeight, weighLetter } from '../delivery/letter/letter-weight.ts';
import type { LetterPress, NoticeLocale } from '../rendering/types.ts';
import type { NoticeRenderings } from './renderings.ts';
import { samplePerson } from './sample-person.ts';

/** What a letter in a language weighs. @throws OwabiError `render_failed` */
export type LetterWeights = (locale: NoticeLocale) => Promise<LetterWeight>;

/** Letters of one language have the same pages whoever they are to: one to nobody is typeset when first asked for. */
export function letterWeights(press: Pick<LetterPress, 'typeset'>, renderings: NoticeRenderings): LetterWeights {
  const known = new Map<NoticeLocale, Promise<LetterWeight>>();
  const weigh = async (locale: NoticeLocale): Promise<LetterWeight> => {
    const prepared = renderings.letter(locale);
    const { letters } = await press.typeset({ prepared, persons: [samplePerson(locale)] });
    return weighLetter(letters[0]?.pages ?? 0, prepared.envelope);
  };
  return (locale) => {
    const weight = known.get(locale) ?? weigh(locale);
    known.set(locale, weight);
    return weight;
  };
}
