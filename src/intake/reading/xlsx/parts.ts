import { OwabiError } from '../../../errors.ts';
import { unreadable } from '../unpack.ts';
import type { ZipEntry } from '../zip.ts';
import { readXml } from './xml.ts';

/** What one part says about another (ECMA-376 part 2, §8.5). */
export interface Relationship {
  id: string;
  /** The last word of its type, such as `worksheet`. */
  type: string;
  /** The part that is meant, or null when it lies outside of the file. */
  target: string | null;
}

export interface Parts {
  find(path: string): ZipEntry | null;
  /** What a part refers to; `''` is the workbook as a whole. */
  relationshipsOf(path: string): Promise<Relationship[]>;
}

/**
 * The parts of a workbook by their paths; case does not matter (ECMA-376 part 2, §6.2.2).
 * @throws OwabiError `list_unreadable`
 */
export function workbookParts(entries: readonly ZipEntry[]): Parts {
  const byPath = new Map(entries.map((entry) => [entry.name.toLowerCase().replace(/^\//, ''), entry]));
  // Which of two Excel would show, nobody knows.
  if (byPath.size < entries.length)
    throw unreadable('The workbook has two parts of one name. Save it anew with Excel.');
  const find = (path: string) => byPath.get(path.toLowerCase()) ?? null;
  return {
    find,
    async relationshipsOf(path) {
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      const part = find(`${folder}_rels/${path.slice(folder.length)}.rels`);
      const found: Relationship[] = [];
      if (!part) return found;
      await readXml(part.read(), 'A list of the parts of the workbook', {
        open(name, { Id = '', Type = '', Target = '', TargetMode }) {
          if (name !== 'Relationship') return;
          const target = TargetMode === 'External' ? null : resolve(folder, Target);
          found.push({ id: Id, type: Type.slice(Type.lastIndexOf('/') + 1), target });
        },
      });
      return found;
    },
  };
}

function resolve(folder: string, target: string): string {
  const segments: string[] = [];
  for (const segment of (target.startsWith('/') ? target : `${folder}${target}`).split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments.join('/');
}

/** The path of the workbook itself. @throws OwabiError `list_unreadable`, `not_text` */
export async function workbookPath(parts: Parts): Promise<string> {
  const path = (await parts.relationshipsOf('')).find(({ type }) => type === 'officeDocument')?.target;
  if (path?.endsWith('.bin')) {
    throw new OwabiError('not_text', 'The file is a binary Excel workbook (.xlsb). Save it as .xlsx and upload that.');
  }
  if (!path || !parts.find(path)) {
    throw unreadable('The workbook has no sheets that can be found. Open it with Excel, save it anew and upload that.');
  }
  return path;
}
