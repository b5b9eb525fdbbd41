import { formats } from '../../../src/tracking/reading/formats/known-formats.ts';
import { parseReportMail } from '../../../src/tracking/reading/parse-mail.ts';
import type { TextFinding } from '../../../src/tracking/reading/report-mail.ts';

/** What the formats make of a mail: the name of the first that knows it, and its findings. */
export interface Told {
  format: string | null;
  found: TextFinding[];
}

/**
 * Reads a report as the formats do, in their order.
 * @param words the body, in plain text
 * @param header header lines; From and Subject of a mail system where none are given
 */
export function told(words: string, header: readonly string[] = []): Told {
  const fallback = ['From: MAILER-DAEMON@mail.example.net', 'Subject: Undelivered Mail Returned to Sender'];
  const own = new Set(header.map((line) => line.split(':')[0]?.toLowerCase()));
  const lines = [...header, ...fallback.filter((line) => !own.has(line.split(':')[0]?.toLowerCase()))];
  const mime = ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit'];
  const mail = parseReportMail(Buffer.from([...lines, ...mime, '', words].join('\r\n')));
  for (const { name, read } of formats) {
    const found = read(mail);
    if (found !== null) return { format: name, found };
  }
  return { format: null, found: [] };
}
