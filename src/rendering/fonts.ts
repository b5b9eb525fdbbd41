/** The fonts of the letters, from the npm packages, so that every machine sets the same lines. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { readGlyphTable, withFurther } from './glyph-table.ts';
import type { FontBook, GlyphTable } from './types.ts';

const require = createRequire(import.meta.url);

const FILES = {
  serif: ['noto-serif-jp', '400Regular/NotoSerifJP_400Regular.ttf'],
  serifBold: ['noto-serif-jp', '700Bold/NotoSerifJP_700Bold.ttf'],
  sans: ['noto-sans-jp', '400Regular/NotoSansJP_400Regular.ttf'],
  sansBold: ['noto-sans-jp', '700Bold/NotoSansJP_700Bold.ttf'],
  // For European names (Ł, ř, ğ, Cyrillic), which the Japanese fonts do not have all of.
  european: ['noto-sans', '400Regular/NotoSans_400Regular.ttf'],
} as const;

/** What is set letter by letter: in other scripts, and with marks, one letter changes another. */
const EUROPEAN = /(?!\p{M})[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u;

/**
 * Reads five files of 0.6 to 8 MB: once at start.
 * @param pathOf where a file of a font package lies. @throws Error when it cannot
 * @throws Error that names the font which is missing or damaged: the typesetter would take another in its place
 */
export async function loadFonts(pathOf: (name: string, file: string) => string = fontPath): Promise<FontBook> {
  const files = await Promise.all(Object.values(FILES).map(([name, file]) => readFont(pathOf, name, file)));
  const hash = createHash('sha256');
  for (const { content } of files) hash.update(content);
  const [serif, , japanese, , european] = files.map(({ content }) => readGlyphTable(content)) as GlyphTable[];
  const paths = files.map(({ path }) => path);
  if (!serif || !japanese || !european) throw new Error('a letter font was not read.');
  return { paths, sha256: hash.digest('hex'), serif, sans: withFurther(japanese, european, EUROPEAN) };
}

async function readFont(
  pathOf: (name: string, file: string) => string,
  name: string,
  file: string,
): Promise<{ path: string; content: Buffer }> {
  try {
    const path = pathOf(name, file);
    const content = await readFile(path);
    if (isWhole(content)) return { path, content };
  } catch {
    // Said below: whoever starts the service needs to know which font, not how it failed.
  }
  throw new Error(`the letter font ${basename(file)} is missing or damaged. Install the packages again (npm ci).`);
}

/** Whether all tables that the font's directory lists are in the file (OpenType 1.9, "Organization of an OpenType font"). */
function isWhole(font: Buffer): boolean {
  if (font.length < 12 || font.readUInt32BE(0) !== 0x00010000) return false;
  const tables = Array.from({ length: font.readUInt16BE(4) }, (_, i) => 12 + i * 16);
  return tables.every((at) => font.readUInt32BE(at + 8) + font.readUInt32BE(at + 12) <= font.length);
}

function fontPath(name: string, file: string): string {
  return join(dirname(require.resolve(`@expo-google-fonts/${name}/package.json`)), file);
}
