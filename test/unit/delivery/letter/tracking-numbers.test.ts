import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import {
  isTrackingNumber,
  planTracking,
  readTrackingNumbers,
  type TrackedLetter,
} from '../../../../src/delivery/letter/tracking-numbers.ts';
import { referenceFrom } from '../../../../src/intake/persons/reference.ts';

const numberOf = (first: number): string => {
  const ten = String(first).padStart(10, '0');
  return `${ten}${Number(ten) % 7}`;
};
const references = [1, 2, 3].map((n) => referenceFrom(new Uint8Array(8).fill(n)));
const letters: TrackedLetter[] = references.map((reference, i) => ({
  ...{ id: String(i + 1), sequence: i + 1, reference, state: 'handed_over', trackingNumber: null },
}));
const plan = (csv: string | Uint8Array, of = letters, { taken = [] as string[], replace = false } = {}) => {
  const read = readTrackingNumbers(typeof csv === 'string' ? Buffer.from(csv) : csv);
  const { take, problems } = planTracking(read.lines, of, new Set(taken), replace);
  return {
    take: Object.fromEntries(take.map(({ id, number }) => [id, number])),
    problems: [...read.problems, ...problems],
  };
};

describe('a tracking number', () => {
  it('has eleven digits of which any wrong one is noticed, unless it differs by 7', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999_999 }), fc.nat(10), fc.nat(9), (first, at, digit) => {
        const number = numberOf(first);
        expect(isTrackingNumber(number)).toBe(true);
        const wrong = number.slice(0, at) + digit + number.slice(at + 1);
        const by = Math.abs(Number(number[at]) - digit);
        expect(isTrackingNumber(wrong)).toBe(by === 0 || (by === 7 && at < 10));
      }),
    );
  });
});

describe('a file of tracking numbers', () => {
  it('names letters by sequence, by reference, or by both, in any form in which people write them', () => {
    const [one, two] = [numberOf(1234567890), numberOf(42)];
    const dashed = `${one.slice(0, 3)}-${one.slice(3, 7)}-${one.slice(7)}`;
    expect(plan(`\uFEFFnumber,sequence\r\n${dashed},1\r\n\r\n${two},2\r\n`).take).toEqual({ 1: one, 2: two });
    expect(plan(`Reference,Number\n${references[1]?.toLowerCase()},${one}\n`).take).toEqual({ 2: one });
    expect(plan(`sequence,reference,number\n3,${references[2]},${one}`).take).toEqual({ 3: one });
  });

  it('may be what Excel in Japan saves, with Japanese headings and other columns', () => {
    const one = numberOf(1234567890);
    const text = `通番,お届け先,引受番号\r\n1,"表示、ソ","${one}"\r\n`;
    for (const file of [
      iconv.encode(text, 'cp932'),
      Buffer.from(text),
      iconv.encode(text, 'utf-16le', { addBOM: true }),
    ]) {
      expect(plan(file).take).toEqual({ 1: one });
    }
  });

  it('may be of ten thousand lines, of which each that is wrong is named', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({
      ...{ id: String(i + 1), sequence: i + 1, reference: `r${i}`, state: 'handed_over', trackingNumber: null },
    }));
    const lines = many.map(({ sequence }) => `${sequence},${sequence === 5_000 ? '12345678900' : numberOf(sequence)}`);
    const { take, problems } = plan(['sequence,number', ...lines].join('\r\n'), many);
    expect(Object.keys(take)).toHaveLength(9_999);
    expect(problems).toEqual([{ line: 5_001, code: 'check_digit' }]);
  });

  it('says of each line what is wrong with it', () => {
    const good = numberOf(7);
    const csv = [
      'sequence,reference,number',
      `,,${good}`,
      `1,,123`,
      `1,,${good.slice(0, 10)}${(Number(good[10]) + 1) % 7}`,
      `9,,${good}`,
      `1,${references[1]},${numberOf(8)}`,
      `2,,${numberOf(99)}`,
      `3,,${numberOf(10)}`,
      `3,,${numberOf(11)}`,
    ].join('\n');
    expect(plan(csv, letters, { taken: [numberOf(99)] }).problems).toEqual([
      { line: 2, code: 'no_letter' },
      { line: 3, code: 'digits' },
      { line: 4, code: 'check_digit' },
      { line: 5, code: 'unknown_letter' },
      { line: 6, code: 'letters_differ' },
      { line: 7, code: 'taken' },
      { line: 9, code: 'twice' },
    ]);
  });

  it('gives no number to a letter that was replaced, and none twice', () => {
    const one = numberOf(1);
    const some = letters.map((letter) => ({ ...letter, state: letter.id === '1' ? 'cancelled' : 'posted' }));
    expect(plan(`sequence,number\n1,${one}`, some).problems).toEqual([{ line: 2, code: 'replaced' }]);
    expect(plan(`sequence,number\n2,${one}\n3,${one}`).problems).toEqual([{ line: 3, code: 'twice' }]);
  });

  it('changes a number only when that is said, also when all move up by one', () => {
    const has = letters.map((letter, i) => ({ ...letter, trackingNumber: numberOf(i) }));
    expect(plan(`sequence,number\n1,${numberOf(0)}`, has).problems).toEqual([]);
    const moved = `sequence,number\n1,${numberOf(1)}\n2,${numberOf(2)}\n3,${numberOf(3)}`;
    expect(plan(moved, has).problems.map(({ code }) => code)).toEqual(['has_another', 'has_another', 'has_another']);
    expect(plan(moved, has, { replace: true })).toEqual({
      ...{ take: { 1: numberOf(1), 2: numberOf(2), 3: numberOf(3) }, problems: [] },
    });
    // The second keeps its number, so the first cannot have it.
    const one = `sequence,number\n1,${numberOf(1)}`;
    expect(plan(one, has, { replace: true })).toEqual({ take: {}, problems: [{ line: 2, code: 'taken' }] });
  });

  it('must name its columns', () => {
    expect(() => readTrackingNumbers(Buffer.from('1,12345678901'))).toThrow('The first line must name the columns');
    expect(() => readTrackingNumbers(Buffer.alloc(0))).toThrow('The first line must name the columns');
  });

  it('must name each of them once: of two numbers the wrong one would be taken unseen', () => {
    expect(() => readTrackingNumbers(Buffer.from(`sequence,number,引受番号\n1,${numberOf(1)},${numberOf(2)}`))).toThrow(
      '"number" (column 2) and "引受番号" (column 3) are the same: leave one of them.',
    );
    expect(() => readTrackingNumbers(Buffer.from(`通番,連番,number\n1,2,${numberOf(1)}`))).toThrow('"通番" (column 1)');
    const both = `reference,reference,number\n${references[0]},${references[1]},${numberOf(1)}`;
    expect(() => readTrackingNumbers(Buffer.from(both))).toThrow('(column 2) are the same');
  });

  it('must have a line below them', () => {
    for (const file of ['sequence,number', 'sequence,number\r\n\r\n , \r\n']) {
      expect(() => readTrackingNumbers(Buffer.from(file))).toThrow('no line below the names of its columns');
    }
  });
});
