import { OwabiError } from '../errors.ts';
import type { Facts } from '../incident/facts.ts';
import { prepareEmail } from '../rendering/email.ts';
import { prepareLetter } from '../rendering/letter.ts';
import type { EnvelopeProfile } from '../rendering/letter-profiles/envelope-profile.ts';
import { defaultProfile } from '../rendering/letter-profiles/shipped-profiles.ts';
import type { LocaleTemplate, NoticeLocale, PreparedEmail, PreparedLetter, TemplateSet } from '../rendering/types.ts';

/** What is the same for all persons of a notice, as frozen: enough to render it again to the same bytes. */
export interface NoticeSnapshot {
  template: string;
  facts: Facts;
  /** IANA name. */
  timeZone: string;
  /** The incident's language: for persons without one of their own. */
  locale: NoticeLocale;
  /** SHA-256 of the template by language. */
  templates: Record<string, string>;
  /** The envelope of the letters, whole: a profile that is gone or corrected later changes nothing approved. */
  letterProfile?: EnvelopeProfile;
}

/** The prepared parts of one notice by language, made when first needed and kept. */
export interface NoticeRenderings {
  locales: ReadonlySet<NoticeLocale>;
  email(locale: NoticeLocale): Promise<PreparedEmail>;
  letter(locale: NoticeLocale): PreparedLetter;
}

/** @throws OwabiError `template_missing` */
export function renderingsOf(templates: TemplateSet, snapshot: Omit<NoticeSnapshot, 'templates'>): NoticeRenderings {
  const template = templates.get(snapshot.template);
  const emails = new Map<NoticeLocale, Promise<PreparedEmail>>();
  const letters = new Map<NoticeLocale, PreparedLetter>();
  const of = (locale: NoticeLocale): LocaleTemplate => {
    const found = template?.locales.get(locale);
    if (!found) throw new OwabiError('template_missing', `There is no template ${snapshot.template} in ${locale}.`);
    return found;
  };
  const input = (locale: NoticeLocale) => ({
    template: of(locale),
    locale,
    facts: snapshot.facts,
    timeZone: snapshot.timeZone,
  });
  return {
    locales: new Set(template?.locales.keys() ?? []),
    email(locale) {
      const prepared = emails.get(locale) ?? prepareEmail(input(locale));
      emails.set(locale, prepared);
      return prepared;
    },
    letter(locale) {
      const envelope = snapshot.letterProfile ?? defaultProfile(snapshot.locale);
      const prepared = letters.get(locale) ?? prepareLetter({ ...input(locale), envelope });
      letters.set(locale, prepared);
      return prepared;
    },
  };
}

/** Renderings of sending notices, kept for the last few so that chunks of one notice prepare once. */
export function renderingsCache(
  templates: TemplateSet,
  keep = 16,
): (noticeId: string, digest: string, snapshot: NoticeSnapshot) => NoticeRenderings {
  const known = new Map<string, NoticeRenderings>();
  return (noticeId, digest, snapshot) => {
    const key = `${noticeId} ${digest}`;
    const renderings = known.get(key) ?? renderingsOf(templates, snapshot);
    known.delete(key);
    known.set(key, renderings);
    const oldest = known.keys().next().value;
    if (known.size > keep && oldest !== undefined) known.delete(oldest);
    return renderings;
  };
}
