import { createHash, randomUUID } from 'node:crypto';

export interface Call {
  method: string;
  /** `bucket/key`. */
  path: string;
  query: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** An object, or the upload that is to become one. */
export interface Kept {
  bytes: Buffer;
  etag: string;
  /** The writer's own, without its `x-amz-meta-`. */
  mark: string;
}

/** Of all parts but the last, as Amazon S3 wants it. */
const LEAST_PART_BYTES = 5 * 1024 * 1024;

const answer = (status: number, body: string | Buffer = '', headers: Record<string, string> = {}): Answer => ({
  ...{ status, headers },
  body: Buffer.from(body),
});
export const refusal = (status: number, code: string): Answer =>
  answer(status, `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`);
const tagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;
const markOf = ({ headers }: Call): string => String(headers['x-amz-meta-write'] ?? '');

/** Buckets that do what Amazon S3 does with objects and with uploads in parts. */
export function makeStore(buckets: string[]) {
  const objects = new Map<string, Kept>();
  const uploads = new Map<string, { path: string; mark: string; parts: Map<number, Buffer> }>();

  const upload = (call: Call, id: string, number: string | null): Answer => {
    const found = uploads.get(id);
    if (found?.path !== call.path) return refusal(404, 'NoSuchUpload');
    if (call.method === 'PUT') {
      found.parts.set(Number(number), call.body);
      return answer(200, '', { etag: tagOf(call.body) });
    }
    if (call.method === 'DELETE') {
      uploads.delete(id);
      return answer(204);
    }
    const listed = [...call.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag>/g)];
    const parts = listed.map(([, part, tag]) => ({ tag, bytes: found.parts.get(Number(part)) }));
    if (parts.length === 0 || parts.some(({ tag, bytes }) => !bytes || tagOf(bytes) !== tag)) {
      return refusal(400, 'InvalidPart');
    }
    const whole = parts.map(({ bytes }) => bytes ?? Buffer.alloc(0));
    if (whole.slice(0, -1).some(({ length }) => length < LEAST_PART_BYTES)) return refusal(400, 'EntityTooSmall');
    uploads.delete(id);
    const bytes = Buffer.concat(whole);
    objects.set(call.path, { bytes, etag: tagOf(bytes), mark: found.mark });
    return answer(200, '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  };

  const read = ({ path, headers }: Call): Answer => {
    const found = objects.get(path);
    if (!found) return refusal(404, 'NoSuchKey');
    const { bytes, etag, mark } = found;
    if (headers['if-match'] !== undefined && headers['if-match'] !== etag) return refusal(412, 'PreconditionFailed');
    const own = { etag, 'x-amz-meta-write': mark };
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(String(headers.range ?? '')) ?? [];
    if (from === undefined) return answer(200, bytes, own);
    const start = Number(from);
    if (start >= bytes.length) return refusal(416, 'InvalidRange');
    const end = Math.min(to ? Number(to) + 1 : bytes.length, bytes.length);
    const range = { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` };
    return answer(206, bytes.subarray(start, end), { ...own, ...range });
  };

  const act = (call: Call): Answer => {
    if (!buckets.includes(call.path.split('/')[0] ?? '')) return refusal(404, 'NoSuchBucket');
    const query = new URLSearchParams(call.query);
    if (query.has('uploads')) {
      const id = randomUUID();
      uploads.set(id, { path: call.path, mark: markOf(call), parts: new Map() });
      return answer(200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    const id = query.get('uploadId');
    if (id !== null) return upload(call, id, query.get('partNumber'));
    if (call.method === 'GET' || call.method === 'HEAD') return read(call);
    if (call.method === 'DELETE') {
      objects.delete(call.path);
      return answer(204);
    }
    const etag = tagOf(call.body);
    objects.set(call.path, { bytes: call.body, etag, mark: markOf(call) });
    return answer(200, '', { etag });
  };
  return { objects, openUploads: () => uploads.size, answer: act };
}
