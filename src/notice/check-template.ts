import { OwabiError } from '../errors.ts';
import { emailProblems, fillEmail } from '../rendering/email.ts';
import { missingFacts } from '../rendering/missing-facts.ts';
import type { TemplateSet } from '../rendering/types.ts';
import type { ProblemList } from './notice-problems.ts';
import { type ChannelPolicy, usesEmail, usesLetter } from './plan-deliveries.ts';
import type { NoticeRenderings, NoticeSnapshot } from './renderings.ts';
import { samplePerson } from './sample-person.ts';

/** Finds what is wrong with the notice whoever it goes to: missing template or facts, wording that does not render. */
export async function checkTemplate(
  templates: TemplateSet,
  snapshot: Omit<NoticeSnapshot, 'templates'>,
  renderings: NoticeRenderings,
  policy: ChannelPolicy,
  problems: ProblemList,
): Promise<void> {
  const template = templates.get(snapshot.template);
  if (!template?.locales.has(snapshot.locale)) {
    problems.blocking('template_missing', snapshot.locale);
    return;
  }
  for (const fact of missingFacts(template, snapshot.facts)) {
    problems.blocking('missing_facts', `facts.${fact}`, `The template ${template.name} needs the fact "${fact}".`);
  }
  if (problems.blocks()) return;
  for (const locale of renderings.locales) {
    try {
      if (usesEmail(policy)) {
        for (const problem of emailProblems(fillEmail(await renderings.email(locale), samplePerson(locale)))) {
          problems.blocking('leftover_tag', `email ${locale} ${problem.where}`, problem.message);
        }
      }
      if (usesLetter(policy)) renderings.letter(locale);
    } catch (error) {
      if (!(error instanceof OwabiError)) throw error;
      problems.blocking('render_failed', locale, error.message);
    }
  }
}
