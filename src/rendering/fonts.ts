/** The fonts of the letters, from the npm packages, so that every machine sets the same lines. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readGlyphTable } from './glyph-table.ts';
import type { FontBook } from './types.ts';

const require = createRequire(import.meta.url);

const FILES = {
  serif: ['noto-serif-jp', '400Regular/NotoSerifJP_400Regular.ttf'],
  serifBold: ['noto-serif-jp', '700Bold/NotoSerifJP_700Bold.ttf'],
  sans: ['noto-sans-jp', '400Regular/NotoSansJP_400Regular.ttf'],
  sansBold: ['noto-sans-jp', '700Bold/NotoSansJP_700Bold.ttf'],
} as const;

/** Reads four files of 5 to 8 MB: once at start. @throws when a font package is not installed */
export async function loadFonts(): Promise<FontBook> {
  const paths = Object.values(FILES).map(([name, file]) => fontPath(name, file));
  const contents = await Promise.all(paths.map((path) => readFile(path)));
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  const [serif, , sans] = contents as [Buffer, Buffer, Buffer, Buffer];
  return { paths, sha256: hash.digest('hex'), serif: readGlyphTable(serif), sans: readGlyphTable(sans) };
}

function fontPath(name: string, file: string): string {
  return join(dirname(require.resolve(`@expo-google-fonts/${name}/package.json`)), file);
}
