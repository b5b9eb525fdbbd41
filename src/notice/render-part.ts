import { OwabiError } from '../errors.ts';
import { fillEmail } from '../rendering/email.ts';
import { letterProblem } from '../rendering/letter.ts';
import type { LetterPress, NoticeLocale, RenderPerson } from '../rendering/types.ts';
import type { NoticeRenderings } from './renderings.ts';

export const parts = ['subject', 'html', 'text', 'letter'] as const;
export type Part = (typeof parts)[number];

export interface RenderedPart {
  /** Media type. */
  type: string;
  bytes: Uint8Array;
}

/**
 * One part of what a notice says to a person, as it goes out.
 * @throws OwabiError `no_address`, `missing_glyph`, `does_not_fit` for a letter that cannot be printed
 */
export async function renderPart(
  { renderings, press }: { renderings: NoticeRenderings; press: LetterPress },
  locale: NoticeLocale,
  person: RenderPerson,
  part: Part,
): Promise<RenderedPart> {
  if (part === 'letter') {
    const prepared = renderings.letter(locale);
    const problem = letterProblem(prepared, person);
    if (problem) throw new OwabiError(problem.reason);
    return { type: 'application/pdf', bytes: (await press.typeset({ prepared, persons: [person] })).pdf };
  }
  const email = fillEmail(await renderings.email(locale), person);
  const type = part === 'html' ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
  return { type, bytes: Buffer.from(email[part]) };
}
