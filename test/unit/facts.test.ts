import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkFacts, type Facts } from '../../src/incident/facts.ts';

const sample = (): Facts =>
  JSON.parse(readFileSync(new URL('../../templates/notices/apology/ja/sample-facts.json', import.meta.url), 'utf8'));

// biome-ignore lint/suspicious/noExplicitAny: the changes break the shape on purpose.
type Loose = Record<string, any>;

/** The sample with one change. */
function changed(change: (facts: Loose) => void): unknown {
  const facts = sample();
  change(facts);
  return facts;
}

const paths = (value: unknown): string[] => checkFacts(value).map(({ path }) => path);

describe('checkFacts', () => {
  it('takes a complete fact sheet', () => {
    expect(checkFacts(sample())).toEqual([]);
  });

  it('takes an early sheet without cause, scale, window and prevention', () => {
    const early = changed((facts) => {
      for (const name of ['cause', 'scale', 'exposureWindow', 'prevention', 'secondaryHarm']) delete facts[name];
    });
    expect(checkFacts(early)).toEqual([]);
  });

  it('names a missing field, deep inside too, and says to add it', () => {
    const problems = checkFacts(
      changed((facts) => {
        delete facts.contact.phone;
        delete facts.awareness;
      }),
    );
    expect(problems).toContainEqual({ path: 'contact.phone', message: 'contact.phone is missing: add it.' });
    expect(problems).toContainEqual({ path: 'awareness', message: 'awareness is missing: add it.' });
    expect(problems).toHaveLength(2);
  });

  it('names an unknown field at every level', () => {
    const odd = changed((facts) => {
      facts.weekday = 'Friday';
      facts.timeline[1].weekday = 'Monday';
    });
    expect(paths(odd).toSorted()).toEqual(['timeline.1.weekday', 'weekday']);
  });

  it('reports every wrong field of a sheet, not only the first few', () => {
    const names = Object.keys(sample());
    const wrong = Object.fromEntries(names.map((name) => [name, 7]));
    expect(paths(wrong).toSorted()).toEqual(names.toSorted());
  });

  it.each([null, 7, 'facts', [], undefined])('says that %j is no fact sheet', (value) => {
    expect(paths(value)).toContain('');
  });

  it.each([
    ['documentDate', '2017-02-29'],
    ['documentDate', '2017-13-01'],
    ['exposureWindow.to', '2017-06-31'],
    ['timeline.0.at', '2017-06-02T24:30'],
  ])('refuses %s %s, which is in no calendar', (path, value) => {
    const facts = changed((sheet) => {
      const keys = path.split('.');
      const last = keys.pop() as string;
      keys.reduce((inner, key) => inner[key], sheet)[last] = value;
    });
    expect(paths(facts)).toEqual([path]);
  });

  it('refuses dates that contradict each other', () => {
    expect(paths(changed((facts) => (facts.documentDate = '2017-06-01')))).toEqual(['documentDate']);
    expect(paths(changed((facts) => (facts.exposureWindow.to = '2015-01-01')))).toEqual(['exposureWindow.to']);
    expect(paths(changed((facts) => (facts.contact.hours.to = '09:00')))).toEqual(['contact.hours.to']);
    expect(paths(changed((facts) => facts.timeline.reverse())).length).toBeGreaterThan(0);
  });

  it('wants the date of a measure that is done, and the time of a moment known to the minute', () => {
    expect(paths(changed((facts) => delete facts.prevention[2].date))).toEqual(['prevention.2.date']);
    expect(paths(changed((facts) => (facts.awareness.at = '2017-06-02')))).toEqual(['awareness.at']);
  });

  it.each([
    '4111111111111111',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '番号は４１１１ー１１１１ー１１１１ー１１１１です',
    'JCB 3530111333300000.',
    'Amex 3782 822463 10005',
  ])('refuses text with a card number: %s', (text) => {
    const problems = checkFacts(changed((facts) => (facts.cause = text)));
    expect(problems.map(({ path }) => path)).toEqual(['cause']);
    expect(problems[0]?.message).not.toContain('1111');
  });

  it.each([
    '電話 0120-000-000、受付 2017-07-25 10:00-19:00',
    '1234567890123456',
    '2015-09-15 2017-06-02 2017-07-25',
    '登録番号 T1234567890123',
  ])('lets other digits stand: %s', (text) => {
    expect(checkFacts(changed((facts) => (facts.cause = text)))).toEqual([]);
  });

  it.each([
    '{{ person.name }}',
    '{% if x %}',
    '[[name]]',
    '<%= x %>',
    'a\u0000b',
    'two\nlines',
    '\u{E000}reference\u{E001}',
  ])('refuses what could pass for a template tag or break a line: %j', (text) => {
    expect(paths(changed((facts) => (facts.requests[0] = text)))).toEqual(['requests.0']);
  });

  it('refuses addresses that are not https', () => {
    expect(paths(changed((facts) => (facts.contact.web = 'http://www.example.jp/inquiry')))).toEqual(['contact.web']);
  });
});
