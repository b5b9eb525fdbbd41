import type { CellFlag } from '../csv.ts';
import { type NumberFormat, showDigits } from './number-format.ts';

/** What a cell says, and what is doubtful about it. */
export interface CellValue {
  text: string;
  flag?: CellFlag;
}

/**
 * The number of a cell as a list means it: all its digits, with the zeros and hyphens of its format; a date as
 * YYYY-MM-DD. Excel keeps 15 digits of a number: of a longer one the last are lost.
 * @param raw as it stands in the file
 */
export function numberValue(raw: string, format: NumberFormat | null, date1904: boolean): CellValue {
  const number = Number(raw);
  if (!Number.isFinite(number)) return { text: raw, flag: 'damaged_number' };
  if (format?.kind === 'date') return { text: dateText(number, date1904) ?? plainNumber(number), flag: 'excel_date' };
  const plain = /^-?[0-9]{1,15}$/.test(raw) ? raw : plainNumber(number);
  const [, sign, digits] = /^(-?)([0-9]+)$/.exec(plain) ?? [];
  if (digits === undefined) return { text: plain };
  const text = (format && showDigits(format, digits, sign === '-')) ?? plain;
  return digits.length > 15 ? { text, flag: 'damaged_number' } : { text };
}

/** A number with at most 15 significant digits and without exponent. */
export function plainNumber(number: number): string {
  const rounded = Number(number.toPrecision(15));
  const short = String(Number.isFinite(rounded) ? rounded : number);
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:e([+-][0-9]+))?$/.exec(short) ?? [];
  if (exponent === undefined) return short;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

const DAY_MS = 86_400_000;

/**
 * A serial number of Excel as a date, with its time if it has one; below 1 as a time. In the 1900 system day 60 is
 * 29 February 1900, which never was (ECMA-376 part 1, §18.17.4.1); in that of 1904 day 0 is 1 January 1904.
 * @returns null for what is no day
 */
export function dateText(serial: number, date1904: boolean): string | null {
  const seconds = Math.round(serial * 86_400);
  const day = Math.floor(seconds / 86_400);
  const start = date1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, day < 60 ? 31 : 30);
  const ms = start + day * DAY_MS;
  // The last day that Excel knows.
  if (!(day >= 0 && ms <= Date.UTC(9999, 11, 31))) return null;
  const time = new Date((seconds - day * 86_400) * 1000).toISOString().slice(11, 19);
  if (day === 0 && !date1904) return time;
  const date = day === 60 && !date1904 ? '1900-02-29' : isoDate(ms);
  return time === '00:00:00' ? date : `${date} ${time}`;
}

const isoDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** A date that stands in the file as ISO 8601 (`t="d"`). */
export function isoDateValue(raw: string): CellValue {
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2}))?/.exec(raw) ?? [];
  if (date === undefined) return { text: raw, flag: 'excel_date' };
  return { text: time && time !== '00:00:00' ? `${date} ${time}` : date, flag: 'excel_date' };
}
