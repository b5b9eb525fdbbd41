import type { Segments } from '../../rendering/types.ts';

/** Puts a person's values into a prepared part and gives its base64, in pieces, with line ends. */
export type PartEncoder = (values: string[]) => Buffer[];

const LINE = 76;
const QUANTUM = 3;

/**
 * Encodes a part's static text once, so that per person only the values and the bytes at their edges are encoded.
 *
 * Base64 goes in steps of three bytes, so how a static text is cut depends on how many of its first bytes are needed to
 * fill the step begun before it: each is encoded for all three cases. A line may be shorter than 76 characters
 * (RFC 2045 §6.8), so every piece ends its own line.
 */
export function partEncoder({ statics, slots }: Segments): PartEncoder {
  const cases = statics.map((plain, i) => {
    const text = Buffer.from(crlf(plain), 'utf8');
    const encode = (skip: number): Encoded => encodeStatic(text, skip, i === statics.length - 1);
    return { text, bySkip: [encode(0), encode(1), encode(2)] as const };
  });
  return (values) => {
    const pieces: Buffer[] = [];
    // What stands between two pieces of ready base64: the end of one text, a value, the beginning of the next text.
    let open: Buffer[] = [];
    let length = 0;
    const add = (bytes: Buffer): void => {
      open.push(bytes);
      length += bytes.length;
    };
    for (const [i, { text, bySkip }] of cases.entries()) {
      if (i > 0 && slots[i - 1]) add(Buffer.from(crlf(values[i - 1] ?? ''), 'utf8'));
      const skip = ((QUANTUM - (length % QUANTUM)) % QUANTUM) as 0 | 1 | 2;
      if (text.length < skip) {
        add(text);
        continue;
      }
      add(text.subarray(0, skip));
      const { ready, rest } = bySkip[skip];
      if (length > 0) pieces.push(base64Lines(Buffer.concat(open, length)));
      if (ready.length > 0) pieces.push(ready);
      open = [rest];
      length = rest.length;
    }
    if (length > 0) pieces.push(base64Lines(Buffer.concat(open, length)));
    return pieces;
  };
}

interface Encoded {
  ready: Buffer;
  /** Bytes that are left for the next step; none at the end of the part. */
  rest: Buffer;
}

function encodeStatic(text: Buffer, skip: number, isLast: boolean): Encoded {
  const body = text.subarray(Math.min(skip, text.length));
  const whole = isLast ? body.length : body.length - (body.length % QUANTUM);
  return { ready: base64Lines(body.subarray(0, whole)), rest: Buffer.from(body.subarray(whole)) };
}

/** Base64 in lines of at most 76 characters, each with its line end. */
function base64Lines(bytes: Buffer): Buffer {
  const plain = bytes.toString('base64');
  const lines: string[] = [];
  for (let i = 0; i < plain.length; i += LINE) lines.push(plain.slice(i, i + LINE), '\r\n');
  return Buffer.from(lines.join(''), 'latin1');
}

const crlf = (text: string): string => text.replace(/\r?\n/g, '\r\n');
