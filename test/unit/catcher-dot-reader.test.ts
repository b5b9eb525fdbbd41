import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DotReader } from '../../src/catcher/dot-reader.ts';

function read(wire: Buffer, cuts: number[], maxBytes = 1_000_000): { body: string; rest: string | undefined } {
  const reader = new DotReader(maxBytes);
  const edges = [0, ...cuts.map((cut) => cut % (wire.length + 1)).sort((a, b) => a - b), wire.length];
  let rest: Buffer | undefined;
  for (let i = 1; i < edges.length; i += 1) {
    const piece = wire.subarray(edges[i - 1], edges[i]);
    if (rest) rest = Buffer.concat([rest, piece]);
    else rest = reader.push(piece);
  }
  return { body: Buffer.concat(reader.parts).toString('latin1'), rest: rest?.toString('latin1') };
}

/** What a sender does: RFC 5321 §4.5.2, written the slow and obvious way. */
function stuffed(lines: string[]): string {
  return `${lines.map((line) => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('')}.\r\n`;
}

describe('the body of a message on the wire', () => {
  it('comes out as it went in, however the network cuts it, and leaves what follows untouched', () => {
    const line = fc.string({ unit: fc.constantFrom('.', 'a', '\n', ' ', '='), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), fc.constantFrom('', 'QUIT\r\n', '.\r\n'), (lines, cuts, next) => {
        const { body, rest } = read(Buffer.from(stuffed(lines) + next), cuts);
        expect(body).toBe(lines.map((text) => `${text}\r\n`).join(''));
        expect(rest).toBe(next);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends only at CR LF dot CR LF, so that no second message can be smuggled in', () => {
    const { body, rest } = read(Buffer.from('a\n.\nb\r.\rc\r\n.\r\n'), []);
    expect(body).toBe('a\n.\nb\r.\rc\r\n');
    expect(rest).toBe('');
  });

  it('counts a body that is too large and keeps none of the excess', () => {
    const reader = new DotReader(100);
    for (let i = 0; i < 50; i += 1) reader.push(Buffer.from(`${'x'.repeat(98)}\r\n`));
    expect(reader.push(Buffer.from('.\r\n'))).toEqual(Buffer.alloc(0));
    expect(reader.tooLarge).toBe(true);
    expect(Buffer.concat(reader.parts).length).toBeLessThanOrEqual(100);
  });
});
