import type { LocaleTemplate, NoticeLocale, RenderPerson, TemplateSet } from '../../../src/rendering/types.ts';

export const templatesDir = new URL('../../../templates', import.meta.url).pathname;
export const timeZone = 'Asia/Tokyo';

/** An invented person, with what a test wants to be different. */
export function person(different: Partial<RenderPerson> = {}): RenderPerson {
  return {
    reference: '7K3M9QXZ4',
    name: '見本 花子',
    honorific: null,
    company: null,
    department: null,
    postalCode: '1000001',
    addressLines: ['東京都千代田区見本1丁目2番3号', '見本マンション101'],
    country: 'JP',
    exposures: [
      { kind: 'card', units: 1, brand: 'VISA', last4: '4821' },
      { kind: 'card', units: 1, brand: 'JCB', last4: '9073' },
    ],
    ...different,
  };
}

/** Every template in every language, for `it.each`. */
export function everyTemplate(set: TemplateSet): [string, NoticeLocale, LocaleTemplate][] {
  return [...set.values()].flatMap(({ name, locales }) =>
    [...locales].map(([locale, template]): [string, NoticeLocale, LocaleTemplate] => [name, locale, template]),
  );
}

export function templateOf(set: TemplateSet, name: string, locale: NoticeLocale): LocaleTemplate {
  const template = set.get(name)?.locales.get(locale);
  if (!template) throw new Error(`No template ${name} in ${locale}.`);
  return template;
}
