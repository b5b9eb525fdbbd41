import type { Said } from '../../../src/tracking/reading/classify-report.ts';

/** What a report says, as its reader hands it on, and the class that it means. */
export interface Report {
  means: string;
  line: string;
  said: Said;
}

const NOTES = /^(?<status>\d\.\d\.\d+)|^@(?<recipientDomain>\S+)|^after (?<stage>\w+)|^from (?<remote>\S+)/;

/**
 * Reads lists of reports: a class on a line of its own, below it what means it, indented. After `‖` stand what the report
 * says outside its words: a status, `@` and the recipient's domain, the step (`after rcpt`), the host (`from mx`). A
 * dash stands for no words.
 */
export function reports(list: string): readonly Report[] {
  let means = '';
  return list.split('\n').flatMap((line) => {
    if (!line.startsWith('  ')) means = line.trim() || means;
    if (!line.startsWith('  ')) return [];
    const [text = '', notes = ''] = line.trim().split(/ ?‖ /);
    const given = Object.assign({}, ...notes.split(', ').map((note) => withoutGaps(NOTES.exec(note)?.groups ?? {})));
    const said = { status: null, reply: null, text: text === '-' ? '' : text, recipientDomain: null, ...given };
    return [{ means, line: line.trim(), said }];
  });
}

function withoutGaps(groups: Record<string, string | undefined>) {
  return Object.fromEntries(Object.entries(groups).filter(([, value]) => value !== undefined));
}
