import type { Meter } from '../bytes.ts';
import { MAX_RECORD_CHARACTERS } from '../csv.ts';
import { unreadable } from '../unpack.ts';
import type { ZipEntry } from '../zip.ts';
import { readXml, unescapeText } from './xml.ts';

/** The texts of a workbook; cells refer to them by number. */
export interface SharedStrings {
  /** Null when there is no text of this number. */
  get(index: number): string | null;
}

/** All texts of a workbook are held in memory, because cells refer to them in any order. */
export const MAX_SHARED_BYTES = 192 * 2 ** 20;

/**
 * Reads the shared strings (ECMA-376 part 1, §18.4). What stands in `rPh` says how a text is read: Excel keeps there
 * what was typed before it was turned into kanji, and shows it above the text, so it is none of it.
 * @throws OwabiError `list_unreadable`
 */
export async function readSharedStrings(
  part: Pick<ZipEntry, 'read'> | null,
  meter?: Meter,
  maxBytes = MAX_SHARED_BYTES,
): Promise<SharedStrings> {
  const store = makeStore(maxBytes);
  if (!part) return store;
  let text = '';
  let phonetic = false;
  let inText = false;
  await readXml(part.read(meter), 'The list of texts of the workbook', {
    open(name) {
      if (name === 'si') text = '';
      else if (name === 'rPh') phonetic = true;
      else if (name === 't') inText = !phonetic;
    },
    text(piece) {
      if (inText) text += piece;
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'si') store.add(unescapeText(text));
    },
  });
  return store;
}

const PAGE_BYTES = 4 * 2 ** 20;

/**
 * Texts in pages of UTF-8 and the places where they begin: a million names as strings would take four times as much.
 * A text never lies on two pages.
 */
function makeStore(maxBytes: number): SharedStrings & { add(text: string): void } {
  const pages: Buffer[] = [];
  let used = PAGE_BYTES;
  let count = 0;
  // Place and length of each text: page × page size + offset, and bytes.
  let places = new Uint32Array(2 * 1024);
  return {
    add(text) {
      if (text.length > MAX_RECORD_CHARACTERS) throw unreadable('A text of the workbook is longer than any cell.');
      // Measured only where the page may end: a character takes three bytes at most.
      if (used + text.length * 3 > PAGE_BYTES && text !== '' && used + Buffer.byteLength(text) > PAGE_BYTES) {
        if ((pages.length + 1) * PAGE_BYTES > maxBytes) throw tooMuchText(maxBytes);
        pages.push(Buffer.allocUnsafeSlow(PAGE_BYTES));
        used = 0;
      }
      const bytes = pages.at(-1)?.write(text, used, 'utf8') ?? 0;
      if (2 * count + 2 > places.length) {
        const larger = new Uint32Array(places.length * 2);
        larger.set(places);
        places = larger;
      }
      places[2 * count] = (pages.length - 1) * PAGE_BYTES + used;
      places[2 * count + 1] = bytes;
      count++;
      used += bytes;
    },
    get(index) {
      if (!Number.isInteger(index) || index < 0 || index >= count) return null;
      const place = places[2 * index] ?? 0;
      const bytes = places[2 * index + 1] ?? 0;
      const start = place % PAGE_BYTES;
      return bytes === 0 ? '' : (pages[(place - start) / PAGE_BYTES]?.toString('utf8', start, start + bytes) ?? null);
    },
  };
}

function tooMuchText(maxBytes: number) {
  const most = maxBytes / 2 ** 20;
  return unreadable(`The workbook holds more than ${most} MiB of different texts. Save the sheet as CSV in UTF-8.`);
}
