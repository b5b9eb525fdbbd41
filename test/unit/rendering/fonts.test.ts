import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFonts } from '../../../src/rendering/fonts.ts';

const require = createRequire(import.meta.url);
const installed = (name: string, file: string): string =>
  join(dirname(require.resolve(`@expo-google-fonts/${name}/package.json`)), file);

describe('the fonts of the letters', () => {
  it('are seven whole files, and the same each time', async () => {
    const [first, again] = [await loadFonts(), await loadFonts(installed)];
    expect(first.paths).toHaveLength(7);
    expect(again.sha256).toBe(first.sha256);
  });

  it.each<[string, (whole: Buffer) => Buffer]>([
    ['cut short', (whole) => whole.subarray(0, whole.length - 1000)],
    ['empty', () => Buffer.alloc(0)],
    ['something else', () => Buffer.from('<html>not found</html>')],
  ])('are named when one is %s: no other is printed in its place', async (_, damage) => {
    const folder = await mkdtemp(join(tmpdir(), 'fonts-'));
    const pathOf = (name: string, file: string): string =>
      file.includes('SerifJP') && file.includes('700Bold') ? join(folder, basename(file)) : installed(name, file);
    await expect(loadFonts(pathOf)).rejects.toThrow(/NotoSerifJP_700Bold\.ttf is missing or damaged/);
    const whole = await readFile(installed('noto-serif-jp', '700Bold/NotoSerifJP_700Bold.ttf'));
    await writeFile(join(folder, 'NotoSerifJP_700Bold.ttf'), damage(whole));
    await expect(loadFonts(pathOf)).rejects.toThrow(/NotoSerifJP_700Bold\.ttf is missing or damaged.*npm ci/);
  });

  it('are named when their package is not installed', async () => {
    const missing = (name: string, file: string): string => {
      if (name === 'noto-sans-jp') throw new Error('Cannot find module');
      return installed(name, file);
    };
    await expect(loadFonts(missing)).rejects.toThrow(/the letter font NotoSansJP_400Regular\.ttf is missing/);
  });
});
