const CR = 0x0d;
const LF = 0x0a;
const LINE_THEN_DOT = Buffer.from('\r\n.');
const NOTHING = Buffer.alloc(0);

/** A message body as it came, dots unstuffed: pieces in order and their bytes together. */
export interface Body {
  parts: Buffer[];
  size: number;
}

/**
 * Reads the body of one DATA command up to the line with a single dot (RFC 5321 §4.5.2).
 * Only CR LF . CR LF ends it: a bare LF is content, otherwise a message could smuggle a second one.
 * The body keeps its last CR LF. What goes over `maxBytes` is counted and thrown away.
 */
export class DotReader {
  readonly parts: Buffer[] = [];
  size = 0;
  private readonly maxBytes: number;
  // The line break before the first line was part of the DATA command: start as if it had just been read.
  private carry: Buffer = Buffer.from('\r\n');
  private skip = 2;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get tooLarge(): boolean {
    return this.size > this.maxBytes;
  }

  /** Takes the next bytes; gives what follows the final dot, or undefined when the body goes on. */
  push(chunk: Buffer): Buffer | undefined {
    const input = this.carry.length > 0 ? Buffer.concat([this.carry, chunk]) : chunk;
    this.carry = NOTHING;
    let from = 0;
    for (;;) {
      const at = input.indexOf(LINE_THEN_DOT, from);
      if (at < 0) {
        this.keepOpenEnd(input, from);
        return undefined;
      }
      const third = input[at + 3];
      if (third === undefined || (third === CR && input[at + 4] === undefined)) {
        this.take(input, from, at);
        this.carry = input.subarray(at);
        return undefined;
      }
      this.take(input, from, at + 2);
      from = at + 3;
      if (third === CR && input[at + 4] === LF) return input.subarray(at + 5);
    }
  }

  /** A CR, or a CR LF, at the end of the bytes may be the start of the final dot's line. */
  private keepOpenEnd(input: Buffer, from: number): void {
    const last = input.length - 1;
    let end = input.length;
    if (last >= from && input[last] === CR) end = last;
    else if (last > from && input[last] === LF && input[last - 1] === CR) end = last - 1;
    this.take(input, from, end);
    this.carry = input.subarray(end);
  }

  private take(input: Buffer, from: number, to: number): void {
    const start = Math.min(to, from + this.skip);
    this.skip -= start - from;
    if (to <= start) return;
    this.size += to - start;
    if (!this.tooLarge) this.parts.push(input.subarray(start, to));
  }
}
