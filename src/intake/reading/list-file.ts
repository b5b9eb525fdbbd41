import { OwabiError } from '../../errors.ts';
import { cutCardNumbers } from '../fields/card-numbers.ts';
import { type ListSource, type Meter, uploadBytes } from './bytes.ts';
import { openContents, type Text } from './contents.ts';
import type { CsvRecord } from './csv.ts';
import type { Encoding } from './encoding.ts';
import { openTextList } from './text-list.ts';
import { openWorkbook } from './xlsx/workbook.ts';
import type { ZipEntry } from './zip.ts';

export type { ListSource } from './bytes.ts';

export interface ReadOptions {
  /** Null: it is found. A workbook has none. */
  encoding: Encoding | null;
  /** Name of a sheet of a workbook; null: the first one that is not hidden. */
  sheet: string | null;
}

/** Something that was noticed of the file as a whole, and how many. */
export interface FileWarning {
  code: string;
  count?: number;
}

/** A list as a table: its header, and its rows as they are asked for. */
export interface ListFile {
  format: 'csv' | 'xlsx';
  /** Null for a workbook. */
  encoding: Encoding | null;
  /** Null for a workbook. */
  delimiter: string | null;
  /** The sheet that is read; null for text. A name may say more than it should: keep it sealed. */
  sheet: string | null;
  /** Card numbers are cut out of it: a file without a header has a person in its first line. */
  header: string[];
  /** Complete only when `rows` has been walked. */
  warnings: FileWarning[];
  /** The rows after the header in pieces, blank ones left out. Can be walked once. */
  rows: AsyncGenerator<CsvRecord[]>;
  /** Bytes of the upload that have been used up, at most its size; of a workbook a share of its size. */
  consumed(): number;
  /** Ends every stream that is open for it. */
  close(): void;
}

/**
 * Opens a list: text in one of several encodings, or a workbook (.xlsx), as it is or in a gzip or zip file.
 * @param source is read several times from different offsets
 * @throws OwabiError `not_text`, `unknown_encoding`, `no_header`, `list_unreadable`; later, from `rows`, also
 * `broken_quote`. After an error nothing is left open
 */
export async function openListFile(source: ListSource, { encoding, sheet }: ReadOptions): Promise<ListFile> {
  const opened = openedStreams();
  try {
    const contents = await openContents(uploadBytes(source, opened), opened);
    return 'text' in contents
      ? await openText(contents.text, encoding, { source, sheet, close: opened.close })
      : await openSheet(contents.workbook, { source, sheet, close: opened.close });
  } catch (error) {
    opened.close();
    throw error;
  }
}

interface Context {
  source: ListSource;
  sheet: string | null;
  close: () => void;
}

async function openText(text: Text, encoding: Encoding | null, { source, sheet, close }: Context): Promise<ListFile> {
  if (sheet !== null) {
    throw new OwabiError('list_unreadable', 'The file is text and has no sheets. Leave out the field "sheet".');
  }
  const progress = makeProgress(source.size, text.packedSize);
  const list = await openTextList(text, encoding, progress.meter);
  const warnings: FileWarning[] = [];
  const rows = finished(list.rows, close, () => {
    progress.end();
    if (list.notes.replacements > 0) warnings.push({ code: 'replacement_character', count: list.notes.replacements });
  });
  return {
    ...{ format: 'csv', encoding: list.encoding, delimiter: list.delimiter, sheet: null },
    ...{ header: headerOf(list.header.cells), warnings, rows, consumed: progress.consumed, close },
  };
}

async function openSheet(parts: readonly ZipEntry[], { source, sheet, close }: Context): Promise<ListFile> {
  const workbook = await openWorkbook(parts, sheet);
  const progress = makeProgress(source.size, workbook.packedSize);
  const list = await workbook.open(progress.meter);
  return {
    ...{ format: 'xlsx', encoding: null, delimiter: null, sheet: workbook.sheet, header: headerOf(list.header.cells) },
    ...{ warnings: list.warnings, rows: finished(list.rows, close, progress.end) },
    ...{ consumed: progress.consumed, close },
  };
}

const headerOf = (cells: readonly string[]): string[] => cells.map((cell) => (cutCardNumbers(cell) ?? cell).trim());

/** Passes the rows on, and closes everything at their end, be it an early one. */
async function* finished(
  rows: AsyncGenerator<CsvRecord[]>,
  close: () => void,
  atEnd: () => void,
): AsyncGenerator<CsvRecord[]> {
  try {
    yield* rows;
    atEnd();
  } finally {
    close();
  }
}

/**
 * How far reading has come, in bytes of the upload.
 * @param packed what the meter will count up to, by what the archive claims; a false claim makes a false progress
 */
function makeProgress(size: number, packed: number): { meter: Meter; consumed(): number; end(): void } {
  let metered = 0;
  let ended = false;
  return {
    meter: (bytes) => {
      metered += bytes;
    },
    consumed: () => (ended ? size : Math.floor(size * Math.min(1, metered / Math.max(1, packed)))),
    end: () => {
      ended = true;
    },
  };
}

function openedStreams() {
  const streams = new Set<{ destroy(): unknown }>();
  return {
    add: (stream: { destroy(): unknown }) => void streams.add(stream),
    delete: (stream: { destroy(): unknown }) => void streams.delete(stream),
    close: () => {
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
  };
}
