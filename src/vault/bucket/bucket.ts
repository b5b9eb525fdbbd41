import { type AskBucket, finished, makeAsk } from './ask-bucket.ts';
import { BucketError } from './bucket-error.ts';
import type { BucketSetting } from './bucket-setting.ts';
import { type Appearing, endUpload, putObject } from './put-object.ts';

/** The objects of a bucket below its prefix. Every method throws BucketError when the storage does not do it. */
export interface Bucket {
  /**
   * Writes an object whole or not at all, in place of what stood under the name. Memory does not grow with it.
   * @param appearing called when the next request makes it appear: from then on an error leaves that open, and
   * `endUpload` settles it
   */
  put(name: string, source: AsyncIterable<Buffer>, appearing?: Appearing): Promise<void>;
  /** Keeps a begun object from appearing. False when it has appeared, or was given up. */
  endUpload(name: string, uploadId: string): Promise<boolean>;
  /** The first bytes of an object, at most so many, and the size of the whole. */
  peek(name: string, bytes: number): Promise<{ head: Buffer; size: number }>;
  /** Reads from an offset to the end; goes on from where it was when the connection breaks. */
  read(name: string, start: number): AsyncGenerator<Buffer>;
  /** Nothing happens when there is no such object. */
  remove(name: string): Promise<void>;
  exists(name: string): Promise<boolean>;
}

/** What an answer, or the next piece of one, may take. */
const PATIENCE_MS = 20_000;
/** A reading that breaks off this often without a single byte between is given up. */
const BREAKS = 4;

/** S3-compatible storage, asked by path (`endpoint/bucket/name`), as every one of them understands it. */
export function openBucket(setting: BucketSetting, patienceMs: number = PATIENCE_MS): Bucket {
  const ask = makeAsk(setting, patienceMs);
  return {
    put: (name, source, appearing) => putObject(ask, name, source, appearing),
    endUpload: (name, uploadId) => endUpload(ask, name, uploadId),
    peek: (name, bytes) =>
      ask({ method: 'GET', name, headers: { range: `bytes=0-${bytes - 1}` } }, async (response) => ({
        size: wholeSize(setting, response),
        head: Buffer.from(await response.arrayBuffer()),
      })),
    read: (name, start) => readObject({ ask, setting, patienceMs }, name, start),
    remove: (name) => ask({ method: 'DELETE', name }, finished).catch(ifAbsent(undefined)),
    exists: (name) => ask({ method: 'HEAD', name }, async () => true).catch(ifAbsent(false)),
  };
}

const ifAbsent =
  <T>(answer: T) =>
  (error: unknown): T => {
    if (error instanceof BucketError && error.code === 'NoSuchKey') return answer;
    throw error;
  };

/** RFC 9110 §14.4: `Content-Range: bytes 0-3/1234`. */
function wholeSize(setting: BucketSetting, { headers }: Response): number {
  const [, size] = /^bytes \d+-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
  // Whoever does not know ranges would give us the wrong bytes.
  if (size === undefined) throw new BucketError(setting, 'no_ranges', false);
  return Number(size);
}

interface Reading {
  ask: AskBucket;
  setting: BucketSetting;
  patienceMs: number;
}

async function* readObject({ ask, setting, patienceMs }: Reading, name: string, start: number): AsyncGenerator<Buffer> {
  let at = start;
  let version: string | null = null;
  for (let breaks = 0; breaks < BREAKS; breaks++) {
    // Only of the same version, or two objects would be made into one.
    const headers: Record<string, string> = { range: `bytes=${at}-`, ...(version !== null && { 'if-match': version }) };
    const opened = await ask({ method: 'GET', name, headers }, async (response, cancel) => ({
      ...{ response, cancel, size: wholeSize(setting, response) },
    }));
    version ??= opened.response.headers.get('etag');
    try {
      for await (const piece of pieces(opened.response, patienceMs)) {
        at += piece.length;
        breaks = 0;
        yield piece;
      }
    } catch {
      // It goes on from there.
    } finally {
      opened.cancel();
    }
    if (at >= opened.size) return;
  }
  throw new BucketError(setting, 'ECONNRESET', true);
}

/** The pieces of a body. Time runs only while we wait for one, not while ours is used. */
async function* pieces({ body }: Response, patienceMs: number): AsyncGenerator<Buffer> {
  if (body === null) return;
  const reader = body.getReader();
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('no byte came in time')), patienceMs);
    });
    const { done, value } = await Promise.race([reader.read(), late]).finally(() => clearTimeout(timer));
    if (done) return;
    yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
