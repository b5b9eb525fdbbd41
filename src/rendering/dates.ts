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

/** How dates and times are written: as in Japan, as in Britain and on the Continent, as in the United States. */
export type DateStyle = NoticeLocale | 'en-US';

/** Zones of the tz database that are in the United States. */
const AMERICAN_ZONE =
  /^(?:US\/.+|Pacific\/Honolulu|America\/(?:New_York|Detroit|Chicago|Menominee|Denver|Boise|Phoenix|Los_Angeles|Anchorage|Juneau|Sitka|Metlakatla|Yakutat|Nome|Adak|(?:Indiana|Kentucky|North_Dakota)\/.+))$/;

/** English is American where the incident is: its time zone is all that says so, in email and letter alike. */
export function dateStyle(locale: NoticeLocale, timeZone: string): DateStyle {
  return locale === 'en' && AMERICAN_ZONE.test(timeZone) ? 'en-US' : locale;
}

/** `2017年7月25日`, `25 July 2017`, `July 25, 2017`. */
export function formatDate(style: DateStyle, date: string): string {
  const { year, month, day } = split(date);
  if (style === 'ja') return `${year}年${month}月${day}日`;
  const name = MONTHS[month - 1];
  return style === 'en-US' ? `${name} ${day}, ${year}` : `${day} ${name} ${year}`;
}

/** By Japanese era: `平成29年7月25日`, its first year as `令和元年`; other languages count as everybody does. */
export function formatEraDate(style: DateStyle, date: string): string {
  if (style !== 'ja') return formatDate(style, date);
  return new Intl.DateTimeFormat('ja-JP-u-ca-japanese', { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${date.slice(0, 10)}T00:00:00Z`),
  );
}

/** `2017年6月2日（金）`, `Friday, 2 June 2017`, `Friday, June 2, 2017`. */
function formatDateWithWeekday(style: DateStyle, date: string): string {
  const word = weekdayWords[style === 'ja' ? 'ja' : 'en'][weekdayOf(date)];
  return style === 'ja' ? `${formatDate(style, date)}（${word}）` : `${word}, ${formatDate(style, date)}`;
}

/** The year is left out when it is the document's: `7月29日（土）`, `Saturday, 29 July`, `Saturday, July 29`. */
export function formatNearDate(style: DateStyle, date: string, documentDate: string): string {
  const full = formatDateWithWeekday(style, date);
  const { year } = split(date);
  if (split(documentDate).year !== year) return full;
  return style === 'ja' ? full.slice(`${year}年`.length) : full.replace(new RegExp(`,? ${year}$`), '');
}

/** `2017年6月2日（金）10:00`, `Friday, 2 June 2017, 10:00`; the time only when it is known to the minute. */
export function formatMoment(style: DateStyle, at: string, precision: 'day' | 'minute'): string {
  const day = formatDateWithWeekday(style, at.slice(0, 10));
  if (precision === 'day') return day;
  const time = formatTime(style, at.slice(11));
  return style === 'ja' ? `${day}${time}` : `${day}, ${time}`;
}

/** `10:00～19:00`, `10:00–19:00`, `10:00 a.m.–7:00 p.m.`. */
export function formatSpan(style: DateStyle, { from, to }: { from: string; to: string }): string {
  const [start, end] = [from, to].map((time) => formatTime(style, time));
  return style === 'ja' ? `${start}～${end}` : `${start}–${end}`;
}

function formatTime(style: DateStyle, time: string): string {
  if (style !== 'en-US') return time.replace(/^0/, '');
  const hour = Number(time.slice(0, 2));
  return `${hour % 12 || 12}${time.slice(2, 5)} ${hour % 24 < 12 ? 'a.m.' : 'p.m.'}`;
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
