import { randomUUID } from 'node:crypto';
import { type AskBucket, finished } from './ask-bucket.ts';
import { BucketError } from './bucket-error.ts';

/**
 * Of all parts but the last, which some storages want equal. At most 10,000 make an object: 78 GiB, more than an upload
 * may have.
 */
const PART_BYTES = 8 * 1024 * 1024;
const MARK = 'x-amz-meta-write';

/** @param uploadId of the parts that are put together next */
export type Appearing = (uploadId: string) => Promise<void>;

/**
 * Writes an object whole or not at all. What fits into a part is one request; the rest goes part by part, so that no more
 * than two parts are in memory, each can be sent again, and no machine needs a disk as large as the object. Parts are
 * under no name until they are put together.
 * @param appearing called before the request that gives it its name, which then appears once, however often it is sent
 * @throws BucketError, or what `source` or `appearing` throws
 */
export async function putObject(
  ask: AskBucket,
  name: string,
  source: AsyncIterable<Buffer>,
  appearing?: Appearing,
): Promise<void> {
  const parts = inParts(source);
  try {
    const first = await parts.next();
    if (first.done) return;
    const { bytes, last } = first.value;
    // Sent again because its answer was lost, a single request would make the object appear a second time.
    if (last && !appearing) await ask({ method: 'PUT', name, body: bytes }, finished);
    else await putParts({ ask, name, appearing }, bytes, parts);
  } finally {
    await parts.return(undefined);
  }
}

interface Part {
  bytes: Buffer<ArrayBuffer>;
  last: boolean;
}

async function* inParts(source: AsyncIterable<Buffer>): AsyncGenerator<Part, undefined> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    held.push(chunk);
    size += chunk.length;
    // Not at once when it is full: only with a byte more is it known that it is not the last.
    while (size > PART_BYTES) {
      const all = Buffer.concat(held);
      yield { bytes: all.subarray(0, PART_BYTES), last: false };
      held = [all.subarray(PART_BYTES)];
      size -= PART_BYTES;
    }
  }
  yield { bytes: Buffer.concat(held), last: true };
}

interface Putting {
  ask: AskBucket;
  name: string;
  appearing: Appearing | undefined;
}

async function putParts(
  { ask, name, appearing }: Putting,
  first: Buffer<ArrayBuffer>,
  others: AsyncIterable<Part>,
): Promise<void> {
  const mark = randomUUID();
  const uploadId = await ask(
    { method: 'POST', name, query: { uploads: '' }, headers: { [MARK]: mark } },
    async (response) => /<UploadId>([^<]+)</.exec(await response.text())?.[1],
  );
  if (uploadId === undefined) throw new Error('The storage has begun an upload without saying which.');
  const putPart = (number: number, body: Buffer<ArrayBuffer>): Promise<string> =>
    ask({ method: 'PUT', name, query: { partNumber: String(number), uploadId }, body }, async (response) => {
      await finished(response);
      return response.headers.get('etag') ?? '';
    });
  let mayAppear = false;
  try {
    const tags = [await putPart(1, first)];
    for await (const { bytes } of others) tags.push(await putPart(tags.length + 1, bytes));
    await appearing?.(uploadId);
    mayAppear = appearing !== undefined;
    await join(ask, { name, uploadId, tags, mark });
  } catch (error) {
    // Where this fails too, parts stay that nobody sees; docs/operations.md says how they are cleared away.
    if (!mayAppear) await endUpload(ask, name, uploadId).catch(() => undefined);
    throw error;
  }
}

/**
 * Gives up parts that are not put together.
 * @returns false when there are none: they were put together, or given up
 */
export async function endUpload(ask: AskBucket, name: string, uploadId: string): Promise<boolean> {
  try {
    await ask({ method: 'DELETE', name, query: { uploadId } }, finished);
    return true;
  } catch (error) {
    if (error instanceof BucketError && error.code === 'NoSuchUpload') return false;
    throw error;
  }
}

interface Joining {
  name: string;
  uploadId: string;
  tags: string[];
  mark: string;
}

async function join(ask: AskBucket, { name, uploadId, tags, mark }: Joining): Promise<void> {
  const list = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('');
  const body = Buffer.from(`<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`);
  // Thousands of parts take some storages minutes.
  const request = { method: 'POST', name, query: { uploadId }, body, takesLong: true } as const;
  try {
    await ask(request, finished);
  } catch (error) {
    // Perhaps an earlier try did it and its answer was lost: then the object bears our mark.
    const isGone = error instanceof BucketError && error.code === 'NoSuchUpload';
    if (!isGone || (await markOf(ask, name).catch(() => null)) !== mark) throw error;
  }
}

const markOf = (ask: AskBucket, name: string): Promise<string | null> =>
  ask({ method: 'HEAD', name }, async ({ headers }) => headers.get(MARK));
