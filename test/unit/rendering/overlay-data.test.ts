import { describe, expect, it } from 'vitest';
import { inserterMark } from '../../../src/rendering/barcode/inserter-mark.ts';
import { barsAsSvg } from '../../../src/rendering/bars-svg.ts';
import type { LetterData } from '../../../src/rendering/letter-layout.ts';
import { overlayData } from '../../../src/rendering/overlay-data.ts';

const letter = (reference: string): LetterData => ({
  ...{ reference, address: { lines: ['見本'], size: { pt: 9, step: 1.2 } }, barcode: null, exposures: [] },
});
const order = (inserterMarkAt: { x: number; y: number } | null) => ({
  ...{ locale: 'ja', sha256: '', fontPaths: [], check: false, letters: [letter('7K3M-9QXZ-4'), letter('7K3M-9QXZ-5')] },
  files: { '/profile.json': JSON.stringify({ inserterMark: inserterMarkAt }), '/labels.json': '{"reference":"r"}' },
});

describe('overlayData', () => {
  it('marks the fronts for the inserter: which letter of the batch, which page, which is the last', () => {
    const { letters, pages, labels } = JSON.parse(overlayData(order({ x: 180, y: 260 }), 3));
    expect([pages, labels]).toEqual([3, { reference: 'r' }]);
    const mark = (reference: string, sequence: number, page: number) => {
      const drawn = inserterMark({ reference, sequence, page, last: 3 }, 0.4);
      if (!drawn) throw new Error('no mark');
      return barsAsSvg({ width: drawn.size, height: drawn.size, bars: drawn.modules });
    };
    expect(letters[0].marks.map((one: { svg: string } | null) => one?.svg ?? null)).toEqual([
      ...[mark('7K3M9QXZ4', 1, 1), null, mark('7K3M9QXZ4', 1, 3)],
    ]);
    expect(letters[1].marks[2].svg).toBe(mark('7K3M9QXZ5', 2, 3));
    expect(letters[0].marks[0]).toMatchObject({ x: 180.6, y: 260.6, width: 8.8 });
  });

  it('marks nothing where the profile has no place for it', () => {
    expect(JSON.parse(overlayData(order(null), 2)).letters[0].marks).toEqual([]);
  });
});

describe('barsAsSvg', () => {
  it('draws each bar as a rectangle of one path, in hundredths of a millimetre', () => {
    const bars = [
      { x: 0, y: 0, w: 0.473, h: 2.8 },
      { x: 0.9, y: 0.92, w: 0.473, h: 0.96 },
    ];
    expect(barsAsSvg({ width: 1.373, height: 2.8, bars })).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 137 280"><path d="M0 0H47V280H0zM90 92H137V188H90z"/></svg>',
    );
  });
});
