import type { Fields } from '../report-mail.ts';
import { decodeField } from './encodings.ts';

/** Longer headers are read up to here: what tells of a report stands before. */
const LONGEST_HEADER = 256 * 1024;
const MOST_FIELDS = 2_000;
const LONGEST_VALUE = 16 * 1024;
const FIELD = /^([!-9;-~]{1,128})[ \t]*:[ \t]*(.*)$/;

/** Makes fields of names and raw values, decoded when they are asked for. */
function fieldsOf(list: readonly (readonly [name: string, raw: string])[]): Fields {
  const decode = (raw: string): string => decodeField(raw.slice(0, LONGEST_VALUE)).trim();
  return {
    get(name) {
      const wanted = name.toLowerCase();
      const found = list.find(([one]) => one === wanted);
      return found ? decode(found[1]) : null;
    },
    all(name) {
      const wanted = name.toLowerCase();
      return list.filter(([one]) => one === wanted).map(([, raw]) => decode(raw));
    },
    names: () => list.map(([name]) => name),
  };
}

/**
 * Reads a header up to its empty line, or up to the first line that can be no field: some systems forget the empty line.
 * A line `From …` of a mailbox file, and empty lines before the first field, are passed over. RFC 5322 §2.2.
 * @param raw bytes as characters (latin1), from the first line on
 * @param part of a multipart: an empty first line says that it has no header
 * @returns the fields and where the body begins in `raw`
 */
export function readFields(raw: string, part = false): { fields: Fields; bodyAt: number } {
  const list: [string, string][] = [];
  let at = 0;
  const limit = Math.min(raw.length, LONGEST_HEADER);
  while (at < limit) {
    const lineEnd = raw.indexOf('\n', at);
    const next = lineEnd < 0 ? raw.length : lineEnd + 1;
    const line = raw.slice(at, Math.min(lineEnd < 0 ? raw.length : lineEnd, at + LONGEST_VALUE)).replace(/\r+$/, '');
    const last = list.at(-1);
    if (line === '') {
      at = next;
      if (last || part) return { fields: fieldsOf(list), bodyAt: at };
      continue;
    }
    if (/^[ \t]/.test(line)) {
      if (last && last[1].length < LONGEST_VALUE) last[1] += ` ${line.trim()}`;
    } else {
      const [, name, value = ''] = FIELD.exec(line) ?? [];
      if (name === undefined) {
        if (!(list.length === 0 && /^>?From /.test(line))) return { fields: fieldsOf(list), bodyAt: at };
      } else if (list.length < MOST_FIELDS) list.push([name.toLowerCase(), value]);
    }
    at = next;
  }
  return { fields: fieldsOf(list), bodyAt: at };
}

/**
 * A parameter of a field such as Content-Type; RFC 2231 forms too. Null when it is not there.
 * @param name in lower case
 */
export function parameterOf(value: string | null, name: string): string | null {
  if (value === null) return null;
  const pattern = new RegExp(`;\\s*${name}\\*?(?:0\\*?)?\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s"]+))`, 'i');
  const [, quoted, bare] = pattern.exec(value) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? bare ?? null;
}
