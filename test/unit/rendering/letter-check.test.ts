import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkPicture } from '../../../src/rendering/letter-check/check-picture.ts';
import { pngOf } from '../../../src/rendering/letter-check/png.ts';
import { checkCodes } from '../../../src/rendering/letter-check/types.ts';

const docs = readFileSync(new URL('../../../docs/letters.md', import.meta.url), 'utf8');
const plan = {
  ...{ page: { width: 210, height: 297 }, printable: { x: 4, y: 4, width: 202, height: 289 }, returnLine: null },
  visibleZone: { x: 21, y: 12, width: 65, height: 24 },
  privacyZone: { x: 0, y: 0, width: 111, height: 57 },
  ...{ inserterMark: null, own: { first: [], front: [], back: [] } },
};
/** A white page of 210 × 297 pixels, one a millimetre, with black ones. */
const picture = (...black: [x: number, y: number][]) => {
  const pixels = new Uint8Array(210 * 297).fill(255);
  for (const [x, y] of black) pixels[y * 210 + x] = 0;
  return { width: 210, height: 297, pixels };
};

describe('the picture of a page', () => {
  it.each<[string[], number, [number, number]]>([
    [[], 1, [50, 20]],
    [['picture_in_window'], 1, [50, 45]],
    [[], 2, [50, 45]],
    [[], 1, [150, 20]],
    [['picture_at_edge'], 1, [150, 1]],
    [['picture_at_edge'], 2, [208, 150]],
    [['picture_at_edge', 'picture_in_window'], 1, [1, 30]],
  ])('finds %j on page %i for ink at %j mm', (found, page, place) => {
    expect(checkPicture(plan, page, picture(place))).toEqual(found);
  });

  it('allows the return line in the window', () => {
    const withLine = { ...plan, returnLine: { x: 30, y: 40, width: 60, height: 5 } };
    expect(checkPicture(withLine, 1, picture([50, 42]))).toEqual([]);
  });

  it('is a PNG that says the same', () => {
    const png = Buffer.from(pngOf({ width: 2, height: 2, pixels: Uint8Array.of(0, 1, 2, 255) }));
    expect(png.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
    const at = png.indexOf('IDAT');
    const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    expect([...rows]).toEqual([0, 0, 1, 0, 2, 255]);
  });
});

describe('docs/letters.md', () => {
  it('tells each finding, and no other', () => {
    const [, checks = ''] = /## Checks\n(.*?)(?=\n## |$)/s.exec(docs) ?? [];
    const told = [...checks.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code);
    expect(told).toEqual([...checkCodes]);
  });
});
