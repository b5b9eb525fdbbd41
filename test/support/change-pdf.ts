import { deflateSync, inflateSync } from 'node:zlib';

/**
 * A PDF of ours with objects changed and its table of objects made anew.
 * @param change gets each object with its number; drawings are unpacked
 */
export function changePdf(pdf: Uint8Array, change: (object: string, number: number) => string): Uint8Array {
  const text = Buffer.from(pdf).toString('latin1');
  const trailer = text.slice(text.lastIndexOf('trailer'), text.lastIndexOf('startxref'));
  const objects = new Map<number, string>();
  for (const [number, offset] of tableOf(text)) {
    const end = text.indexOf('\nendobj', offset);
    objects.set(number, change(unpacked(text.slice(offset, end)), number));
  }
  let out = '%PDF-1.7\n%\u0080\u0080\u0080\u0080\n';
  const offsets: number[] = [];
  for (const [number, object] of objects) {
    offsets[number] = out.length;
    out += `${packed(object)}\nendobj\n`;
  }
  const size = Math.max(...objects.keys()) + 1;
  const entry = (offset: number | undefined) =>
    offset === undefined ? '0000000000 65535 f \n' : `${String(offset).padStart(10, '0')} 00000 n \n`;
  const table = Array.from({ length: size }, (_, i) => entry(offsets[i])).join('');
  return Buffer.from(`${out}xref\n0 ${size}\n${table}${trailer}startxref\n${out.length}\n%%EOF`, 'latin1');
}

function tableOf(text: string): [number, number][] {
  const start = Number(/startxref\s+(\d+)/.exec(text.slice(-64))?.[1]);
  const [, , ...entries] = text.slice(start, text.indexOf('trailer', start)).trim().split(/\r?\n/);
  return entries.flatMap((line, i): [number, number][] =>
    / n\s*$/.test(line) ? [[i, Number(line.slice(0, 10))]] : [],
  );
}

const STREAM = /^(.*?)stream\n(.*)\nendstream$/s;

/** Packed streams that are drawings or texts in plain; fonts and the like stay as they are. */
function unpacked(object: string): string {
  const [, head = '', body = ''] = STREAM.exec(object) ?? [];
  if (!head.includes('/FlateDecode') || head.includes('/N ')) return object;
  const plain = inflateSync(Buffer.from(body, 'latin1')).toString('latin1');
  return /^(q|\/b\d|$)/.test(plain)
    ? `${head.replace(/\/Filter ?\/FlateDecode/, '/Plain true')}stream\n${plain}\nendstream`
    : object;
}

function packed(object: string): string {
  const [, head = '', body = ''] = STREAM.exec(object) ?? [];
  if (!head.includes('/Plain true')) return object;
  const bytes = deflateSync(Buffer.from(body, 'latin1')).toString('latin1');
  const dict = head.replace('/Plain true', '/Filter /FlateDecode').replace(/\/Length \d+/, `/Length ${bytes.length}`);
  return `${dict}stream\n${bytes}\nendstream`;
}

/** Draws more at the end of a page or form. */
export const draw = (object: string, operators: string): string =>
  object.replace(/\nendstream$/, `\n${operators}\nendstream`);

/** The numbers of the objects of each page and of its content, in the order of the pages. */
export function pageObjects(pdf: Uint8Array): { page: number; content: number }[] {
  const text = Buffer.from(pdf).toString('latin1');
  const offsets = new Map(tableOf(text));
  const [, kids = ''] = /\/Type ?\/Pages.*?\/Kids ?\[([^\]]*)\]/s.exec(text) ?? [];
  return [...kids.matchAll(/(\d+) 0 R/g)].map(([, page]) => {
    const [, content] = /\/Contents (\d+) 0 R/.exec(text.slice(offsets.get(Number(page)))) ?? [];
    return { page: Number(page), content: Number(content) };
  });
}
