import { type HeaderLines, simpleParser } from 'mailparser';

/** A mail taken apart for looking at. */
export interface ReadMail {
  subject: string;
  /** Header fields as they came, folded lines included. */
  headers: string[];
  html: string | undefined;
  text: string | undefined;
  attachments: { name: string; type: string; size: number }[];
}

const END_OF_HEADER = '\r\n\r\n';

/** Parses a whole message. Pictures inside the message become data URIs; nothing remote is fetched. */
export async function readMail(raw: Buffer): Promise<ReadMail> {
  const mail = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true });
  return {
    subject: mail.subject ?? '',
    headers: (mail.headerLines as HeaderLines).map(({ line }) => line),
    html: mail.html === false ? undefined : mail.html,
    text: mail.text,
    attachments: mail.attachments.map(({ filename, contentType, size }) => ({
      name: filename ?? '',
      type: contentType,
      size,
    })),
  };
}

/** The decoded subject from the first bytes of a message; empty when there is none. */
export async function readSubject(start: Buffer): Promise<string> {
  const end = start.indexOf(END_OF_HEADER);
  const header = end < 0 ? start : start.subarray(0, end + END_OF_HEADER.length);
  return (await simpleParser(header, { skipHtmlToText: true, skipTextToHtml: true })).subject ?? '';
}
