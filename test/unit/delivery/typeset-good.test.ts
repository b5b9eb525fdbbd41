import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedFault, typesetGood } from '../../../src/delivery/letter/typeset-good.ts';
import { OwabiError } from '../../../src/errors.ts';
import { samplePerson } from '../../../src/notice/sample-person.ts';
import type { CheckCode } from '../../../src/rendering/letter-check/types.ts';
import type { LetterCheck, PreparedLetter, RenderPerson } from '../../../src/rendering/types.ts';
import { person } from '../rendering/rendering.fixtures.ts';

type Fate = 'good' | 'refused' | 'bad' | 'shifts' | 'bad in company';
const prepared = { locale: 'en' } as PreparedLetter;

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

  it('leaves out all of a small batch that are bad in the same way, when a letter to nobody is right', async () => {
    for (const fate of ['bad', 'refused'] as const) {
      const { good, lost } = await typesetGood(pressOf(), prepared, sheetsOf([fate, fate]));
      expect([good, lost.map(({ sheet }) => sheet.id)]).toEqual([[], ['0', '1']]);
    }
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
      fc.asyncProperty(fc.array(fate, { maxLength: 12 }), async (fates) => {
        const sheets = sheetsOf(fates);
        const { good, set, lost } = await typesetGood(pressOf(), prepared, sheets);
        expect(good.length + lost.length).toBe(sheets.length);
        expect(new Set([...good, ...lost.map(({ sheet }) => sheet)]).size).toBe(sheets.length);
        expect(set.checks.every(({ findings }) => findings.length === 0)).toBe(true);
        for (const sheet of sheets.filter(({ fate: own }) => own === 'good')) expect(good).toContain(sheet);
        for (const { fate: own } of good) expect(['good', 'bad in company']).toContain(own);
      }),
    );
  });

  it('leaves nobody out for what is found in a letter to nobody too', async () => {
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

  it('takes what twenty letters have alike for shared, though a letter to nobody is right', async () => {
    const alike = (count: number) => typesetGood(pressOf(), prepared, sheetsOf(Array<Fate>(count).fill('bad')));
    await expect(alike(20)).rejects.toBeInstanceOf(SharedFault);
    expect((await alike(19)).lost).toHaveLength(19);
  });
});

describe('a press that fails', () => {
  /** Typesets with the good press, unless something is wrong with it at that time. */
  const unsteady = (fails: (persons: RenderPerson[], order: number) => Error | CheckCode | null) => {
    let orders = 0;
    return {
      typeset: async (order: { persons: RenderPerson[] }) => {
        const failure = fails(order.persons, ++orders);
        if (failure instanceof Error) throw failure;
        const set = await pressOf().typeset(order);
        return failure ? { ...set, checks: set.checks.map(() => fail(failure)) } : set;
      },
    };
  };
  const refusal = () => new OwabiError('render_failed');
  const isToNobody = ([first]: RenderPerson[]) => first?.reference === samplePerson('en').reference;

  it('costs nobody the letter: who is refused together with a letter to nobody is not lost', async () => {
    for (const count of [1, 5]) {
      const sheets = sheetsOf(Array<Fate>(count).fill('good'));
      await expect(typesetGood(unsteady(refusal), prepared, sheets)).rejects.toMatchObject({ code: 'render_failed' });
    }
  });

  it('is seen at each single letter: one that begins to fail in the midst of a batch loses none', async () => {
    const sheets = sheetsOf(['good', 'good', 'refused', 'good', 'bad', 'good']);
    let orders = 0;
    await typesetGood(
      unsteady((_, order) => {
        orders = order;
        return null;
      }),
      prepared,
      sheets,
    );
    expect(orders).toBeGreaterThan(10);
    for (let from = 1; from <= orders; from++) {
      const failing = (_: RenderPerson[], order: number) => (order >= from ? refusal() : null);
      const found = typesetGood(unsteady(failing), prepared, sheets);
      await expect(found, `from order ${from}`).rejects.toMatchObject({ code: 'render_failed' });
    }
  });

  it('for a moment, whatever it says, loses none that is good', async () => {
    const sheets = sheetsOf(['good', 'good', 'good', 'bad', 'good']);
    for (const failure of [refusal(), 'unreadable'] as const) {
      for (let at = 1; at <= 15; at++) {
        // The letter to nobody is right all the time: somebody else's thread typesets it.
        const failing = (persons: RenderPerson[], order: number) =>
          order === at && !isToNobody(persons) ? failure : null;
        const found = await typesetGood(unsteady(failing), prepared, sheets);
        expect([found.good.length, found.lost.map(({ sheet }) => sheet.id)], `at order ${at}`).toEqual([4, ['3']]);
      }
    }
  });

  it('says so as it is: what is no refusal of letters goes to whoever tries again', async () => {
    const ended = new Error('The typesetting thread ended.');
    const alone = (persons: RenderPerson[]) => (persons.length === 1 && !isToNobody(persons) ? ended : null);
    await expect(typesetGood(unsteady(alone), prepared, sheetsOf(['good', 'bad', 'good']))).rejects.toBe(ended);
  });
});
