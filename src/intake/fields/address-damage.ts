import { hasBlot, hasPrivateUse, nfkc } from './text.ts';

/** What Excel makes of a house number such as 1-2-3, as it shows or exports it: 2001/2/3, 2001-02-03, 2月3日, 3-Feb, Feb-03. */
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const DATE = `(?:(?:19|20)\\d{2}/\\d{1,2}/\\d{1,2}|(?:19|20)\\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])|(?:(?:19|20)\\d{2}年)?\\d{1,2}月\\d{1,2}日|\\d{1,2}-${MONTH}(?:-\\d{2,4})?|${MONTH}-\\d{2,4})`;
const TIME = '(?:[ T]\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?)?';
const IS_DATE = new RegExp(`^${DATE}${TIME}$`, 'i');
const ENDS_IN_DATE = new RegExp(`(?:^|[^0-9A-Za-z])${DATE}${TIME}$`, 'i');

/**
 * Whether a line of an address has lost what it said: characters that a decoder had none for, or a house number that
 * became a date.
 * @param japanese abroad "3-May" may be a name: there only a whole cell is taken for a date
 */
export function isDamagedLine(line: string, japanese: boolean): boolean {
  if (hasBlot(line) || hasPrivateUse(line)) return true;
  return mayEndInDate(line) && (japanese ? ENDS_IN_DATE : IS_DATE).test(nfkc(line));
}

// Few lines end in what a date can end in and hold a year or a month: looking at them spares the pattern.
function mayEndInDate(line: string): boolean {
  const last = line.charCodeAt(line.length - 1);
  const digit = (last >= 0x30 && last <= 0x39) || (last >= 0xff10 && last <= 0xff19);
  if (last === 0x65e5 || (last | 0x20) >= 0x61) return true;
  return digit && /[/:／：]|-\d\d$|－[０-９]|[a-z]-/i.test(line.slice(-25));
}

// 36526 is 1 January 2000 and 49674 the end of 2035: 1-2 and 1-2-3 become days of these years. House numbers of five
// digits there are (in Nagano), but not so high.
const [FIRST_SERIAL, LAST_SERIAL] = [36_526, 49_674];

/** Whether a cell holds nothing but the number that a spreadsheet has for a day: 36925 was 2001/2/3, and 1-2-3 before. */
export function isSerialDate(cell: string): boolean {
  if (cell.length !== 5) return false;
  const serial = Number(cell);
  return serial >= FIRST_SERIAL && serial <= LAST_SERIAL;
}
