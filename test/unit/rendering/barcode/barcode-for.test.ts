import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openPostalData } from '../../../../src/intake/fields/postal-data.ts';
import { barcodeFor } from '../../../../src/rendering/barcode/barcode-for.ts';
import { customerCharacters, customerData, customerStates } from '../../../../src/rendering/barcode/customer-code.ts';
import { drawBars } from '../../../../src/rendering/barcode/four-state.ts';
import { barcodeFault, readCustomerBarcode } from '../../../../src/rendering/barcode/read-barcode.ts';
import { type Bar, type Barcode, noBarcodeReasons } from '../../../../src/rendering/barcode/types.ts';
import { root } from '../../../support/architecture.ts';

const postal = openPostalData(null)();
const japanese = {
  country: 'JP',
  postalCode: '1000013',
  addressLines: ['東京都千代田区霞が関1-3-2', '郵便プラザ503室'],
};
const american = { country: 'US', postalCode: '94105-1804', addressLines: ['1 Example St', 'San Francisco, CA'] };
const british = { country: 'GB', postalCode: 'SW1A 1AA', addressLines: ['1 Example Road', 'LONDON'] };
const mailer = { serviceType: '040', mailerId: '123456', serial: '17' };
const DATA = '1 0 0 0 0 1 3 1 - 3 - 2 - 5 0 3 CC4 CC4 CC4 CC4 9';

function drawn(order: Partial<Parameters<typeof barcodeFor>[0]>): Barcode {
  const found = barcodeFor({ person: japanese, postal, maxWidthMm: 61, ...order });
  if ('none' in found) throw new Error(found.none);
  return found;
}
const none = (order: Partial<Parameters<typeof barcodeFor>[0]>) => {
  const found = barcodeFor({ person: japanese, postal, maxWidthMm: 61, ...order });
  return 'none' in found ? found.none : found.kind;
};

describe('the barcode of an address', () => {
  it('is of the kind that its country reads, with what the manifest says of it', () => {
    expect(drawn({})).toMatchObject({ kind: 'customer', data: DATA });
    expect(drawn({ person: british, maxWidthMm: 90 })).toMatchObject({
      ...{ kind: 'rm4scc', data: expect.stringMatching(/^SW1A1AA9Z[0-9A-Z]$/) },
    });
    expect(drawn({ person: american, maxWidthMm: 90, mailer })).toMatchObject({
      ...{ kind: 'imb', data: '00040123456000000017941051804' },
    });
  });

  it('is none, with the reason, elsewhere and without what it needs', () => {
    expect(none({ person: { ...british, country: 'FR' } })).toBe('no_barcode_in_country');
    expect(none({ person: american })).toBe('no_mailer_id');
    expect(none({ person: { ...american, postalCode: null }, mailer })).toBe('no_postal_code');
    expect(none({ person: { ...british, postalCode: 'LONDON' } })).toBe('no_postal_code');
    expect(none({ postal: null })).toBe('no_postal_data');
  });

  it('is fitted to the width, and is none where even the narrowest has no room', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 40, max: 110, noNaN: true }),
        fc.constantFrom(japanese, british, american),
        (width, person) => {
          const found = barcodeFor({ person, postal, maxWidthMm: width, mailer });
          if ('none' in found) {
            expect(found.none).toBe('no_room');
            expect(width).toBeLessThan(person === japanese ? 53.3 : 70);
            return;
          }
          expect(found.width).toBeLessThanOrEqual(width);
          const right = Math.max(...found.bars.map(({ x, w }) => x + w));
          const bottom = Math.max(...found.bars.map(({ y, h }) => y + h));
          expect(right).toBeCloseTo(found.width, 2);
          expect(bottom).toBeCloseTo(found.height, 2);
        },
      ),
    );
    expect(none({ maxWidthMm: 53.2 })).toBe('no_room');
    expect(none({ maxWidthMm: 53.3 })).toBe('customer');
    // 長形3号 with a window of 90 mm shows 65 mm wherever the sheet slides; 2 mm at each side stay clear.
    expect(drawn({ maxWidthMm: 61 }).width).toBeGreaterThan(59);
  });

  it('has the sizes that the post allows for 8 points', () => {
    for (const maxWidthMm of [53.3, 57, 61, 80]) {
      const { bars } = drawn({ maxWidthMm });
      expect(bars).toHaveLength(67);
      const heights = [...new Set(bars.map(({ h }) => h))].toSorted((a, b) => a - b);
      expect(heights).toEqual([0.96, 1.88, 2.8]);
      for (const [i, { x, w }] of bars.entries()) {
        expect(w).toBeGreaterThanOrEqual(0.4);
        expect(w).toBeLessThanOrEqual(0.56);
        const before = bars[i - 1];
        if (!before) continue;
        expect(x - before.x - before.w).toBeGreaterThan(0.36);
        expect(x - before.x - before.w).toBeLessThan(0.48);
      }
    }
  });
});

describe('docs/letters.md', () => {
  it('tells every reason for having no barcode, and no other', () => {
    const page = readFileSync(join(root, 'docs/letters.md'), 'utf8');
    const [, table = ''] = /\| reason \|.*\n\| -.*\n((?:\|.*\n)+)/.exec(page) ?? [];
    expect([...table.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, reason]) => reason)).toEqual([...noBarcodeReasons]);
  });
});

const shifted = (bars: readonly Bar[], x: number, y: number): Bar[] =>
  bars.map((bar) => ({ ...bar, x: bar.x + x, y: bar.y + y }));

describe('a barcode read back from what was drawn', () => {
  it('says what was meant, wherever it stands, in any order, at any size that the post allows', () => {
    const characters = fc.tuple(fc.stringMatching(/^\d{7}$/), fc.stringMatching(/^[0-9A-Z-]{0,13}$/));
    const points = fc.double({ min: 0.8, max: 1.15, noNaN: true });
    fc.assert(
      fc.property(characters, points, fc.integer({ min: 0, max: 150 }), ([code, number], size, at) => {
        const data = customerData(customerCharacters(code, number));
        const sizes = { pitch: 1.1 * size, barWidth: 0.6 * size, full: 3.5 * size, timing: 1.2 * size };
        const { bars } = drawBars(customerStates(data) ?? '', sizes);
        const mixed = bars.toSorted(
          (a, b) => a.y + a.x * 7.7 - Math.floor(a.x * 7.7) - (b.y + b.x * 7.7 - Math.floor(b.x * 7.7)),
        );
        expect(readCustomerBarcode(shifted(mixed, at / 7, at / 3))).toEqual({ data, checked: true });
      }),
      { numRuns: 300 },
    );
  });

  it('says what was meant when no bar has the timing part alone', () => {
    const data = customerData(customerCharacters('2236782', '2367823678232'));
    const states = customerStates(data) ?? '';
    expect(states).not.toContain('4');
    const { bars } = drawBars(states, { pitch: 0.9, barWidth: 0.47, full: 2.8, timing: 0.96 });
    expect(readCustomerBarcode(bars)).toEqual({ data, checked: true });
  });

  it('is found among fold marks and rules', () => {
    const others = [
      { x: 0, y: 99, w: 3, h: 0.2 },
      { x: 20, y: 60, w: 0.1, h: 200 },
      { x: 20, y: 60, w: 170, h: 1 },
    ];
    expect(readCustomerBarcode([...others, ...drawn({}).bars])).toEqual({ data: DATA, checked: true });
  });

  it.each<[string, (bars: Bar[]) => Bar[]]>([
    ['a bar is missing', (bars) => bars.toSpliced(30, 1)],
    ['a bar is there twice', (bars) => [...bars, bars[30] as Bar]],
    ['a bar is out of its place', (bars) => bars.with(30, { ...(bars[30] as Bar), x: (bars[30] as Bar).x + 0.2 })],
    ['a bar is broken off', (bars) => bars.with(0, { ...(bars[0] as Bar), h: 2.3 })],
    ['a bar is half as long as it should be', (bars) => bars.with(3, { ...(bars[3] as Bar), y: 0.4, h: 2 })],
    ['all bars are too wide', (bars) => bars.map((bar) => ({ ...bar, w: 0.6 }))],
    [
      'all of it is too small',
      (bars) => bars.map(({ x, y, w, h }) => ({ x: x * 0.85, y: y * 0.85, w: w * 0.85, h: h * 0.85 })),
    ],
    ['all of it is pulled wide', (bars) => bars.map((bar) => ({ ...bar, x: bar.x * 1.4 }))],
    ['there is nothing', () => []],
  ])('is none when %s', (_what, damage) => {
    expect(readCustomerBarcode(damage(drawn({}).bars))).toBeNull();
  });

  it('is not right when a bar has become another', () => {
    const { bars } = drawn({});
    const i = bars.findIndex(({ h }, at) => at > 1 && h === 0.96);
    const longer = bars.with(i, { ...(bars[i] as Bar), y: 0, h: 2.8 });
    expect(readCustomerBarcode(longer)?.checked).not.toBe(true);
  });

  it('is compared with what the manifest says, whatever its kind', () => {
    for (const person of [japanese, american, british]) {
      const found = drawn({ person, maxWidthMm: 90, mailer });
      expect(barcodeFault(shifted(found.bars, 25.4, 40), found)).toBe(null);
      expect(barcodeFault(found.bars.slice(1), found)).toBe('differs');
    }
    expect(barcodeFault(drawn({}).bars, { kind: 'customer', data: DATA.replace('- 3', '- 4') })).toBe('differs');
    expect(barcodeFault(drawn({}).bars, { kind: 'customer', data: '' })).toBe('differs');
  });
});
