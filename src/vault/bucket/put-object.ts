import { randomUUID } from 'node:crypto';
import { type AskBucket, finished } from './ask-bucket.ts';
import { BucketError } from './bucket-error.ts';

/**
 * Of all parts but the last, which some storages want equal. At most 10,000 make an object: 78 GiB, more than an upload
 * may have.
 */
const PART_BYTES = 8 * 1024 * 1024;
const MARK = 'x-amz-meta-write';

/**
 * Writes an object whole or not at all. What fits into a part is one request; the rest goes part by part, so that no more
 * than two parts are in memory, each can be sent again, and no machine needs a disk as large as the object. Parts are
 * under no name until they are put together.
 * @throws BucketError, or what `source` throws
 */
export async function putObject(ask: AskBucket, name: string, source: AsyncIterable<Buffer>): Promise<void> {
  const parts = inParts(source);
  try {
    const first = await parts.next();
    if (first.done) return;
    if (first.value.last) await ask({ method: 'PUT', name, body: first.value.bytes }, finished);
    else await putParts(ask, name, first.value.bytes, parts);
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

async function putParts(
  ask: AskBucket,
  name: string,
  first: Buffer<ArrayBuffer>,
  others: AsyncIterable<Part>,
): Promise<void> {
  const mark = randomUUID();
  const uploadId = await ask(
    { method: 'POST', name, query: { uploads: '' }, headers: { [MARK]: mark } },
    async (response) => /<UploadId>([^<]+)</.exec(await response.text())?.[1] ?? '',
  );
  const putPart = (number: number, body: Buffer<ArrayBuffer>): Promise<string> =>
    ask({ method: 'PUT', name, query: { partNumber: String(number), uploadId }, body }, async (response) => {
      await finished(response);
      return response.headers.get('etag') ?? '';
    });
  try {
    const tags = [await putPart(1, first)];
    for await (const { bytes } of others) tags.push(await putPart(tags.length + 1, bytes));
    await join(ask, { name, uploadId, tags, mark });
  } catch (error) {
    // Where this fails too, parts stay that nobody sees; docs/operations.md says how they are cleared away.
    await ask({ method: 'DELETE', name, query: { uploadId } }, finished).catch(() => undefined);
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
