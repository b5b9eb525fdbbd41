/** Writes a PDF of plain objects (ISO 32000-1 §7.5): objects of another file as they are, and new ones. */
import { isStream, type PdfFile, type PdfStream } from '../pdf/pdf-file.ts';
import { Name, PdfProblem, Ref, type Value } from '../pdf/tokens.ts';

// The second line tells programs that the file is not text.
const HEAD = Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1');

const FIRST_BYTES = 512 * 1024;

export class PdfWriter {
  readonly #source: PdfFile;
  /** One buffer that grows: thousands of small pieces would cost more memory than what they hold. */
  #bytes = Buffer.alloc(FIRST_BYTES);
  /** Where each object begins, by its number; 0: reserved. */
  readonly #offsets: number[] = [0];
  /** The numbers in this file of what was copied, by those in the source. */
  readonly #copies = new Map<number, number>();
  #length = 0;

  constructor(source: PdfFile) {
    this.#source = source;
    this.#put(HEAD);
  }

  /** A number for an object that is written later. */
  reserve(): number {
    return this.#offsets.push(0) - 1;
  }

  /** @returns the object's number */
  add(body: string): number {
    const number = this.reserve();
    this.write(number, body);
    return number;
  }

  write(number: number, body: string): void {
    this.#begin(number);
    this.#put(Buffer.from(`${number} 0 obj\n${body}\nendobj\n`, 'latin1'));
  }

  /** @param entries of its dictionary beside filter and length. @param packed by `deflate` */
  addStream(entries: string, packed: Uint8Array): number {
    const number = this.reserve();
    this.#writeStream(number, `<<${entries}/Filter/FlateDecode/Length ${packed.length}>>`, packed);
    return number;
  }

  /** A value of the source in this file's words; what it refers to comes with it, once. */
  copied(value: Value): string {
    if (value instanceof Ref) return ` ${this.#copyOf(value)} 0 R`;
    if (value instanceof Name) return `/${escapedName(value.name)}`;
    if (value instanceof Uint8Array) return `<${Buffer.from(value).toString('hex')}>`;
    if (Array.isArray(value)) return `[${value.map((each) => this.copied(each)).join(' ')}]`;
    if (value instanceof Map) {
      const entries = [...value].map(([key, each]) => `/${escapedName(key)} ${this.copied(each)}`);
      return `<<${entries.join('')}>>`;
    }
    // PDF knows no exponents.
    if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(6);
    if (typeof value === 'boolean' || value === null) return String(value);
    throw new PdfProblem('an operator where a value should be');
  }

  /** @param catalog body of the document's root. @returns the whole file */
  end(catalog: string): Uint8Array {
    const root = this.add(catalog);
    const start = this.#length;
    const entries = this.#offsets.slice(1).map((offset) => `${String(offset).padStart(10, '0')} 00000 n\r\n`);
    this.#put(
      Buffer.from(
        `xref\n0 ${this.#offsets.length}\n0000000000 65535 f\r\n${entries.join('')}` +
          `trailer\n<</Size ${this.#offsets.length}/Root ${root} 0 R>>\nstartxref\n${start}\n%%EOF\n`,
      ),
    );
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }

  #copyOf({ number }: Ref): number {
    const known = this.#copies.get(number);
    if (known !== undefined) return known;
    const copy = this.reserve();
    // Before its parts are copied: they may refer to it.
    this.#copies.set(number, copy);
    const found: Value | PdfStream | undefined = this.#source.resolve(new Ref(number));
    if (found === undefined) throw new PdfProblem('a reference to nothing');
    if (isStream(found)) this.#writeStream(copy, this.copied(withLength(found)), found.stored);
    else this.write(copy, this.copied(found));
    return copy;
  }

  #writeStream(number: number, dict: string, stored: Uint8Array): void {
    this.#begin(number);
    this.#put(Buffer.from(`${number} 0 obj\n${dict}stream\n`, 'latin1'));
    this.#put(stored);
    this.#put(Buffer.from('\nendstream\nendobj\n'));
  }

  #begin(number: number): void {
    this.#offsets[number] = this.#length;
  }

  #put(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }
}

/** Its length may be an object of its own. */
function withLength({ dict, stored }: PdfStream): Value {
  return new Map<string, Value>([...dict, ['Length', stored.length]]);
}

/** ISO 32000-1 §7.3.5 */
function escapedName(name: string): string {
  return name.replace(
    /[^!-~]|[#()<>[\]{}/%]/g,
    (character) => `#${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
