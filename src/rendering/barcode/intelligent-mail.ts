/** The Intelligent Mail barcode (IMb) of the United States Postal Service: USPS-B-3200, revision H. */
import type { NoBarcode } from './types.ts';

/** What the sender has from USPS, and what tells this letter from their others. All digits. */
export interface Mailer {
  /** Two digits, the second at most 4: how the mail is sorted. Absent: `00`, not sorted by these barcodes. */
  barcodeId?: string;
  /** Three digits: class of mail, and which services are asked for (address correction). */
  serviceType: string;
  /** Six digits, or nine that begin with 9. */
  mailerId: string;
  /** This letter's own number; nine digits with a mailer id of six, six with one of nine. Leading zeros are added. */
  serial: string;
}

const ZIP = /^(\d{5})(?:-?(\d{4}))?$/;
/** The sender has not sorted by these barcodes; other values promise that. */
const UNSORTED = '00';
/** Of mailer id and serial together. */
const MAILER_DIGITS = 15;

/**
 * The 25 or 29 digits of an American letter: barcode id, service type, mailer id, serial, ZIP or ZIP+4. Or why there
 * are none: the ZIP code or what the mailer has is missing or not as it must be.
 */
export function intelligentMailData(zip: string, mailer: Mailer | null): string | NoBarcode {
  const [, zip5, plus4 = ''] = ZIP.exec(zip.normalize('NFKC').trim()) ?? [];
  if (zip5 === undefined) return { none: 'no_postal_code' };
  if (mailer === null || !isComplete(mailer)) return { none: 'no_mailer_id' };
  const { barcodeId = UNSORTED, serviceType, mailerId, serial } = mailer;
  return barcodeId + serviceType + mailerId + serial.padStart(serialDigits(mailerId), '0') + zip5 + plus4;
}

/** How many digits a mailer's serial numbers have: the fewer, the longer the mailer id. */
export function serialDigits(mailerId: string): number {
  return MAILER_DIGITS - mailerId.length;
}

/**
 * Mailer id and serial of a barcode as a scanner reads it.
 * @returns null when it is none
 */
export function readIntelligentMail(text: string): { mailerId: string; serial: number } | null {
  const [, number] = /^\d[0-4]\d{3}(\d{15})(?:\d{5}|\d{9}|\d{11})?$/.exec(text) ?? [];
  if (number === undefined) return null;
  // USPS gives out no six digits that begin with 9, and no nine that begin otherwise.
  const digits = number.startsWith('9') ? 9 : 6;
  return { mailerId: number.slice(0, digits), serial: Number(number.slice(digits)) };
}

function isComplete({ barcodeId = UNSORTED, serviceType, mailerId, serial }: Mailer): boolean {
  return (
    /^\d[0-4]$/.test(barcodeId) &&
    /^\d{3}$/.test(serviceType) &&
    /^(?:\d{6}|\d{9})$/.test(mailerId) &&
    /^\d+$/.test(serial) &&
    serial.length <= serialDigits(mailerId)
  );
}

/** The 65 bars of 20, 25, 29 or 31 digits: 1 full, 2 up, 3 down, 4 timing only. */
export function intelligentMailStates(data: string): string {
  const value = asNumber(data);
  const check = frameCheck(value);
  const characters = codewords(value, check).map((codeword, i) => {
    const bits = codeword < FIVE_OF_13.length ? FIVE_OF_13[codeword] : TWO_OF_13[codeword - FIVE_OF_13.length];
    return (check >> i) & 1 ? ~(bits ?? 0) & 0x1fff : (bits ?? 0);
  });
  const isSet = (character = 0, bit = 0): boolean => (((characters[character] ?? 0) >> bit) & 1) === 1;
  return Array.from({ length: 65 }, (_none, bar) => {
    const [downCharacter, downBit, upCharacter, upBit] = BAR_PLACES.slice(bar * 4, bar * 4 + 4);
    const [down, up] = [isSet(downCharacter, downBit), isSet(upCharacter, upBit)];
    return up ? (down ? '1' : '2') : down ? '3' : '4';
  }).join('');
}

/** Where the routing codes of each length begin, so that no two have one value (3.2.1). */
const ROUTING_STARTS = new Map([
  [0, 0n],
  [5, 1n],
  [9, 100_001n],
  [11, 1_000_100_001n],
]);

/** All digits as one number of 102 bits (3.2.1): the second is at most 4. */
function asNumber(data: string): bigint {
  const routing = data.slice(20);
  let value = BigInt(routing || '0') + (ROUTING_STARTS.get(routing.length) ?? 0n);
  value = value * 10n + BigInt(data.charAt(0));
  value = value * 5n + BigInt(data.charAt(1));
  return value * 10n ** 18n + BigInt(data.slice(2, 20));
}

/** Eleven bits (3.2.2): generator 0xF35, the number as 13 bytes without the two highest bits of the first. */
function frameCheck(value: bigint): number {
  let check = 0x7ff;
  for (let bit = 101n; bit >= 0n; bit--) {
    const differs = ((check >> 10) & 1) !== Number((value >> bit) & 1n);
    check = ((check << 1) & 0x7ff) ^ (differs ? 0xf35 & 0x7ff : 0);
  }
  return check;
}

/** Ten codewords, A to J (3.2.3 and 3.2.4). A tells the highest bit of the check, J which way up the barcode is. */
function codewords(value: bigint, check: number): number[] {
  const words = [Number(value % 636n) * 2];
  let rest = value / 636n;
  for (let i = 0; i < 8; i++) {
    words.unshift(Number(rest % 1365n));
    rest /= 1365n;
  }
  return [Number(rest) + (check >> 10 ? 659 : 0), ...words];
}

const FIVE_OF_13 = nOf13(5);
const TWO_OF_13 = nOf13(2);

/** The 13-bit numbers with so many bits set (appendix E): each with its mirror image, those that are theirs last. */
function nOf13(bits: number): number[] {
  const numbers = Array.from({ length: 0x2000 }, (_none, number) => number);
  const mirrored = (number: number) => Number.parseInt([...number.toString(2).padStart(13, '0')].reverse().join(''), 2);
  const wanted = numbers.filter((number) => number.toString(2).replaceAll('0', '').length === bits);
  const pairs = wanted.flatMap((number) => (mirrored(number) > number ? [number, mirrored(number)] : []));
  return [...pairs, ...wanted.filter((number) => mirrored(number) === number).reverse()];
}

// For each bar: character and bit for the part that goes down, then for the part that goes up (appendix D, table 22).
const BAR_PLACES = (
  '7 2 4 3 1 10 0 0 9 12 2 8 5 5 6 11 8 9 3 1 0 1 5 12 2 5 1 8 4 4 9 11 6 3 8 10 3 9 7 6 5 11 1 4 8 5 ' +
  '2 12 9 10 0 2 7 1 6 7 3 6 4 9 0 3 8 6 6 4 2 7 1 1 9 9 7 10 5 2 4 0 3 8 6 2 0 4 8 11 1 0 9 8 3 12 2 ' +
  '6 7 7 5 1 4 10 1 12 6 9 7 3 8 0 5 8 9 7 4 6 2 10 3 4 0 5 8 4 5 7 7 11 1 9 6 0 9 6 0 6 4 8 2 1 3 2 5 ' +
  '9 8 12 4 11 6 1 9 5 7 4 3 3 1 2 0 7 2 0 1 3 4 1 6 10 3 5 8 7 9 4 2 11 5 6 0 8 7 12 4 2 8 1 5 10 3 0 ' +
  '9 3 0 9 6 5 2 4 7 8 1 7 5 0 4 5 2 3 0 10 6 12 9 2 3 11 1 6 8 8 7 9 5 4 0 11 1 5 2 2 9 1 4 12 8 3 6 ' +
  '6 7 0 3 7 4 7 7 5 0 12 1 11 2 9 9 0 6 8 5 3 3 10 8 2'
)
  .split(' ')
  .map(Number);
