/** The fonts of the letters, from the npm packages, so that every machine sets the same lines. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { readGlyphTable, withLetters } from './glyph-table.ts';
import type { FontBook } from './types.ts';

const require = createRequire(import.meta.url);

const FILES = {
  serif: ['noto-serif-jp', '400Regular/NotoSerifJP_400Regular.ttf'],
  serifBold: ['noto-serif-jp', '700Bold/NotoSerifJP_700Bold.ttf'],
  sans: ['noto-sans-jp', '400Regular/NotoSansJP_400Regular.ttf'],
  sansBold: ['noto-sans-jp', '700Bold/NotoSansJP_700Bold.ttf'],
  europeanSerif: ['noto-serif', '400Regular/NotoSerif_400Regular.ttf'],
  europeanSerifBold: ['noto-serif', '700Bold/NotoSerif_700Bold.ttf'],
  europeanSans: ['noto-sans', '400Regular/NotoSans_400Regular.ttf'],
} as const;

/**
 * Letters that are taken from the European fonts (Ł, ř, ğ, Greek, Cyrillic), as what stands in a character class here and
 * in Typst. The Japanese fonts lack many, and the shaper would build those of a letter and a mark of no place of its
 * own, which then stands on the next letter.
 */
const EUROPEAN = '\u0100-\u024f\u0370-\u03ff\u0400-\u052f\u1e00-\u1fff';
/** Without marks: in other scripts, and with marks, one letter changes another. */
const european = new RegExp(`(?!\\p{M})[${EUROPEAN}]`, 'u');

/** Typst source that every page imports: which font sets what. */
const choice = `
#let european = regex("[${EUROPEAN}]")
#let sans = ((name: "Noto Sans", covers: european), "Noto Sans JP")
#let serif = ((name: "Noto Serif", covers: european), "Noto Serif JP")
`;

/**
 * Reads seven files of 0.5 to 8 MB: once at start.
 * @param pathOf where a file of a font package lies. @throws Error when it cannot
 * @throws Error that names the font which is missing or damaged: the typesetter would take another in its place
 */
export async function loadFonts(pathOf: (name: string, file: string) => string = fontPath): Promise<FontBook> {
  const files = await Promise.all(Object.values(FILES).map(([name, file]) => readFont(pathOf, name, file)));
  const hash = createHash('sha256');
  for (const { content } of files) hash.update(content);
  const [serif, , sans, , serifLetters, , sansLetters] = files.map(({ content }) => readGlyphTable(content));
  if (!serif || !sans || !serifLetters || !sansLetters) throw new Error('a letter font was not read.');
  return {
    ...{ paths: files.map(({ path }) => path), sha256: hash.digest('hex'), choice },
    serif: withLetters(serif, serifLetters, european),
    sans: withLetters(sans, sansLetters, european),
  };
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
