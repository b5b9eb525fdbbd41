import { describe, expect, it } from 'vitest';
import type { OwnText } from '../../../../src/rendering/imposition/own-parts.ts';
import { pageContent } from '../../../../src/rendering/imposition/page-content.ts';
import { clustersOf, planTypeCase, type Type, type TypeCase } from '../../../../src/rendering/imposition/type-case.ts';

const line = (text: string, weight: OwnText['weight'] = 400): OwnText => ({ x: 0, y: 25.4, size: 10, weight, text });

describe('the type case of a batch', () => {
  it('has each character with the marks that belong to it, once for each weight', () => {
    expect(clustersOf('葛\u{E0100}城か\u309aA')).toEqual(['葛\u{E0100}', '城', 'か\u309a', 'A']);
    const { entries, columns, rows } = planTypeCase('ja', [line('山山川'), line('川', 700)]);
    expect(entries).toEqual([
      { cluster: '山', weight: 400 },
      { cluster: '川', weight: 400 },
      { cluster: '川', weight: 700 },
    ]);
    expect([columns, rows]).toEqual([64, 1]);
    const many = String.fromCodePoint(...Array.from({ length: 65 }, (_, i) => 0x4e00 + i));
    expect(planTypeCase('ja', [line(many)]).rows).toBe(2);
  });
});

describe('the content of a page', () => {
  const plain = (byte: number): Type => ({
    ...{ width: 1, says: null, shows: [{ font: 'f0', dx: 0, dy: 0, glyphs: Uint8Array.of(0, byte) }] },
  });
  const typeCase: TypeCase = (weight, cluster) => {
    if (weight === 700) return { ...plain(1), shows: [{ font: 'f1', dx: 0, dy: 0, glyphs: Uint8Array.of(0, 1) }] };
    if (cluster === '葛\u{E0100}') return { ...plain(0x41), says: cluster };
    if (cluster !== 'か\u309a') return plain(cluster.charCodeAt(0));
    const marks = [0x61, 0x62].map((byte, i) => ({ font: 'f0', dx: i / 2, dy: i / 4, glyphs: Uint8Array.of(0, byte) }));
    return { width: 1, says: cluster, shows: marks };
  };
  const content = (texts: OwnText[]) => pageContent({ page: 2, texts, bars: [] }, 50.8, typeCase);

  it('begins with the shared page, and shows what follows by itself in one run', () => {
    expect(content([line('AB'), line('C'), line('D', 700)])).toBe(
      '/b2 Do 0 g\nBT\n/f0 10 Tf\n1 0 0 1 0 72 Tm(\0A\0B)Tj\n1 0 0 1 0 72 Tm(\0C)Tj\n/f1 10 Tf\n1 0 0 1 0 72 Tm(\0\u0001)Tj\nET\n',
    );
  });

  it('escapes what would end a string or be read as something else', () => {
    expect(content([line('(\\)\r')])).toContain('(\0\\(\0\\\\\0\\)\0\\r)Tj');
  });

  it('says what a name’s own form of a character stands for, and puts marks where they belong', () => {
    expect(content([line('A葛\u{E0100}B')])).toContain(
      '(\0A)Tj\n1 0 0 1 10 72 Tm/Span<</ActualText<feff845bdb40dd00>>>BDC(\0A)Tj EMC\n1 0 0 1 20 72 Tm(\0B)Tj',
    );
    expect(content([line('か\u309a')])).toContain(
      '<feff304b309a>>>BDC(\0a)Tj EMC\n1 0 0 1 5 74.5 Tm/Span<</ActualText<feff>>>BDC(\0b)Tj EMC',
    );
  });

  it('draws bars in hundredths of a millimetre, from the upper left corner', () => {
    const bars = [{ x: 10, y: 20.004, w: 0.44, h: 2.8 }];
    expect(pageContent({ page: 1, texts: [], bars }, 297, typeCase)).toContain(
      'q 0.0283465 0 0 -0.0283465 0 841.89 cm\n1000 2000 44 280 re\nf Q',
    );
  });
});
