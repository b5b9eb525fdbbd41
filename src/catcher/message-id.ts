import type { Body } from './dot-reader.ts';

const END_OF_HEADER = Buffer.from('\r\n\r\n');
const MAX_HEADER_BYTES = 64 * 1024;
const MESSAGE_ID = /^message-id:[ \t]*(?:\r\n[ \t]+)?(<[^>\r\n]*>)/im;

/** The header of a message with its last line break, as latin1 text: good for field names and ids, not for names. */
function headerText(body: Body): string {
  const first = body.parts[0];
  if (!first) return '';
  let end = first.indexOf(END_OF_HEADER);
  if (end >= 0) return first.toString('latin1', 0, end + 2);
  const start = Buffer.concat(body.parts).subarray(0, MAX_HEADER_BYTES);
  end = start.indexOf(END_OF_HEADER);
  return start.toString('latin1', 0, end < 0 ? start.length : end + 2);
}

/** The Message-ID with its angle brackets; empty when there is none. */
export function messageIdOf(body: Body): string {
  return MESSAGE_ID.exec(headerText(body))?.[1] ?? '';
}
