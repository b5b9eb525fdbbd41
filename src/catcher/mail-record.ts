import { crc32 } from 'node:zlib';

/** What is known of a caught mail without reading it. */
export interface MailMeta {
  from: string;
  to: string[];
  /** ISO 8601, UTC. */
  at: string;
  messageId: string;
}

/** A mail's place in a segment file: `offset` and `size` are those of the message itself, in bytes. */
export interface RecordPlace {
  meta: MailMeta;
  offset: number;
  size: number;
}

export const RECORD_HEADER_BYTES = 16;
const MAGIC = 0x4f574d31;
const MAX_META_BYTES = 1024 * 1024;

/** A record is: magic, length of meta, length of message, CRC-32 of meta (each 4 bytes), meta as JSON, message. */
export function encodeRecordHead(meta: MailMeta, size: number): Buffer {
  const json = Buffer.from(JSON.stringify(meta));
  const head = Buffer.allocUnsafe(RECORD_HEADER_BYTES);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt32BE(json.length, 4);
  head.writeUInt32BE(size, 8);
  head.writeUInt32BE(crc32(json), 12);
  return Buffer.concat([head, json]);
}

/** The lengths that a record's first bytes announce; undefined when these are not the first bytes of a record. */
export function decodeRecordHeader(head: Buffer): { metaBytes: number; size: number; crc: number } | undefined {
  if (head.length < RECORD_HEADER_BYTES || head.readUInt32BE(0) !== MAGIC) return undefined;
  const metaBytes = head.readUInt32BE(4);
  if (metaBytes > MAX_META_BYTES) return undefined;
  return { metaBytes, size: head.readUInt32BE(8), crc: head.readUInt32BE(12) };
}

/** The meta of a record; undefined when its bytes are damaged. */
export function decodeMeta(json: Buffer, crc: number): MailMeta | undefined {
  return crc32(json) === crc ? (JSON.parse(json.toString()) as MailMeta) : undefined;
}
