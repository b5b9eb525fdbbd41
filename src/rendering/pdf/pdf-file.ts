/** The objects of a PDF by their numbers (ISO 32000-1 §7.5): plain cross-reference table, streams plain or deflated. */
import { inflateSync } from 'node:zlib';
import { type Dict, latin1, Name, PdfProblem, Ref, Tokens, type Value, Word } from './tokens.ts';

export interface PdfStream {
  dict: Dict;
  /** As stored; `contentOf` unpacks it. */
  stored: Uint8Array;
}

export interface PdfFile {
  trailer: Dict;
  /** What a reference stands for; other values are themselves. @throws PdfProblem */
  resolve(value: Value | undefined): Value | PdfStream | undefined;
  /** @throws PdfProblem when it is not a dictionary */
  dict(value: Value | undefined): Dict;
  /** @throws PdfProblem when it is not a stream */
  stream(value: Value | undefined): PdfStream;
}

/** @throws PdfProblem when the file is damaged, encrypted, changed afterwards, or written in another way than ours */
export function openPdf(bytes: Uint8Array): PdfFile {
  const { offsets, trailer } = readTrailer(bytes);
  for (const key of ['Encrypt', 'Prev', 'XRefStm']) {
    if (trailer.has(key)) throw new PdfProblem(`a trailer with ${key}`);
  }
  const file: PdfFile = {
    trailer,
    // Not kept: pages are read once, and what is shared (forms, fonts) is kept where it is read.
    resolve: (value) => (value instanceof Ref ? readObject(bytes, offsets, value, file) : value),
    dict: (value) => {
      const found = file.resolve(value);
      if (!(found instanceof Map)) throw new PdfProblem('an object that should be a dictionary');
      return found;
    },
    stream: (value) => {
      const found = file.resolve(value);
      if (!isStream(found)) throw new PdfProblem('an object that should be a stream');
      return found;
    },
  };
  return file;
}

/** The bytes of a stream, unpacked. @throws PdfProblem */
export function contentOf({ dict, stored }: PdfStream): Uint8Array {
  const filter = dict.get('Filter');
  if (filter === undefined) return stored;
  if (!(filter instanceof Name) || filter.name !== 'FlateDecode' || dict.has('DecodeParms')) {
    throw new PdfProblem('a stream packed in another way than by FlateDecode');
  }
  try {
    return inflateSync(stored);
  } catch {
    throw new PdfProblem('a stream that cannot be unpacked');
  }
}

export function isStream(value: Value | PdfStream | undefined): value is PdfStream {
  return typeof value === 'object' && value !== null && 'stored' in value;
}

/** The numbers of an array. @throws PdfProblem when it is anything else */
export function numbersOf(value: Value | PdfStream | undefined, count?: number): number[] {
  if (
    !Array.isArray(value) ||
    value.some((each) => typeof each !== 'number') ||
    value.length !== (count ?? value.length)
  ) {
    throw new PdfProblem('an array that should hold numbers');
  }
  return value as number[];
}

function readTrailer(bytes: Uint8Array): { offsets: Map<number, number>; trailer: Dict } {
  const end = latin1(bytes.subarray(Math.max(0, bytes.length - 64)));
  const start = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(end)?.[1] ?? Number.NaN);
  if (!(start < bytes.length)) throw new PdfProblem('no cross-reference table');
  const tokens = new Tokens(bytes, start);
  if (wordOf(tokens) !== 'xref') throw new PdfProblem('a cross-reference stream');
  const offsets = new Map<number, number>();
  for (let first = tokens.next(); !isWord(first, 'trailer'); first = tokens.next()) {
    const count = tokens.next();
    if (typeof first !== 'number' || typeof count !== 'number') throw new PdfProblem('a broken cross-reference table');
    for (let i = 0; i < count; i++) {
      const [offset, , kind] = [tokens.next(), tokens.next(), tokens.next()];
      if (isWord(kind, 'n') && typeof offset === 'number') offsets.set(first + i, offset);
      else if (!isWord(kind, 'f')) throw new PdfProblem('a broken cross-reference table');
    }
  }
  const trailer = tokens.next();
  if (!(trailer instanceof Map)) throw new PdfProblem('no trailer');
  return { offsets, trailer };
}

function readObject(
  bytes: Uint8Array,
  offsets: Map<number, number>,
  { number }: Ref,
  file: PdfFile,
): Value | PdfStream {
  const offset = offsets.get(number);
  if (offset === undefined) throw new PdfProblem('a reference to nothing');
  const tokens = new Tokens(bytes, offset);
  if (tokens.next() !== number || tokens.next() !== 0 || wordOf(tokens) !== 'obj') {
    throw new PdfProblem('an object that is not where the table says');
  }
  const value = tokens.next();
  const after = wordOf(tokens);
  if (value === undefined || (after !== 'endobj' && after !== 'stream'))
    throw new PdfProblem('an object without an end');
  if (after === 'endobj') return value;
  if (!(value instanceof Map)) throw new PdfProblem('a stream without a dictionary');
  const length = file.resolve(value.get('Length'));
  const start = tokens.at + (bytes[tokens.at] === 13 ? 2 : 1);
  if (typeof length !== 'number' || start + length > bytes.length) throw new PdfProblem('a stream without a length');
  return { dict: value, stored: bytes.subarray(start, start + length) };
}

function wordOf(tokens: Tokens): string | undefined {
  const token = tokens.next();
  return token instanceof Word ? token.word : undefined;
}

function isWord(value: Value | undefined, word: string): boolean {
  return value instanceof Word && value.word === word;
}
