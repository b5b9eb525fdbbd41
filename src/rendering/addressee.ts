/** How a person is addressed. */
import { organisationIn } from '../intake/fields/honorifics.ts';
import type { NoticeLocale, RenderPerson } from './types.ts';

const JAPANESE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const ENDS_WITH_HONORIFIC = /(?:様|さま|殿|御中|先生)$/u;

/**
 * Name with honorific on one line. Japanese: 様 unless the list says otherwise, 御中 for an organisation
 * without a person behind it.
 * English: a Latin title goes before the name; a Japanese honorific is left out.
 */
export function addressee(locale: NoticeLocale, person: Pick<RenderPerson, 'name' | 'honorific' | 'company'>): string {
  const name = person.name.trim();
  if (name === '') return organisationAddressee(locale, person.company);
  return locale === 'ja' ? inJapanese(name, person) : inEnglish(name, person.honorific);
}

function organisationAddressee(locale: NoticeLocale, company: string | null): string {
  const name = company?.trim() ?? '';
  return name === '' || locale === 'en' ? name : `${name} 御中`;
}

function inJapanese(name: string, person: Pick<RenderPerson, 'honorific' | 'company'>): string {
  if (ENDS_WITH_HONORIFIC.test(name)) return name;
  const given = person.honorific?.trim() ?? '';
  if (given !== '') return JAPANESE.test(given) ? `${name} ${given}` : `${given} ${name}`;
  return `${name} ${isOrganisation(name, person.company) ? '御中' : '様'}`;
}

function isOrganisation(name: string, company: string | null): boolean {
  return name === company?.trim() || organisationIn(name) === 'alone';
}

function inEnglish(name: string, honorific: string | null): string {
  const title = honorific?.trim() ?? '';
  return title === '' || JAPANESE.test(title) ? name : `${title} ${name}`;
}
