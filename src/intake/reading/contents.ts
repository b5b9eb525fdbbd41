import { OwabiError } from '../../errors.ts';
import { type Bytes, firstBytes, type Meter, type Opened } from './bytes.ts';
import { gunzip, unreadable } from './unpack.ts';
import { readZip, type ZipEntry } from './zip.ts';

/** Text that can be read again from the beginning. */
export interface Text {
  read(meter?: Meter): AsyncGenerator<Buffer>;
  /** What a meter will have counted at the end, as far as is known: for showing progress only. */
  packedSize: number;
}

/** What an upload holds once it is unpacked. */
export type Contents = { text: Text } | { workbook: ZipEntry[] };

/**
 * Finds by the first bytes what an upload is: text, a workbook, or one of them in a gzip or zip file.
 * @throws OwabiError `not_text` for what no list is, `list_unreadable` for archives that hold something else
 */
export async function openContents(upload: Bytes, opened: Opened): Promise<Contents> {
  const plain = { read: (meter?: Meter) => upload.read(0, meter), packedSize: upload.size };
  const kind = kindOf(await firstBytes(plain.read(), HEAD_BYTES));
  if (kind === 'text') return { text: plain };
  if (kind === 'zip') return openZip(upload, opened);
  return openInner({ read: (meter) => gunzip(upload, opened, meter), packedSize: upload.size }, opened);
}

async function openZip(upload: Bytes, opened: Opened): Promise<Contents> {
  const entries = await readZip(upload, opened);
  if (isPackage(entries)) return { workbook: entries };
  const files = entries.filter(({ name }) => !/(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i.test(name));
  const [file, ...others] = files;
  if (!file) throw unreadable('The zip file holds no file. Put the list into it, or upload the list by itself.');
  if (others.length > 0) {
    throw unreadable(`The zip file holds ${files.length} files. Upload them one by one, as lists of their own.`);
  }
  return openInner(file, opened);
}

/** What an archive holds: a text, or a workbook. A workbook is a zip itself, so it is read by unpacking it again. */
async function openInner(inner: Text, opened: Opened): Promise<Contents> {
  const kind = kindOf(await firstBytes(inner.read(), HEAD_BYTES));
  if (kind === 'text') return { text: inner };
  const nested = () => unreadable('The archive holds another archive. Upload what is in that one.');
  if (kind === 'gzip') throw nested();
  const entries = await readZip(await countedBytes(inner), opened);
  if (!isPackage(entries)) throw nested();
  return { workbook: entries };
}

async function countedBytes(inner: Text): Promise<Bytes> {
  let size = 0;
  for await (const chunk of inner.read()) size += chunk.length;
  return {
    size,
    async *read(start = 0, meter) {
      let skip = start;
      for await (const chunk of inner.read()) {
        const wanted = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - wanted.length;
        if (wanted.length === 0) continue;
        meter?.(wanted.length);
        yield wanted;
      }
    },
  };
}

/**
 * Whether a zip is an Office document (ECMA-376 part 2). Those of other programs are told apart here.
 * @throws OwabiError `not_text`
 */
function isPackage(entries: readonly ZipEntry[]): boolean {
  const names = new Set(entries.map(({ name }) => name.toLowerCase()));
  if (names.has('mimetype') && names.has('content.xml')) throw notAList('an OpenDocument file (.ods)');
  if ([...names].some((name) => /^index(\.zip$|\/.*\.iwa$)/.test(name))) throw notAList('a Numbers document');
  if (!names.has('[content_types].xml')) return false;
  if (names.has('xl/workbook.bin')) throw notAList('a binary Excel workbook (.xlsb)');
  if (names.has('word/document.xml')) throw notAList('a Word document');
  if (names.has('ppt/presentation.xml')) throw notAList('a presentation');
  return true;
}

const HEAD_BYTES = 512;

// Signatures as they stand in the descriptions of the formats.
const FOREIGN: [offset: number, signature: string, what: string][] = [
  [0, '\xD0\xCF\x11\xE0', 'an old Excel workbook (.xls), or a workbook with a password'],
  [0, '%PDF-', 'a PDF document'],
  [0, 'Rar!\x1A\x07', 'a RAR archive'],
  [0, '7z\xBC\xAF\x27\x1C', 'a 7z archive'],
  [4, '1AY&SY', 'a bzip2 archive'],
  [0, '\xFD7zXZ\0', 'an xz archive'],
  [0, '\x28\xB5\x2F\xFD', 'a zstd archive'],
  [0, '\x89PNG\r\n', 'a picture'],
  [0, '\xFF\xD8\xFF', 'a picture'],
  [0, 'GIF89a', 'a picture'],
  [0, 'SQLite format 3\0', 'a database (SQLite)'],
  [257, 'ustar', 'a tar archive'],
];

function kindOf(head: Buffer): 'text' | 'gzip' | 'zip' {
  const bytes = head.toString('latin1');
  for (const [offset, signature, what] of FOREIGN) if (bytes.startsWith(signature, offset)) throw notAList(what);
  // What many systems call an .xls is a table of a web page.
  if (/^(\xEF\xBB\xBF)?\s*<(!doctype|html|head|meta|table|\?xml)\b/i.test(bytes)) throw notAList('a web page or XML');
  if (bytes.startsWith('PK\x07\x08')) throw unreadable('The zip file is one part of several. Make it in one piece.');
  if (bytes.startsWith('PK\x03\x04') || bytes.startsWith('PK\x05\x06')) return 'zip';
  return bytes.startsWith('\x1F\x8B') ? 'gzip' : 'text';
}

function notAList(what: string): OwabiError {
  const detail = `The file is ${what}, not a list. Save it as CSV or .xlsx, without a password, and upload that.`;
  return new OwabiError('not_text', detail);
}
