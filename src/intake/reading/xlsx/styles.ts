import type { ZipEntry } from '../zip.ts';
import { type NumberFormat, readNumberFormat } from './number-format.ts';
import { readXml } from './xml.ts';

/** The number format of each style, by its number in `cellXfs` (ECMA-376 part 1, §18.8.10); null: none that matters. */
export async function readStyles(part: ZipEntry | null): Promise<(NumberFormat | null)[]> {
  const codes = new Map<number, string>();
  const ids: number[] = [];
  let inCells = false;
  if (!part) return [];
  await readXml(part.read(), 'The list of formats of the workbook', {
    open(name, { numFmtId = '0', formatCode }) {
      if (name === 'numFmt' && formatCode !== undefined) codes.set(Number(numFmtId), formatCode);
      else if (name === 'cellXfs') inCells = true;
      else if (name === 'xf' && inCells) ids.push(Number(numFmtId));
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  const formats = new Map([...new Set(ids)].map((id) => [id, readNumberFormat(id, codes.get(id))]));
  return ids.map((id) => formats.get(id) ?? null);
}
