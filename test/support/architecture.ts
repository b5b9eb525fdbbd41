import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A text file of the project; its path is relative to the project and written with slashes. */
export interface SourceFile {
  path: string;
  text: string;
}

export interface Import {
  /** A package, a `node:` module, or for a file of ours its path in the project. */
  from: string;
  names: string[];
  /** Erased when it runs. */
  typeOnly: boolean;
}

/** The project's own folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const NOT_OURS = new Set(['node_modules', '.git', '.data', 'coverage']);

/** Every file of ours below `dir`. */
export function filesIn(dir: string): SourceFile[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(root, dir, entry.name);
    if (entry.isDirectory()) return filesIn(join(dir, entry.name));
    return [{ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }];
  });
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s+)?([^'";()=]*?)\s*from\s*['"]([^'"]+)['"]/gm;
const BARE = /^\s*import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** What a file imports or re-exports. */
export function importsOf({ path, text }: SourceFile): Import[] {
  const at = (from = '') => (from.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), from)) : from);
  const statements = [...text.matchAll(STATEMENT)].map(([, type, clause = '', from]): Import => {
    const named = clause
      .replace(/[{}]/g, ',')
      .split(',')
      .flatMap((part) => part.trim() || []);
    const names = named.map((part) => part.replace(/^type\s+/, '').replace(/\s+as\s.*$/s, ''));
    const typeOnly = type !== undefined || (named.length > 0 && named.every((part) => part.startsWith('type ')));
    return { from: at(from), names, typeOnly };
  });
  const others = [...text.matchAll(BARE), ...text.matchAll(DYNAMIC)];
  return [...statements, ...others.map(([, from]): Import => ({ from: at(from), names: ['*'], typeOnly: false }))];
}

/** A rule about who may know what: files outside `allowed` import nothing of what is `forbidden`. */
export interface Boundary {
  forbidden: (imported: Import) => boolean;
  allowed: (path: string) => boolean;
}

/** Imports that cross a boundary, as `file → what`. */
export function crossings(files: readonly SourceFile[], { forbidden, allowed }: Boundary): string[] {
  return files
    .filter(({ path }) => !allowed(path))
    .flatMap((file) =>
      importsOf(file)
        .filter(forbidden)
        .map(({ from }) => `${file.path} → ${from}`),
    );
}

// Packages that only compute: streams and yauzl too, on the bytes that they are given.
const PURE_PACKAGES = [
  /^node:(buffer|crypto|path|stream|string_decoder|url|util|zlib)$/,
  /^@holiday-jp\/holiday_jp$/,
  /^(csv-parse|csv-stringify|iconv-lite|liquidjs|mjml|saxes|typebox|yauzl)(\/|$)/,
  /^nodemailer\/lib\/(addressparser|mail-composer|mime-funcs|shared)$/,
];
const OUTSIDE =
  /\bprocess\.env\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bset(?:Timeout|Interval|Immediate)\(|\brandom(?:Bytes|UUID)\(|\bfetch\(/g;

// A type of another file is only a shape and does nothing, but whoever names one of these asks to be given the thing.
const NOT_EVEN_AS_A_TYPE = /^src\/(services|log|db\/database|queue\/.*)\.ts$/;

/**
 * What a pure file does that it may not: know the database, the disk, the network, the clock, chance, the environment,
 * or a file that does.
 */
export function impurities(files: readonly SourceFile[], isPure: (path: string) => boolean): string[] {
  const isFit = ({ from, typeOnly }: Import): boolean => {
    if (!from.startsWith('src/')) return PURE_PACKAGES.some((pattern) => pattern.test(from));
    return isPure(from) || (typeOnly && !NOT_EVEN_AS_A_TYPE.test(from));
  };
  return files
    .filter(({ path }) => isPure(path))
    .flatMap((file) => [
      ...importsOf(file).flatMap((imported) => (isFit(imported) ? [] : [`${file.path} → ${imported.from}`])),
      ...[...file.text.matchAll(OUTSIDE)].map(([use]) => `${file.path} uses ${use.replace('(', '')}`),
    ]);
}

/** Files that hold `pattern` and are not allowed to. */
export function uses(files: readonly SourceFile[], pattern: RegExp, allowed: readonly string[]): string[] {
  return files.filter(({ path, text }) => pattern.test(text) && !allowed.includes(path)).map(({ path }) => path);
}

/** Lines of text, as an editor counts them. */
const lineCount = (text: string): number => text.replace(/\n$/, '').split('\n').length;

export function longFiles(files: readonly SourceFile[], most: number): string[] {
  return files.flatMap(({ path, text }) => (lineCount(text) > most ? [`${path}: ${lineCount(text)} lines`] : []));
}

interface Span {
  path: string;
  start: number;
  end: number;
}

/**
 * Functions with more than `most` lines. A function within another counts for itself and not for the one around it:
 * what a `makeX` or a group of routes holds are functions too. Biome parses; it tells of every function that has more
 * than one line in its body, and where.
 * @param dirs folders, as seen from `cwd`
 */
export function longFunctions(cwd: string, dirs: readonly string[], most: number): string[] {
  const spans = functionSpans(cwd, dirs);
  return spans.flatMap((span) => {
    const lines = ownLines(span, spans);
    return lines > most ? [`${span.path}:${span.start}: ${lines} lines`] : [];
  });
}

function functionSpans(cwd: string, dirs: readonly string[]): Span[] {
  const rule = { noExcessiveLinesPerFunction: { level: 'warn', options: { maxLines: 1 } } };
  const settings = { root: true, linter: { enabled: true, rules: { preset: 'none', complexity: rule } } };
  const folder = mkdtempSync(join(tmpdir(), 'owabi-lint-'));
  try {
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(settings));
    const biome = join(root, 'node_modules/.bin/biome');
    const options = ['--reporter=json', '--max-diagnostics=none', `--config-path=${folder}`];
    const output = execFileSync(biome, ['lint', ...options, ...dirs], {
      ...{ cwd, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
    });
    return readSpans(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface LintReport {
  diagnostics: { category: string; location: { path: string; start: { line: number }; end: { line: number } } }[];
}

function readSpans(report: string): Span[] {
  const { diagnostics } = JSON.parse(report) as LintReport;
  return diagnostics
    .filter(({ category }) => category.endsWith('/noExcessiveLinesPerFunction'))
    .map(({ location: { path, start, end } }) => ({ path, start: start.line, end: end.line }));
}

function ownLines(span: Span, spans: readonly Span[]): number {
  const inner = spans.filter(
    ({ path, start, end }) =>
      path === span.path && start >= span.start && end <= span.end && end - start < span.end - span.start,
  );
  let lines = 0;
  for (let line = span.start; line <= span.end; line++) {
    // The first line of an inner function is its call or declaration: the outer one's.
    if (!inner.some(({ start, end }) => line > start && line < end)) lines++;
  }
  return lines;
}

/** Files that hold one of `words`, in their text or their name, whatever the case and width. */
export function mentions(files: readonly SourceFile[], words: readonly string[]): string[] {
  const fold = (text: string) => text.normalize('NFKC').toLowerCase();
  return files.flatMap(({ path, text }) => {
    const folded = fold(`${path}\n${text}`);
    return words.filter((word) => folded.includes(fold(word))).map(() => path);
  });
}

/** Migrations run in the order of their names: four digits from 0001 on without a gap, and what for. */
export function misnumbered(names: readonly string[]): string[] {
  return names.toSorted().filter((name, i) => {
    const number = String(i + 1).padStart(4, '0');
    return !new RegExp(`^${number}_[a-z][a-z0-9_]*\\.sql$`).test(name);
  });
}

/** What of `wanted` is not exactly once in `names`, and what of `names` nobody wants. */
export function notOnce(names: readonly string[], wanted: readonly string[]): string[] {
  const times = (name: string) => names.filter((other) => other === name).length;
  return [
    ...wanted.filter((name) => times(name) !== 1).map((name) => `${name}: ${times(name)} times`),
    ...[...new Set(names)].filter((name) => !wanted.includes(name)).map((name) => `${name}: not known`),
  ];
}
