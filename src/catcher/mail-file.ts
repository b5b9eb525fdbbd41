import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Body } from './dot-reader.ts';
import {
  decodeMeta,
  decodeRecordHeader,
  encodeRecordHead,
  type MailMeta,
  RECORD_HEADER_BYTES,
  type RecordPlace,
} from './mail-record.ts';

const SEGMENT_BYTES = 256 * 1024 * 1024;
const SEGMENT_NAME = /^mails-(\d{6})\.seg$/;
const SCAN_BYTES = 1024;

export interface CaughtMail extends MailMeta {
  /** 1, 2, 3 … in the order of catching; the same after a restart. */
  id: number;
  /** Bytes of the message. */
  size: number;
  segment: number;
  offset: number;
}

export interface MailFile {
  /** Newest last. Grows while it is held. */
  mails: readonly CaughtMail[];
  /** Resolves when the message has been written. Rejects when the disk refuses it; nothing of it is listed then. */
  append(meta: MailMeta, body: Body): Promise<void>;
  /** The message, or its first `maxBytes` bytes. */
  read(mail: CaughtMail, maxBytes?: number): Promise<Buffer>;
  close(): Promise<void>;
}

interface Waiting {
  meta: MailMeta;
  body: Body;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Opens the append-only segment files in `dir` (made with mode 0700: mails are personal data) and reads back what
 * they hold. A record cut off by a crash ends its segment; each start writes to a segment of its own.
 * Written means handed to the operating system: it survives the death of the process, not of the machine.
 */
export async function openMailFile(dir: string): Promise<MailFile> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const file = new SegmentedMailFile(dir);
  await file.load();
  return file;
}

class SegmentedMailFile implements MailFile {
  readonly mails: CaughtMail[] = [];
  private readonly dir: string;
  private readonly handles = new Map<number, FileHandle>();
  private nextSegment = 1;
  private segment = 0;
  private end = 0;
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;

  constructor(dir: string) {
    this.dir = dir;
  }

  async load(): Promise<void> {
    const names = (await readdir(this.dir)).sort();
    for (const name of names) {
      const number = Number(SEGMENT_NAME.exec(name)?.[1] ?? 0);
      if (number === 0) continue;
      const handle = await open(join(this.dir, name), 'r');
      this.handles.set(number, handle);
      this.nextSegment = number + 1;
      for await (const place of records(handle)) this.list(place, number);
    }
  }

  append(meta: MailMeta, body: Body): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ meta, body, resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  /** Everything that came in while the last write was under way goes out in one. */
  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting;
      this.waiting = [];
      try {
        await this.writeGroup(group);
        for (const { resolve } of group) resolve();
      } catch (error) {
        this.segment = 0;
        for (const { reject } of group) reject(error);
      }
    }
    this.writing = undefined;
  }

  private async writeGroup(group: Waiting[]): Promise<void> {
    const handle = await this.currentSegment();
    const pieces: Buffer[] = [];
    const places: RecordPlace[] = [];
    let end = this.end;
    for (const { meta, body } of group) {
      const head = encodeRecordHead(meta, body.size);
      places.push({ meta, offset: end + head.length, size: body.size });
      pieces.push(head, ...body.parts);
      end += head.length + body.size;
    }
    const { bytesWritten } = await handle.writev(pieces);
    if (bytesWritten !== end - this.end) {
      // A full disk takes a part. Its senders are told to come again, so nothing of it may show after a restart.
      await handle.truncate(this.end);
      throw new Error('the segment file took only a part');
    }
    this.end = end;
    for (const place of places) this.list(place, this.segment);
  }

  private async currentSegment(): Promise<FileHandle> {
    const current = this.handles.get(this.segment);
    if (current && this.end < SEGMENT_BYTES) return current;
    const number = this.nextSegment;
    const handle = await open(join(this.dir, `mails-${String(number).padStart(6, '0')}.seg`), 'ax+', 0o600);
    this.nextSegment = number + 1;
    this.handles.set(number, handle);
    this.segment = number;
    this.end = 0;
    return handle;
  }

  private list({ meta, offset, size }: RecordPlace, segment: number): void {
    this.mails.push({ ...meta, id: this.mails.length + 1, size, segment, offset });
  }

  async read(mail: CaughtMail, maxBytes = mail.size): Promise<Buffer> {
    const handle = this.handles.get(mail.segment);
    if (!handle) throw new Error(`segment ${mail.segment} is closed`);
    const buffer = Buffer.alloc(Math.min(mail.size, maxBytes));
    await handle.read(buffer, 0, buffer.length, mail.offset);
    return buffer;
  }

  async close(): Promise<void> {
    await this.writing;
    for (const handle of this.handles.values()) await handle.close();
    this.handles.clear();
  }
}

/** The whole records of one segment, up to its end or to the first that is torn or damaged. */
async function* records(handle: FileHandle): AsyncGenerator<RecordPlace> {
  const { size: fileBytes } = await handle.stat();
  const window = Buffer.alloc(SCAN_BYTES);
  for (let at = 0; at < fileBytes; ) {
    const { bytesRead } = await handle.read(window, 0, SCAN_BYTES, at);
    const header = decodeRecordHeader(window.subarray(0, bytesRead));
    if (!header) return;
    const offset = at + RECORD_HEADER_BYTES + header.metaBytes;
    if (offset + header.size > fileBytes) return;
    const json = await metaBytes(handle, window.subarray(0, bytesRead), at, header.metaBytes);
    const meta = decodeMeta(json, header.crc);
    if (!meta) return;
    yield { meta, offset, size: header.size };
    at = offset + header.size;
  }
}

async function metaBytes(handle: FileHandle, window: Buffer, at: number, length: number): Promise<Buffer> {
  const start = RECORD_HEADER_BYTES;
  if (start + length <= window.length) return window.subarray(start, start + length);
  const long = Buffer.alloc(length);
  await handle.read(long, 0, length, at + start);
  return long;
}
