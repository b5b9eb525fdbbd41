import type { PostalEntry } from './postal-table.ts';
import { prefectures } from './prefectures.ts';

// Where the lines have what we need, of 15 columns (Japan Post, 郵便番号データの説明).
const [CODE, PREFECTURE, CITY, TOWN] = [2, 6, 7, 8];

/**
 * Reads Japan Post's own list of postal codes: KEN_ALL.CSV (CP932) or utf_ken_all.csv.
 * @returns null when the file is something else
 */
export function readKenAll(file: Uint8Array): PostalEntry[] | null {
  const known = new Set(prefectures);
  const entries: PostalEntry[] = [];
  let inside = false;
  let strange = 0;
  for (const line of decode(file).split(/\r\n|\n|\r/)) {
    if (line === '') continue;
    const cells = line.split(',').map((cell) => cell.replace(/^"|"$/g, ''));
    const [code = '', prefecture = '', city = '', town = ''] = [
      cells[CODE],
      cells[PREFECTURE],
      cells[CITY],
      cells[TOWN],
    ];
    if (!/^\d{7}$/.test(code) || !known.has(prefecture) || city === '') {
      strange++;
      continue;
    }
    // In KEN_ALL.CSV a long town goes on in the next lines, until its bracket is closed.
    if (!inside) entries.push({ code, prefecture, city, town: townOf(town) });
    inside = town.includes('（') ? !town.includes('）') : inside && !town.includes('）');
  }
  return entries.length > strange * 100 && entries.length > 0 ? entries : null;
}

function decode(file: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    return new TextDecoder('shift_jis').decode(file);
  }
}

// What stands in the town's column and is no town: remarks, and the part of a town that has this code.
function townOf(text: string): string {
  const town = text.replace(/（.*$/, '').replace(/第?[0-9０-９]+地割.*$/, '');
  if (/掲載がない場合$|の次に.*場合$/.test(town)) return '';
  return town.length > 2 ? town.replace(/^.*一円$/, '') : town;
}
