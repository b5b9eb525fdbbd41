import bwipjs from 'bwip-js/node';

/** The states of a barcode with bars of four heights, as bwip-js draws it: 1 full, 2 up, 3 down, 4 timing only. */
export function statesByOracle(bcid: string, text: string): string {
  const [drawn] = bwipjs.raw({ bcid, text });
  if (!drawn || !('bbs' in drawn)) throw new TypeError('bwip-js gave no bars.');
  const { bbs: bottoms, bhs: heights } = drawn;
  const full = Math.max(...heights.map((height, i) => height + (bottoms[i] ?? 0)));
  return heights
    .map((height, i) => {
      const bottom = bottoms[i] ?? 0;
      const [up, down] = [bottom + height > full - 0.01, bottom < 0.01];
      return up ? (down ? '1' : '2') : down ? '3' : '4';
    })
    .join('');
}

/** Rows of a DataMatrix by bwip-js, `1` for dark. */
export function matrixByOracle(codewords: readonly number[]): string[] {
  const text = codewords.map((codeword) => `^${String(codeword).padStart(3, '0')}`).join('');
  const [drawn] = bwipjs.raw({ bcid: 'datamatrix', text, raw: true } as Parameters<typeof bwipjs.raw>[0]);
  if (!drawn || !('pixs' in drawn)) throw new TypeError('bwip-js gave no matrix.');
  const { pixs, pixx } = drawn;
  return Array.from({ length: pixs.length / pixx }, (_none, row) => pixs.slice(row * pixx, (row + 1) * pixx).join(''));
}
