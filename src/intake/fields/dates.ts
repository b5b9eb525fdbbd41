import { type Era, eras } from './eras.ts';

/**
 * Reads a date as lists write it: 2017-06-02, 2017/6/2, 20170602, 2017年6月2日, 平成29年6月2日, H29.6.2, H290602,
 * 令和元年五月一日, 2 Jun 2017, 12/25/2017 (only where day and month cannot be confused), or the serial number that a
 * spreadsheet has for it; each with or without a time of day after it.
 * @returns `YYYY-MM-DD`, or null when it is no such date
 */
export function readDate(cell: string): string | null {
  return readIso(cell) ?? (cell === '' || cell.length > 60 ? null : readOther(fold(cell)));
}

/** Whether a date names a day that its era does not have, such as 平成31年5月1日: of no use, and worth a word. */
export function isImpossibleEraDate(cell: string): boolean {
  const found = cell.length > 60 ? null : readEra(fold(cell));
  return found !== null && found.date !== null && !found.inEra;
}

const SLASHES = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s(].*)?$/;

// What almost every cell holds.
function readIso(cell: string): string | null {
  const found = SLASHES.exec(cell);
  return found ? dateOf(Number(found[1]), Number(found[2]), Number(found[3])) : null;
}

function fold(cell: string): string {
  return westernNumbers(cell.normalize('NFKC').trim().toLowerCase());
}

const KANJI_DIGITS = '〇一二三四五六七八九';

/** 五十 → 50, 十一 → 11, 二〇一七 → 2017, where a unit of time follows. */
function westernNumbers(text: string): string {
  return text.replace(/[〇一二三四五六七八九十]+(?=[年月日])/g, (number) => {
    const [tens, ones] = number.includes('十') ? number.split('十') : ['', number];
    const digits = (part = ''): string => [...part].map((digit) => KANJI_DIGITS.indexOf(digit)).join('');
    if (!number.includes('十')) return digits(ones);
    return `${digits(tens) || '1'}${digits(ones) || '0'}`;
  });
}

const AFTER = '(?:[t\\s(].*)?$';
const WESTERN = new RegExp(
  `^(\\d{4})(?:\\s*[-/.年]\\s*(\\d{1,2})\\s*[-/.月]\\s*(\\d{1,2})日?|(\\d{2})(\\d{2}))${AFTER}`,
);
const DAY_FIRST = new RegExp(`^(\\d{1,2})[-/.](\\d{1,2})[-/.](\\d{4})${AFTER}`);
const DAY_MONTH_NAME = new RegExp(`^(\\d{1,2})(?:st|nd|rd|th)?[-\\s]([a-z]{3})[a-z]*\\.?[-,\\s]+(\\d{4})${AFTER}`);
const MONTH_NAME_DAY = new RegExp(`^([a-z]{3})[a-z]*\\.?[-\\s](\\d{1,2})(?:st|nd|rd|th)?[-,\\s]+(\\d{4})${AFTER}`);
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

function readOther(text: string): string | null {
  const western = WESTERN.exec(text);
  if (western) return dateOf(Number(western[1]), Number(western[2] ?? western[4]), Number(western[3] ?? western[5]));
  const era = readEra(text);
  if (era) return era.inEra ? era.date : null;
  if (/^\d{4,5}(?:\.\d+)?$/.test(text)) return fromSerial(Number(text));
  const named = DAY_MONTH_NAME.exec(text);
  if (named) return dateOf(Number(named[3]), MONTHS.indexOf(named[2] ?? '') + 1, Number(named[1]));
  const american = MONTH_NAME_DAY.exec(text);
  if (american) return dateOf(Number(american[3]), MONTHS.indexOf(american[1] ?? '') + 1, Number(american[2]));
  return readDayFirst(text);
}

// 25/12/2017 and 12/25/2017 can be one day only; of 6/2/2017 nobody knows whether it is in June.
function readDayFirst(text: string): string | null {
  const found = DAY_FIRST.exec(text);
  if (!found) return null;
  const [one, two, year] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (one <= 12 && two <= 12 && one !== two) return null;
  return one > 12 ? dateOf(year, two, one) : dateOf(year, one, two);
}

const ERA = new RegExp(
  `^([${eras.flatMap(({ names }) => names.filter((name) => name.length === 1)).join('')}]|${eras.map(({ names }) => names[0]).join('|')})[\\s.]*(?:(元|\\d{1,2})\\s*[-/.年]\\s*(\\d{1,2})\\s*[-/.月]\\s*(\\d{1,2})日?|(\\d{2})(\\d{2})(\\d{2}))${AFTER}`,
);
const byName = new Map(eras.flatMap((era) => era.names.map((name): [string, Era] => [name, era])));

function readEra(text: string): { date: string | null; inEra: boolean } | null {
  const coded = /^([1-5])(\d{2})(\d{2})(\d{2})$/.exec(text);
  const found = coded ?? ERA.exec(text);
  if (!found) return null;
  const era = coded ? eras.find(({ code }) => code === found[1]) : byName.get(found[1] ?? '');
  if (!era) return null;
  const [year, month, day] = found.slice(2).filter((part) => part !== undefined);
  const date = dateOf(era.yearZero + (year === '元' ? 1 : Number(year)), Number(month), Number(day));
  return { date, inEra: date !== null && Number(year) !== 0 && date >= era.from && date <= era.to };
}

const DAY_MS = 86_400_000;

/**
 * The day that a spreadsheet means by a number, in the 1900 system: 1 is 1 January 1900, and 60 is 29 February 1900,
 * which never was (Lotus 1-2-3 had it, ECMA-376 §18.17.4.1 keeps it). A number from 1900 to 2100 is a year, and no day.
 */
export function fromSerial(serial: number): string | null {
  const days = Math.floor(serial);
  if (days < 1 || days === 60 || days > 73_050 || (days >= 1900 && days <= 2100)) return null;
  const since = Date.UTC(1899, 11, days > 60 ? 30 : 31);
  return new Date(since + days * DAY_MS).toISOString().slice(0, 10);
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function dateOf(year: number, month: number, day: number): string | null {
  if (day < 1 || day > (DAYS[month - 1] ?? 0)) return null;
  if (month === 2 && day === 29 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))) return null;
  if (year < 1000 || year > 9999) return null;
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`;
}
