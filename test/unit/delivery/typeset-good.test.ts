import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedFault, typesetGood } from '../../../src/delivery/letter/typeset-good.ts';
import { OwabiError } from '../../../src/errors.ts';
import type { CheckCode } from '../../../src/rendering/letter-check/types.ts';
import type { LetterCheck, PreparedLetter, RenderPerson } from '../../../src/rendering/types.ts';
import { person } from '../rendering/rendering.fixtures.ts';

type Fate = 'good' | 'refused' | 'bad' | 'shifts' | 'bad in company';
const prepared = {} as PreparedLetter;

/** Persons are named after what becomes of their letters. */
const sheetsOf = (fates: Fate[]) => fates.map((fate, i) => ({ id: String(i), fate, person: person({ name: fate }) }));
const fail = (code: CheckCode): LetterCheck => ({ findings: [{ code, page: 1 }], picture: null });
const pass: LetterCheck = { findings: [], picture: null };

function pressOf(batches: number[] = []) {
  return {
    typeset: async ({ persons }: { persons: RenderPerson[] }) => {
      batches.push(persons.length);
      const names = persons.map(({ name }) => name);
      if (names.includes('refused')) throw new OwabiError('render_failed');
      // A page too many: all that follow look wrong.
      const shifted = names.indexOf('shifts');
      const checks = names.map((name, i) => {
        if (shifted >= 0 && i >= shifted) return fail('reference_missing');
        const isBad = name === 'bad' || (name === 'bad in company' && names.length > 1);
        return isBad ? fail('address_differs') : pass;
      });
      return { pdf: new Uint8Array(), letters: names.map(() => ({ firstPage: 1, pages: 2 })), checks };
    },
  };
}

describe('leaving out what cannot be printed', () => {
  it('prints all at once when all are good', async () => {
    const batches: number[] = [];
    const { good, lost } = await typesetGood(pressOf(batches), prepared, sheetsOf(['good', 'good', 'good']));
    expect([good.length, lost.length, batches]).toEqual([3, 0, [3]]);
  });

  it('leaves out whoever is refused or bad, and nobody who only stands behind them', async () => {
    const fates: Fate[] = ['good', 'shifts', 'good', 'bad', 'refused', 'good'];
    const { good, set, lost } = await typesetGood(pressOf(), prepared, sheetsOf(fates));
    expect(good.map(({ id }) => id)).toEqual(['0', '2', '5']);
    expect(set.letters).toHaveLength(3);
    expect(lost.map(({ sheet, reason }) => [sheet.id, reason])).toEqual([
      ['1', 'check_failed'],
      ['3', 'check_failed'],
      ['4', 'render_failed'],
    ]);
  });

  it('leaves everybody in one of two lists, and prints only what was good together', async () => {
    const fate = fc.constantFrom<Fate>('good', 'good', 'refused', 'bad', 'shifts', 'bad in company');
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { minLength: 1, maxLength: 12 }), async (fates) => {
        const sheets = sheetsOf(['good', ...fates]);
        const { good, set, lost } = await typesetGood(pressOf(), prepared, sheets);
        expect(good.length + lost.length).toBe(sheets.length);
        expect(new Set([...good, ...lost.map(({ sheet }) => sheet)]).size).toBe(sheets.length);
        expect(set.checks.every(({ findings }) => findings.length === 0)).toBe(true);
        for (const sheet of sheets.filter(({ fate: own }) => own === 'good')) expect(good).toContain(sheet);
        for (const { fate: own } of good) expect(['good', 'bad in company']).toContain(own);
      }),
    );
  });

  it('leaves nobody out for a fault of the shared pages, or one that all letters have', async () => {
    const typeset =
      (code: CheckCode) =>
      async ({ persons }: { persons: RenderPerson[] }) => ({
        ...{ pdf: new Uint8Array(), letters: [], checks: persons.map(() => fail(code)) },
      });
    for (const [code, count] of [
      ['body_in_window', 1],
      ['body_at_edge', 3],
      ['font_missing', 3],
    ] as const) {
      const sheets = sheetsOf(Array<Fate>(count).fill('good'));
      const failure = await typesetGood({ typeset: typeset(code) }, prepared, sheets).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(SharedFault);
      expect((failure as SharedFault<unknown>).lost).toHaveLength(count);
    }
  });

  it('loses nobody for what is refused to a letter to nobody too, nor when the press itself fails', async () => {
    const refusing = { typeset: async () => Promise.reject(new OwabiError('render_failed')) };
    const failing = { typeset: async () => Promise.reject(new Error('The typesetting thread ended.')) };
    for (const fates of [['good'], ['good', 'good', 'good']] as Fate[][]) {
      await expect(typesetGood(refusing, prepared, sheetsOf(fates))).rejects.toMatchObject({ code: 'render_failed' });
      await expect(typesetGood(failing, prepared, sheetsOf(fates))).rejects.toThrow('thread ended');
    }
  });

  it('loses nobody when the press fails while one letter is tried', async () => {
    const press = pressOf();
    let single = 0;
    const typeset = async (order: { persons: RenderPerson[] }) => {
      if (order.persons.length === 1 && ++single > 1) throw new Error('The typesetting thread ended.');
      return await press.typeset(order);
    };
    await expect(typesetGood({ typeset }, prepared, sheetsOf(['good', 'bad', 'good']))).rejects.toThrow('thread ended');
  });

  it.each([1, 2, 5])('takes what %i letters of a small batch have in common for their own', async (count) => {
    const { good, lost } = await typesetGood(pressOf(), prepared, sheetsOf(Array<Fate>(count).fill('bad')));
    expect([good.length, lost.length]).toEqual([0, count]);
  });

  it('takes what a whole batch of twenty has in common for everybody’s', async () => {
    const all = sheetsOf(Array<Fate>(20).fill('bad'));
    await expect(typesetGood(pressOf(), prepared, all)).rejects.toBeInstanceOf(SharedFault);
  });
});
