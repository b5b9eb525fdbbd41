/**
 * Reads the objects of a PDF (ISO 32000-1 §7.2 and §7.3) from bytes: those of the file and those of a page's content.
 * Only what our typesetter writes is understood; anything else is a `PdfProblem`, never a guess.
 */

/** What a PDF holds that this reader does not know; the message names it and quotes nothing of the text. */
export class PdfProblem extends Error {
  override name = 'PdfProblem';
}

/** A name such as `/F0`, without its slash. */
export class Name {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** The number of an indirect object. */
export class Ref {
  readonly number: number;
  constructor(number: number) {
    this.number = number;
  }
}

/** An operator of a page's content, or a word such as `obj`. */
export class Word {
  readonly word: string;
  constructor(word: string) {
    this.word = word;
  }
}

export type Dict = Map<string, Value>;
/** A string of a PDF is bytes. */
export type Value = number | boolean | null | Name | Ref | Word | Uint8Array | Value[] | Dict;

const BLANK = 1;
const DELIMITER = 2;
const CLASSES = new Uint8Array(256);
for (const byte of [0, 9, 10, 12, 13, 32]) CLASSES[byte] = BLANK;
for (const character of '()<>[]{}/%') CLASSES[character.charCodeAt(0)] = DELIMITER;

const CLOSE_ARRAY = new Word(']');
const CLOSE_DICT = new Word('>>');
const CONSTANTS = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Operators and the names of resources are short and repeat on every page: each is made once, found by its bytes. */
const SHORT = 4;
const words = new Map<number, Value>();
const names = new Map<number, Name>();

export class Tokens {
  readonly bytes: Uint8Array;
  at: number;
  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** The next object; undefined at the end. */
  next(): Value | undefined {
    this.#skipBlanks();
    const byte = this.bytes[this.at];
    if (byte === undefined) return undefined;
    if (byte <= 0x39 && byte >= 0x2b && byte !== 0x2f && byte !== 0x2c) return this.#number();
    if (byte === 0x2f) return this.#name();
    if (byte === 0x28) return this.#literal();
    if (byte === 0x5b) return this.#list(CLOSE_ARRAY);
    if (byte === 0x5d) return this.#closing(1, CLOSE_ARRAY);
    if (byte === 0x3c) return this.bytes[this.at + 1] === 0x3c ? this.#dict() : this.#hex();
    if (byte === 0x3e && this.bytes[this.at + 1] === 0x3e) return this.#closing(2, CLOSE_DICT);
    return this.#word();
  }

  #closing(length: number, word: Word): Word {
    this.at += length;
    return word;
  }

  #skipBlanks(): void {
    const { bytes } = this;
    while (this.at < bytes.length) {
      const byte = bytes[this.at] as number;
      if (byte === 0x25) while (this.at < bytes.length && bytes[this.at] !== 10 && bytes[this.at] !== 13) this.at++;
      else if (CLASSES[byte] !== BLANK) return;
      else this.at++;
    }
  }

  #number(): number {
    const { bytes } = this;
    const sign = bytes[this.at] === 0x2d ? -1 : 1;
    if (bytes[this.at] === 0x2d || bytes[this.at] === 0x2b) this.at++;
    let digits = 0;
    let scale = 0;
    const start = this.at;
    for (; ; this.at++) {
      const byte = bytes[this.at] ?? 32;
      if (byte >= 0x30 && byte <= 0x39) {
        digits = digits * 10 + byte - 0x30;
        scale *= 10;
      } else if (byte === 0x2e && scale === 0) scale = 1;
      else break;
    }
    if (this.at === start) throw new PdfProblem('a number without digits');
    return (sign * digits) / (scale || 1);
  }

  /** The characters up to the next blank or delimiter. */
  #characters(): string {
    const { bytes } = this;
    let text = '';
    while (this.at < bytes.length && CLASSES[bytes[this.at] as number] === 0) {
      text += String.fromCharCode(bytes[this.at++] as number);
    }
    return text;
  }

  /** The next characters as a number; null when they are not short. Stays where it is. */
  #shortKey(): number | null {
    const { bytes, at } = this;
    let key = 0;
    for (let i = 0; i <= SHORT; i++) {
      const byte = bytes[at + i];
      if (byte === undefined || CLASSES[byte] !== 0) return key * 8 + i;
      key = key * 256 + byte;
    }
    return null;
  }

  #name(): Name {
    this.at++;
    const key = this.#shortKey();
    const known = key === null ? undefined : names.get(key);
    if (known) {
      this.at += (key as number) % 8;
      return known;
    }
    const text = this.#characters();
    const name = new Name(text.replace(/#([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))));
    if (key !== null && /^[a-zA-Z]+\d*$/.test(text)) names.set(key, name);
    return name;
  }

  #word(): Value {
    const key = this.#shortKey();
    const known = key === null ? undefined : words.get(key);
    if (known !== undefined) {
      this.at += (key as number) % 8;
      return known;
    }
    const text = this.#characters();
    if (text === '') throw new PdfProblem(`a stray byte ${this.bytes[this.at]}`);
    const constant = CONSTANTS.get(text);
    const word = constant === undefined ? new Word(text) : constant;
    // Of a damaged file, everything may look like a word: only operators are kept.
    if (key !== null && /^[A-Za-z*']+$/.test(text)) words.set(key, word);
    return word;
  }

  #list(end: Word): Value[] {
    this.at += end === CLOSE_DICT ? 2 : 1;
    const list: Value[] = [];
    for (;;) {
      const value = this.next();
      if (value === end) return list;
      if (value === undefined) throw new PdfProblem('an array or dictionary without an end');
      if (!(value instanceof Word)) list.push(value);
      else if (value.word === 'R' && typeof list.at(-2) === 'number') {
        list.pop();
        list.push(new Ref(list.pop() as number));
      } else throw new PdfProblem('a word within an array or dictionary');
    }
  }

  #dict(): Dict {
    const list = this.#list(CLOSE_DICT);
    const dict: Dict = new Map();
    for (let i = 0; i < list.length; i += 2) {
      const key = list[i];
      if (!(key instanceof Name) || i + 1 >= list.length) throw new PdfProblem('a dictionary out of step');
      dict.set(key.name, list[i + 1] as Value);
    }
    return dict;
  }

  #hex(): Uint8Array {
    const end = this.bytes.indexOf(0x3e, this.at);
    if (end < 0) throw new PdfProblem('a string without an end');
    const digits = latin1(this.bytes.subarray(this.at + 1, end)).replace(/\s/g, '');
    this.at = end + 1;
    // A missing last digit is 0 (ISO 32000-1 §7.3.4.3).
    return Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex');
  }

  #literal(): Uint8Array {
    const { bytes } = this;
    const out: number[] = [];
    let depth = 0;
    for (this.at++; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at] as number;
      if (byte === 0x5c) this.#escape(out);
      else if (byte === 0x29 && depth === 0) {
        this.at++;
        return Uint8Array.from(out);
      } else {
        if (byte === 0x28) depth++;
        if (byte === 0x29) depth--;
        out.push(byte);
      }
    }
    throw new PdfProblem('a string without an end');
  }

  /** Leaves `at` on the last character of the escape sequence. */
  #escape(out: number[]): void {
    const { bytes } = this;
    const byte = bytes[++this.at] ?? 0;
    if (byte < 0x30 || byte > 0x37) {
      const plain = 'nrtbf'.indexOf(String.fromCharCode(byte));
      // A backslash before a line's end joins the lines.
      if (byte === 13 && bytes[this.at + 1] === 10) this.at++;
      else if (byte !== 10 && byte !== 13) out.push(plain < 0 ? byte : ([10, 13, 9, 8, 12][plain] as number));
      return;
    }
    let code = byte - 0x30;
    for (let more = 0; more < 2; more++) {
      const digit = (bytes[this.at + 1] ?? 0) - 0x30;
      if (digit < 0 || digit > 7) break;
      code = code * 8 + digit;
      this.at++;
    }
    out.push(code & 0xff);
  }
}

/** Bytes as text, one character each. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
