/**
 * The facts in words: what every template of one language sees, in email and letter alike, so that they cannot
 * contradict each other. Optional facts that are unknown are null or empty, never undefined.
 */
import type { Facts } from '../incident/facts.ts';
import { type DateStyle, dateStyle, formatDate, formatEraDate, formatMoment } from './dates.ts';
import { formatHours, formatSpecialOpenings } from './opening-hours.ts';
import { japaneseCode, placedAddress } from './sender-lines.ts';
import type { NoticeLocale } from './types.ts';

export function noticeView(facts: Facts, locale: NoticeLocale, timeZone: string) {
  const style = dateStyle(locale, timeZone);
  return {
    organisation: organisationView(facts, locale),
    documentDate: formatDate(style, facts.documentDate),
    documentDateEra: formatEraDate(style, facts.documentDate),
    awareness: formatMoment(style, facts.awareness.at, facts.awareness.precision),
    timeline: facts.timeline
      .filter((entry) => entry.public)
      .map(({ at, precision, text }) => ({ when: formatMoment(style, at, precision), text })),
    leakedItems: facts.leakedItems.map(({ label }, i) => ({ mark: itemMark(locale, i), label })),
    cardData: facts.leakedItems.some((item) => item.cardData),
    certainty: CERTAINTY[locale][facts.certainty],
    scale: (facts.scale ?? []).map(({ count, unit }) => UNITS[locale][unit](count.toLocaleString('en-US'), count > 1)),
    exposureWindow: windowView(facts, style),
    cause: facts.cause ?? null,
    secondaryHarm: facts.secondaryHarm ?? null,
    measures: facts.measures,
    requests: facts.requests,
    prevention: (facts.prevention ?? []).map(({ text, status, date }) => ({
      text,
      status: preventionStatus(style, status, date),
    })),
    neverAsked: facts.neverAsked ?? [],
    unaffectedNote: facts.unaffectedNote ?? null,
    other: facts.other ?? [],
    contact: contactView(facts, locale, timeZone),
  };
}

/**
 * The wording follows the facts' certainty and never goes beyond it (R6). “Notice of Data Breach” is what California
 * wants a notice called as soon as data are reasonably believed to have been acquired (Civ. Code §1798.82(d)(1)).
 */
const CERTAINTY = {
  ja: {
    possible: { topic: '情報流出の可能性', attribute: '流出した可能性のある', clause: '流出した可能性がある' },
    suspected: { topic: '情報流出の疑い', attribute: '流出した疑いのある', clause: '流出した疑いがある' },
    likely: { topic: '情報流出の可能性', attribute: '流出した可能性の高い', clause: '流出した可能性が高い' },
    confirmed: { topic: '情報流出', attribute: '流出が確認された', clause: '流出した' },
  },
  en: {
    possible: {
      topic: 'a Possible Data Breach',
      attribute: 'that may have been exposed',
      clause: 'may have been exposed',
    },
    suspected: {
      topic: 'a Suspected Data Breach',
      attribute: 'suspected to have been exposed',
      clause: 'is suspected to have been exposed',
    },
    likely: {
      topic: 'Data Breach',
      attribute: 'likely to have been exposed',
      clause: 'is likely to have been exposed',
    },
    confirmed: { topic: 'Data Breach', attribute: 'that was exposed', clause: 'was exposed' },
  },
} as const;

type UnitName = NonNullable<Facts['scale']>[number]['unit'];

const UNITS: Record<NoticeLocale, Record<UnitName, (count: string, many: boolean) => string>> = {
  ja: {
    cards: (n) => `${n}件（クレジットカード番号の数）`,
    accounts: (n) => `${n}件（アカウントの数）`,
    persons: (n) => `${n}名（お客様の人数）`,
    records: (n) => `${n}件（データの件数）`,
  },
  en: {
    cards: (n, many) => `${n} payment card number${many ? 's' : ''}`,
    accounts: (n, many) => `${n} account${many ? 's' : ''}`,
    persons: (n, many) => `${n} ${many ? 'people' : 'person'}`,
    records: (n, many) => `${n} record${many ? 's' : ''}`,
  },
};

function organisationView({ organisation }: Facts, locale: NoticeLocale) {
  return {
    name: organisation.name,
    representative: organisation.representative ?? null,
    serviceName: organisation.serviceName,
    website: organisation.website,
    postalCode: locale === 'ja' ? japaneseCode(organisation.postalCode) : organisation.postalCode,
    addressLines: organisation.addressLines,
    ...placedAddress(locale, organisation),
    licenceLines: organisation.licenceLines ?? [],
  };
}

function windowView({ exposureWindow }: Facts, style: DateStyle) {
  if (!exposureWindow) return null;
  const { from, to, condition } = exposureWindow;
  return { from: formatDate(style, from), to: formatDate(style, to), condition };
}

function contactView(facts: Facts, locale: NoticeLocale, timeZone: string) {
  const { contact } = facts;
  return {
    name: contact.name,
    phone: contact.phone,
    phoneLabel: phoneLabel(locale, contact.tollFree),
    hours: formatHours(locale, facts, timeZone),
    openings: formatSpecialOpenings(dateStyle(locale, timeZone), facts),
    web: contact.web,
    email: contact.email ?? null,
  };
}

function phoneLabel(locale: NoticeLocale, tollFree: boolean): string {
  if (locale === 'ja') return tollFree ? 'フリーダイヤル' : '電話';
  return tollFree ? 'Telephone (toll-free)' : 'Telephone';
}

function preventionStatus(style: DateStyle, status: 'planned' | 'done', date: string | undefined): string {
  const when = date === undefined ? '' : formatDate(style, date);
  if (style === 'ja') {
    if (status === 'done') return `${when}実施済み`;
    return when === '' ? '実施予定' : `${when}実施予定`;
  }
  if (status === 'done') return `completed on ${when}`;
  return when === '' ? 'planned' : `planned for ${when}`;
}

const KATAKANA_MARKS = 'アイウエオカキクケコサシスセソタチツテトナニヌネノ';
const LATIN_MARKS = 'abcdefghijklmnopqrstuvwxyz';

function itemMark(locale: NoticeLocale, index: number): string {
  return (locale === 'ja' ? KATAKANA_MARKS : LATIN_MARKS)[index] ?? String(index + 1);
}
