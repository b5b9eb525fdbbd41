/** The hotline's hours and special openings in words (R19). */
import type { Facts } from '../incident/facts.ts';
import {
  type DateStyle,
  dateStyle,
  formatNearDate,
  formatSpan,
  timeZoneName,
  type WeekdayName,
  weekdays,
  weekdayWords,
} from './dates.ts';
import type { NoticeLocale } from './types.ts';

type Hours = Facts['contact']['hours'];

/** `平日10:00～19:00（祝日を除く）`, `Monday to Friday, 10:00–19:00 (Japan Standard Time; closed on public holidays)`. */
export function formatHours(locale: NoticeLocale, facts: Facts, timeZone: string): string {
  const { hours } = facts.contact;
  const remarks = [
    ...(locale === 'ja' && timeZone === 'Asia/Tokyo' ? [] : [timeZoneName(locale, timeZone, facts.documentDate)]),
    ...(hours.closedOnHolidays ? [locale === 'ja' ? '祝日を除く' : 'closed on public holidays'] : []),
  ];
  const span = formatSpan(dateStyle(locale, timeZone), hours);
  const days = formatDays(locale, hours.days);
  if (locale === 'ja') return `${days}${span}${remarks.length > 0 ? `（${remarks.join('、')}）` : ''}`;
  return `${days}, ${span}${remarks.length > 0 ? ` (${remarks.join('; ')})` : ''}`;
}

function formatDays(locale: NoticeLocale, days: Hours['days']): string {
  const chosen = weekdays.filter((day) => days.includes(day));
  if (chosen.length === 7) return locale === 'ja' ? '毎日' : 'Every day';
  if (chosen.join() === weekdays.slice(0, 5).join()) return locale === 'ja' ? '平日' : 'Monday to Friday';
  const words = chosen.map((day: WeekdayName) => weekdayWords[locale][day]);
  return locale === 'ja' ? `毎週${words.join('・')}曜日` : words.join(', ');
}

/** One line for each span of hours: `7月29日（土）、7月30日（日）10:00～19:00`. Openings before the document are over. */
export function formatSpecialOpenings(style: DateStyle, facts: Facts): string[] {
  const bySpan = new Map<string, string[]>();
  const coming = facts.contact.specialOpenings.filter(({ date }) => date >= facts.documentDate);
  for (const opening of coming.toSorted((a, b) => (a.date < b.date ? -1 : 1))) {
    const span = formatSpan(style, opening);
    const dates = bySpan.get(span) ?? [];
    bySpan.set(span, [...dates, formatNearDate(style, opening.date, facts.documentDate)]);
  }
  return [...bySpan].map(([span, dates]) =>
    style === 'ja' ? `${dates.join('、')}${span}` : `${dates.join('; ')}: ${span}`,
  );
}
