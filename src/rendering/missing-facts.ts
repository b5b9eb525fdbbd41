import { OwabiError } from '../errors.ts';
import type { Facts } from '../incident/facts.ts';

interface Requiring {
  requires: (keyof Facts)[];
}

/** The facts that a template requires and the sheet does not have yet, by name. */
export function missingFacts({ requires }: Requiring, facts: Facts): (keyof Facts)[] {
  return requires.filter((name) => facts[name] === undefined);
}

/** @throws OwabiError `missing_facts`, naming them: an unknown fact would be a hole in the sentence around it */
export function requireFacts(template: Requiring & { name: string }, facts: Facts): void {
  const missing = missingFacts(template, facts);
  if (missing.length === 0) return;
  throw new OwabiError('missing_facts', `The template ${template.name} needs facts: ${missing.join(', ')}.`, {
    missing,
  });
}
