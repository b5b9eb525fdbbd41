import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSharedStrings } from '../../../../src/intake/reading/xlsx/shared-strings.ts';
import { escapeXml } from '../../../support/workbook.ts';

function partOf(texts: string[]) {
  const xml = Buffer.from(`<sst>${texts.map((text) => `<si><t>${escapeXml(text)}</t></si>`).join('')}</sst>`);
  return {
    async *read() {
      for (let i = 0; i < xml.length; i += 60_000) yield xml.subarray(i, i + 60_000);
    },
  };
}

describe('the texts of a workbook', () => {
  it('are found by their number, empty ones too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', '山', '𠮷', 'é', '&'), maxLength: 5 })),
        async (texts) => {
          const strings = await readSharedStrings(partOf(texts));
          expect(texts.map((_, i) => strings.get(i))).toEqual(texts);
          for (const none of [-1, texts.length, 0.5, Number.NaN]) expect(strings.get(none)).toBeNull();
        },
      ),
    );
  });

  it('may be more than one page holds, and end where a page ends', async () => {
    const long = Array.from({ length: 12 }, (_, i) => String.fromCharCode(97 + i).repeat(1_000_000 + (i % 3) - 1));
    const texts = ['', ...long.flatMap((text) => [text.slice(0, 1_000_000), '', '山'])];
    const strings = await readSharedStrings(partOf(texts));
    expect(texts.every((text, i) => strings.get(i) === text)).toBe(true);
  });

  it('are at most 192 MiB, because all are in memory', async () => {
    const texts = Array.from({ length: 12 }, () => 'x'.repeat(1_000_000));
    await expect(readSharedStrings(partOf(texts), undefined, 16 * 2 ** 20)).resolves.toBeDefined();
    await expect(readSharedStrings(partOf(texts), undefined, 8 * 2 ** 20)).rejects.toThrow(
      'The workbook holds more than 8 MiB of different texts. Save the sheet as CSV in UTF-8.',
    );
  });
});
