import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import iconv from 'iconv-lite';
import { demoPerson } from '../src/demo/people.ts';

const HEADER = '会員番号,氏名,フリガナ,郵便番号,住所,メールアドレス,電話番号,カード下4桁,最終利用日';
const ROWS_AT_ONCE = 2_000;
const FIRST_DAY = Date.UTC(2015, 8, 15);

/**
 * Writes a list of the affected as a system of a shop exports it: nine columns in CP932, invented people.
 * One row in fifty is another card of the person before, one in twenty-five has no email, one in a thousand no name.
 */
export async function writeListFile(path: string, rows: number): Promise<void> {
  async function* text(): AsyncGenerator<Buffer> {
    yield iconv.encode(`${HEADER}\r\n`, 'cp932');
    for (let row = 0; row < rows; ) {
      const lines: string[] = [];
      for (; lines.length < ROWS_AT_ONCE && row < rows; row++) lines.push(lineOf(row));
      yield iconv.encode(`${lines.join('\r\n')}\r\n`, 'cp932');
    }
  }
  await pipeline(Readable.from(text(), { objectMode: false }), createWriteStream(path));
}

function lineOf(row: number): string {
  const index = row % 50 === 49 ? row - 1 : row;
  const { family, given, familyKana, givenKana, place, street, email, phone } = demoPerson(1, index);
  const day = new Date(FIRST_DAY + ((row * 7919) % 620) * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '/');
  return [
    ...[`A${String(index).padStart(8, '0')}`, row % 1000 === 500 ? '' : `${family}　${given}`],
    ...[`${familyKana} ${givenKana}`, place.postalCode, place.prefecture + place.city + place.town + street],
    ...[email?.replace('@', `${index}@`) ?? '', phone, String((row * 7907) % 10000).padStart(4, '0'), day],
  ].join();
}
