import { describe, expect, it } from 'vitest';
import { inserterMark } from '../../../../src/rendering/barcode/inserter-mark.ts';
import { packBars, unpackBars } from '../../../../src/rendering/barcode/packed-bars.ts';
import { type LetterSheet, ownBars, ownTexts } from '../../../../src/rendering/imposition/own-parts.ts';
import type { LetterData } from '../../../../src/rendering/letter-layout.ts';
import { letterProfile } from '../../../../src/rendering/letter-profile.ts';
import { defaultProfile } from '../../../../src/rendering/letter-profiles/shipped-profiles.ts';

const letter = (given: Partial<LetterData> = {}): LetterData => ({
  ...{ reference: '7K3M-9QXZ-4', address: { lines: ['一', '二'], size: { pt: 9, step: 1.2 } } },
  ...{ generation: 1, barcode: null, noBarcode: null, exposures: [], ...given },
});
const sheet = (inserterMarkAt: { x: number; y: number } | null = null): LetterSheet => ({
  profile: letterProfile({ ...defaultProfile('ja'), inserterMark: inserterMarkAt }, true),
  labels: { reference: '番号', exposures: '情報' },
  advances: { 番: 1, 号: 1, 情: 1, 報: 1 },
  pages: 3,
});
const MM_PER_PT = 25.4 / 72;

describe('what is a person’s own on a page', () => {
  it('is the address line by line, reference and exposures on the first page, and a foot on every page', () => {
    const exposures = ['a', 'b', 'c'];
    const texts = ownTexts(sheet(), letter({ exposures }), 1);
    expect(texts.map(({ text }) => text)).toEqual([
      ...['一', '二', '番号', '7K3M-9QXZ-4', '情報', 'a', 'b', 'c'],
      ...['番号 7K3M-9QXZ-4', '1 / 3'],
    ]);
    const [one, two, , , , a, b, c] = texts;
    expect((two?.y ?? 0) - (one?.y ?? 0)).toBeCloseTo(9 * 1.2 * MM_PER_PT);
    // In two columns.
    expect([a?.y, a?.x]).toEqual([b?.y, c?.x]);
    expect(b?.x).toBeGreaterThan(a?.x ?? 0);
    expect(ownTexts(sheet(), letter({ exposures }), 2).map(({ text }) => text)).toEqual([
      ...['番号 7K3M-9QXZ-4', '2 / 3'],
    ]);
  });

  it('has its foot in the middle of the page, by the widths of its characters', () => {
    const [left, right] = ownTexts(sheet(), letter(), 2);
    const em = 10 * MM_PER_PT;
    const { width } = sheet().profile.page;
    expect(left?.x).toBeCloseTo((width - (2 + 1 + 11 + 2 + 5) * em) / 2);
    expect((right?.x ?? 0) - (left?.x ?? 0)).toBeCloseTo((2 + 1 + 11 + 2) * em);
  });

  it('has marks for the inserter on fronts: which letter, which page, which is the last, and its generation', () => {
    const marked = sheet({ x: 180, y: 260 });
    const expected = (page: number, generation = 1) => {
      const drawn = inserterMark({ reference: '7K3M9QXZ4', sequence: 17, page, last: 3, generation }, 0.4);
      if (!drawn) throw new Error('no mark');
      const edge = (10 - drawn.size) / 2;
      return drawn.modules.map(({ x, y, w, h }) => ({ x: x + 180 + edge, y: y + 260 + edge, w, h }));
    };
    expect(ownBars(marked, letter(), 17, 1)).toEqual(expected(1));
    expect(ownBars(marked, letter(), 17, 2)).toEqual([]);
    expect(ownBars(marked, letter(), 17, 3)).toEqual(expected(3));
    expect(ownBars(marked, letter({ generation: 2 }), 17, 1)).toEqual(expected(1, 2));
    expect(expected(1, 2)).not.toEqual(expected(1));
    expect(ownBars(sheet(), letter(), 17, 1)).toEqual([]);
  });

  it('has the barcode on the first page, where the layout puts it', () => {
    const bars = packBars([{ x: 0.9, y: 0.92, w: 0.47, h: 0.96 }]);
    const barcode = { x: 23.5, y: 30, width: 53, height: 2.8, bars, kind: 'customer', data: '' } as const;
    const [bar, ...others] = ownBars(sheet(), letter({ barcode }), 1, 1);
    expect(others).toEqual([]);
    expect(bar?.x).toBeCloseTo(24.4);
    expect(bar?.y).toBeCloseTo(30.92);
    expect(ownBars(sheet(), letter({ barcode }), 1, 2)).toEqual([]);
  });
});

describe('bars in one piece', () => {
  it('are to the hundredth of a millimetre what they were, edge by edge', () => {
    const bars = [
      { x: 0, y: 0, w: 0.473, h: 2.8 },
      { x: 0.9, y: 0.92, w: 0.473, h: 0.96 },
    ];
    expect([...packBars(bars)]).toEqual([0, 0, 47, 280, 90, 92, 137, 188]);
    for (const [i, bar] of unpackBars(packBars(bars)).entries()) {
      for (const side of ['x', 'y', 'w', 'h'] as const) expect(bar[side]).toBeCloseTo(bars[i]?.[side] ?? 0, 2);
    }
  });
});
