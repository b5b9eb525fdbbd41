import { describe, expect, it } from 'vitest';
import { loadFonts } from '../../../src/rendering/fonts.ts';
import { widthInEm } from '../../../src/rendering/glyph-table.ts';
import { placedAddress, returnLine, senderBreaks } from '../../../src/rendering/sender-lines.ts';

const { sans, serif } = await loadFonts();
const MM_PER_PT = 25.4 / 72;

describe('placedAddress', () => {
  it.each([
    ['ja', '100-0001', ['東京都千代田区1', '見本ビル'], ['〒100-0001', '東京都千代田区1', '見本ビル']],
    ['ja', '〒100-0001', ['東京都千代田区1'], ['〒100-0001', '東京都千代田区1']],
    [
      'en',
      '100-0001',
      ['1-2 Mihon', 'Chiyoda-ku, Tokyo', 'Japan'],
      ['1-2 Mihon', 'Chiyoda-ku, Tokyo 100-0001', 'Japan'],
    ],
    ['en', '100-0001', ['1-2 Mihon', 'Chiyoda-ku, Tokyo'], ['1-2 Mihon', 'Chiyoda-ku, Tokyo 100-0001']],
    ['en', '94105-1804', ['1 Example St', 'San Francisco, CA'], ['1 Example St', 'San Francisco, CA 94105-1804']],
    ['en', 'SW1A 1AA', ['10 Example Street', 'LONDON'], ['10 Example Street', 'LONDON', 'SW1A 1AA']],
    ['en', 'SW1A 1AA', ['LONDON', 'United Kingdom'], ['LONDON', 'SW1A 1AA', 'United Kingdom']],
    ['en', '10115', ['Musterstraße 1', '10115 Berlin', 'Germany'], ['Musterstraße 1', '10115 Berlin', 'Germany']],
    ['en', '10115', ['Georgia'], ['Georgia', '10115']],
  ] as const)('puts in %s the code %s where %j wants it', (locale, postalCode, addressLines, address) => {
    expect(placedAddress(locale, { postalCode, addressLines: [...addressLines] }).address).toEqual(address);
  });

  it('knows the lines without which nothing arrives', () => {
    const japan = { postalCode: '100-0001', addressLines: ['東京都千代田区1', '見本ビル'] };
    expect(placedAddress('ja', japan).town).toEqual(['〒100-0001', '東京都千代田区1']);
    const abroad = { postalCode: '100-0001', addressLines: ['1-2 Mihon', 'Chiyoda-ku, Tokyo', 'Japan'] };
    expect(placedAddress('en', abroad).town).toEqual(['Chiyoda-ku, Tokyo 100-0001', 'Japan']);
  });
});

describe('returnLine', () => {
  const sender = (name: string, addressLines: string[]) => {
    const organisation = { name, postalCode: '100-0001', addressLines };
    return returnLine(sans, { width: 69 }, { ...organisation, ...placedAddress('ja', organisation) });
  };

  it('is one line of 7 points where that holds the sender, and of less where less does', () => {
    expect(sender('見本商事', ['東京都1'])).toEqual({ lines: ['見本商事 · 〒100-0001 · 東京都1'], pt: 7 });
    const names = Array.from({ length: 30 }, (_, i) => '見本'.repeat(15).slice(0, i + 1));
    const lines = names.map((name) => sender(name, ['東京都1'])).filter((line) => line?.lines.length === 1);
    expect([...new Set(lines.map((line) => line?.pt))]).toEqual([7, 6.5, 6]);
  });

  it('is on two lines then, and leaves out what the post can do without at last', () => {
    expect(sender('株式会社見本商事', ['東京都千代田区見本町1-2-3', '見本ビル4階'])).toEqual({
      ...{ lines: ['株式会社見本商事', '〒100-0001 · 東京都千代田区見本町1-2-3 · 見本ビル4階'], pt: 6 },
    });
    expect(
      sender('株式会社見本商事', [
        '東京都千代田区見本町1-2-3',
        '見本総合ビルディング東館二十三階'.repeat(3),
      ])?.lines.join(''),
    ).toBe('株式会社見本商事 · 〒100-0001 · 東京都千代田区見本町1-2-3');
  });

  it('is never wider than its place, nor smaller than 6 points', () => {
    for (let length = 1; length <= 100; length++) {
      const line = sender('見本'.repeat(50).slice(0, length), ['東京都千代田区見本町1-2-3', '見本ビル4階']);
      if (length <= 50) expect(line).not.toBeNull();
      for (const text of line?.lines ?? []) {
        expect(widthInEm(sans, text) * (line?.pt ?? 0) * MM_PER_PT).toBeLessThanOrEqual(69);
      }
      expect(line?.pt ?? 6).toBeGreaterThanOrEqual(6);
    }
    expect(sender('見本'.repeat(50), ['東京都1'])).toBeNull();
  });
});

describe('senderBreaks', () => {
  it('leaves short lines alone, and no 番3号 on a line of its own', () => {
    const lines = ['東京都1', '東京都千代田区見本町一丁目2番3号'];
    const breaks = senderBreaks(serif, 50, lines);
    expect(Object.keys(breaks['10.5'] ?? {})).toEqual([lines[1]]);
    for (const [line, parts] of Object.values(breaks).flatMap(Object.entries)) {
      expect(parts.join('')).toBe(line);
      for (const part of parts) expect(part.length).toBeGreaterThan(3);
    }
  });
});
