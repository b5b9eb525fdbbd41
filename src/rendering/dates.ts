/** Dates and times of a fact sheet in words. They are local and carry no zone, so nothing here converts anything. */
import type { NoticeLocale } from './types.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type WeekdayName = (typeof weekdays)[number];

export const weekdayWords: Record<NoticeLocale, Record<WeekdayName, string>> = {
  ja: { mon: '月', tue: '火', wed: '水', thu: '木', fri: '金', sat: '土', sun: '日' },
  en: {
    mon: 'Monday',
    tue: 'Tuesday',
    wed: 'Wednesday',
    thu: 'Thursday',
    fri: 'Friday',
    sat: 'Saturday',
    sun: 'Sunday',
  },
};

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `YYYY-MM-DD` → the weekday by the Gregorian calendar. */
function weekdayOf(date: string): WeekdayName {
  const sundayFirst = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekdays[(sundayFirst + 6) % 7] as WeekdayName;
}

/** `2017年7月25日`, `25 July 2017`. */
export function formatDate(locale: NoticeLocale, date: string): string {
  const { year, month, day } = split(date);
  return locale === 'ja' ? `${year}年${month}月${day}日` : `${day} ${MONTHS[month - 1]} ${year}`;
}

/** By Japanese era: `平成29年7月25日`, its first year as `令和元年`; other languages count as everybody does. */
export function formatEraDate(locale: NoticeLocale, date: string): string {
  if (locale !== 'ja') return formatDate(locale, date);
  return new Intl.DateTimeFormat('ja-JP-u-ca-japanese', { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${date.slice(0, 10)}T00:00:00Z`),
  );
}

/** `2017年6月2日（金）`, `Friday, 2 June 2017`. */
function formatDateWithWeekday(locale: NoticeLocale, date: string): string {
  const word = weekdayWords[locale][weekdayOf(date)];
  return locale === 'ja' ? `${formatDate(locale, date)}（${word}）` : `${word}, ${formatDate(locale, date)}`;
}

/** The year is left out when it is the document's: `7月29日（土）`, `Saturday, 29 July`. */
export function formatNearDate(locale: NoticeLocale, date: string, documentDate: string): string {
  const full = formatDateWithWeekday(locale, date);
  const { year } = split(date);
  if (split(documentDate).year !== year) return full;
  return locale === 'ja' ? full.slice(`${year}年`.length) : full.slice(0, -` ${year}`.length);
}

/** `2017年6月2日（金）10:00`, `Friday, 2 June 2017, 10:00`; the time only when it is known to the minute. */
export function formatMoment(locale: NoticeLocale, at: string, precision: 'day' | 'minute'): string {
  const day = formatDateWithWeekday(locale, at.slice(0, 10));
  if (precision === 'day') return day;
  const time = at.slice(11).replace(/^0/, '');
  return locale === 'ja' ? `${day}${time}` : `${day}, ${time}`;
}

/** `10:00～19:00`, `10:00–19:00`. */
export function formatSpan(locale: NoticeLocale, { from, to }: { from: string; to: string }): string {
  const [start, end] = [from, to].map((time) => time.replace(/^0/, ''));
  return locale === 'ja' ? `${start}～${end}` : `${start}–${end}`;
}

/** The zone's English or Japanese name on that date, such as `Japan Standard Time`. */
export function timeZoneName(locale: NoticeLocale, timeZone: string, date: string): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'long' }).formatToParts(
    new Date(`${date}T12:00:00Z`),
  );
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

function split(date: string): { year: number; month: number; day: number } {
  const [year, month, day] = date.slice(0, 10).split('-').map(Number) as [number, number, number];
  return { year, month, day };
}
