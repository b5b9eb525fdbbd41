import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certainGroups, contradictEachOther, type SayingRow } from '../../../../src/intake/matching/certain.ts';
import { areOne, type Evidence, makeEvidenceBook, uniteEvidence } from '../../../../src/intake/matching/evidence.ts';

const evidence: fc.Arbitrary<Evidence> = fc.record({
  email: fc.boolean(),
  sources: fc.uniqueArray(fc.constantFrom('shop', 'crm', ''), { maxLength: 2 }),
  births: fc.uniqueArray(fc.constantFrom(100, 200, 300), { maxLength: 2 }),
});
const several = fc.array(evidence, { minLength: 1, maxLength: 5 });
const nothing: Evidence = { email: false, sources: [], births: [] };
const withBirth = (...births: number[]): Evidence => ({ ...nothing, births });
const withNumber = (...sources: string[]): Evidence => ({ ...nothing, sources });

describe('two of one name at one address', () => {
  it.each<[string, Evidence, Evidence, boolean]>([
    ['of whom nothing else is known are one', nothing, nothing, true],
    ['of whom one has an email are one', { ...nothing, email: true }, nothing, true],
    ['who both have an email may be two', { ...nothing, email: true }, { ...nothing, email: true }, false],
    ['who both have a number in one system may be two', withNumber('shop'), withNumber('crm', 'shop'), false],
    ['who have numbers in different systems are one', withNumber('shop'), withNumber('crm'), true],
    ['who have the same birth date are one', withBirth(7), withBirth(7), true],
    ['who have different birth dates may be two', withBirth(7), withBirth(8), false],
    ['of whom one has a birth date are one', withBirth(7), nothing, true],
  ])('%s', (_name, a, b, one) => {
    expect([areOne([a, b]), areOne([b, a])]).toEqual([one, one]);
  });
});

describe('evidence', () => {
  it('is judged the same in whatever order it stands', () => {
    fc.assert(
      fc.property(
        several.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, other]) => {
          expect(areOne(other)).toBe(areOne(list));
        },
      ),
    );
  });

  it('never becomes harmless by more evidence', () => {
    fc.assert(
      fc.property(several, evidence, (list, more) => {
        if (!areOne(list)) expect(areOne([...list, more])).toBe(false);
      }),
    );
  });

  it('says together what each says', () => {
    const united = uniteEvidence([withBirth(7), withNumber('shop'), withNumber('shop', 'crm'), withBirth(7, 8)]);
    expect(united).toEqual({ email: false, sources: ['shop', 'crm'], births: [7, 8] });
  });

  it('is kept of rows and of known persons, and of no row that was not added', () => {
    const book = makeEvidenceBook('shop');
    book.add(3, { emails: ['a@example.jp'], externalId: 'M-1', birth: '1970-01-02' });
    book.add(4, { emails: [], externalId: null, birth: '1970-01-02' });
    book.add(5_000, { emails: [], externalId: '7', birth: null });
    book.set(6_000, { email: true, sources: ['shop', 'crm'], births: [] });
    expect([1, 3, 4, 5_000].map((row) => book.has(row))).toEqual([false, true, true, true]);
    const [one, other] = [book.of(3), book.of(4)];
    expect(one).toMatchObject({ email: true, sources: ['shop'] });
    expect(one.births).toEqual(other.births);
    expect(one.births).toHaveLength(1);
    expect(book.of(5_000)).toEqual({ email: false, sources: ['shop'], births: [] });
    expect(book.of(6_000)).toEqual({ email: true, sources: ['crm', 'shop'], births: [] });
    expect(book.of(2)).toEqual(nothing);
  });
});

const row = (fields: Partial<SayingRow['fields']>, source = 'shop', fingerprint: string | null = null): SayingRow => ({
  ...{ source, fingerprint },
  fields: { name: '見本 太郎', emails: [], externalId: null, birth: null, ...fields },
});

describe('rows that are one person for certain', () => {
  const partition = (rows: readonly SayingRow[]) =>
    certainGroups(rows).map((group) => group.map((one) => rows.indexOf(one)));

  it('have one name and share an email or a number of one source, or are the same row', () => {
    const rows = [
      row({ emails: ['a@example.jp', 'b@example.jp'] }),
      row({ emails: ['Ｂ@example.jp'], name: '見本　太郎' }),
      row({ emails: ['a@example.jp'], name: '見本 花子' }),
      row({ externalId: '7' }),
      row({ externalId: '7' }, 'crm'),
      row({ externalId: '７' }),
      row({}, 'shop', 'ab'),
      row({}, 'shop', 'ab'),
      row({}, 'shop', 'cd'),
    ];
    expect(partition(rows)).toEqual([[0, 1], [2], [3, 5], [4], [6, 7], [8]]);
  });

  it('contradict each other when two who were taken for one have two emails, numbers or birth dates', () => {
    const [a, b] = [row({ emails: ['a@example.jp'] }), row({ emails: ['b@example.jp'] })];
    expect(contradictEachOther([a, row({})])).toBe(false);
    expect(contradictEachOther([a, b])).toBe(true);
    expect(contradictEachOther([a, b, row({ emails: ['a@example.jp', 'b@example.jp'] })])).toBe(false);
    expect(contradictEachOther([row({ externalId: '1' }), row({ externalId: '2' })])).toBe(true);
    expect(contradictEachOther([row({ externalId: '1' }), row({ externalId: '2' }, 'crm')])).toBe(false);
    expect(contradictEachOther([row({ birth: '1970-01-01' }), row({ birth: '1971-01-01' })])).toBe(true);
  });
});
