import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBlobs } from '../../src/start/blobs.ts';
import { type Bucket, openBucket } from '../../src/vault/bucket/bucket.ts';
import { readBucketSetting } from '../../src/vault/bucket/bucket-setting.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { readAuthorization, signatureOf } from '../support/s3-signature.ts';

const PART = 8 * 1024 * 1024;
const PATIENCE_MS = 300;
let server: S3Server;
let bucket: Bucket;
beforeAll(async () => {
  server = await startS3Server();
});
afterAll(() => server.close());
beforeEach(() => {
  bucket = open(server.url({ prefix: 'some/where' }));
});
afterEach(() => {
  server.fate(null);
  server.objects.clear();
  server.calls.length = 0;
});

function open(url: string): Bucket {
  const setting = readBucketSetting('X', url, []);
  if (!setting) throw new Error('the setting is wrong');
  return openBucket(setting, PATIENCE_MS);
}
async function* inChunks(bytes: Buffer, size = 100_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const put = (bytes: Buffer, name = 'a') => bucket.put(name, inChunks(bytes));
const at = (name = 'a') => server.objects.get(`blobs/some/where/${name}`)?.bytes;

describe('the storage of these tests', () => {
  it('judges signatures as the example in the Amazon S3 API Reference has it', () => {
    // "Examples: Signature Calculations in AWS Signature Version 4", GET Object.
    const names = 'host;range;x-amz-content-sha256;x-amz-date';
    const signature = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';
    const scope = '20130524/us-east-1/s3/aws4_request';
    const credential = readAuthorization(
      `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope},SignedHeaders=${names},Signature=${signature}`,
    );
    if (!credential) throw new Error('not read');
    const headers = {
      ...{ host: 'examplebucket.s3.amazonaws.com', range: 'bytes=0-9', 'x-amz-date': '20130524T000000Z' },
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    };
    const request = { method: 'GET', target: '/test.txt', headers };
    const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
    expect(signatureOf(request, credential, secret)).toBe(signature);
    expect(signatureOf({ ...request, target: '/other.txt' }, credential, secret)).not.toBe(signature);
  });
});

describe('an object', () => {
  it.each([0, 1, 1000, PART, PART + 1, 2 * PART, 2 * PART + 77])('of %i bytes is written and read', async (size) => {
    const bytes = randomBytes(size);
    await put(bytes);
    expect(at()?.equals(bytes)).toBe(true);
    expect(server.openUploads()).toBe(0);
    expect(server.calls.filter((call) => call.includes('partNumber'))).toHaveLength(
      size <= PART ? 0 : Math.ceil(size / PART),
    );
    if (size === 0) return;
    for (const start of [0, Math.floor(size / 2), size - 1]) {
      expect((await buffer(bucket.read('a', start))).equals(bytes.subarray(start)), `from ${start}`).toBe(true);
    }
    expect(await bucket.peek('a', 4)).toEqual({ head: bytes.subarray(0, 4), size });
  });

  it('is there, is not there, and is removed once or twice', async () => {
    expect(await bucket.exists('a')).toBe(false);
    await put(randomBytes(10));
    expect(await bucket.exists('a')).toBe(true);
    await bucket.remove('a');
    await bucket.remove('a');
    expect(await bucket.exists('a')).toBe(false);
    await expect(buffer(bucket.read('a', 0))).rejects.toMatchObject({ code: 'NoSuchKey' });
  });

  it('is never in memory whole: no more is taken than what is being sent, and a part', async () => {
    let taken = 0;
    let arrived = 0;
    let most = 0;
    server.fate(({ query, body }) => {
      most = Math.max(most, taken - arrived);
      if (query.includes('partNumber')) arrived += body.length;
      return 'served';
    });
    const chunk = randomBytes(100_000);
    async function* counted(): AsyncGenerator<Buffer> {
      for (; taken < 10 * PART; taken += chunk.length) yield chunk;
    }
    await bucket.put('a', counted());
    expect([arrived, at()?.length]).toEqual([taken, taken]);
    expect(most).toBeLessThanOrEqual(2 * PART);
  });

  it('has none of its bytes under its name when what it is made of breaks off, and no parts stay', async () => {
    for (const size of [1000, PART + 1000]) {
      async function* broken(): AsyncGenerator<Buffer> {
        yield* inChunks(randomBytes(size));
        throw new Error('the sender hung up');
      }
      await expect(bucket.put('a', broken())).rejects.toThrow('the sender hung up');
      expect([at(), server.openUploads()]).toEqual([undefined, 0]);
    }
  });
});

describe('when the storage is not well', () => {
  it('every request is made again after 503, silence, or a lost answer, and nothing is written twice', async () => {
    const bytes = randomBytes(PART + 5);
    for (const fate of [{ status: 503, code: 'SlowDown' }, 'silent', 'unanswered', 'cut'] as const) {
      const failed = new Set<string>();
      // Each kind of request fails the first time.
      server.fate(({ method, query, body }) => {
        const kind = `${method} ${query.replace(/uploadId=[^&]*/, '')}`;
        if (failed.has(kind)) return 'served';
        failed.add(kind);
        // A whole part may take two minutes on a slow line.
        return fate === 'silent' && body.length > 1_000 ? 'unanswered' : fate;
      });
      await put(bytes);
      expect(at()?.equals(bytes), String(fate)).toBe(true);
      expect((await buffer(bucket.read('a', 3))).equals(bytes.subarray(3)), String(fate)).toBe(true);
      expect(await bucket.exists('a')).toBe(true);
      expect(failed.size).toBeGreaterThan(4);
      await bucket.remove('a');
    }
  });

  it('a part that it lost is not missed: the object stays as it was', async () => {
    await put(Buffer.from('before'));
    const uploads = server.openUploads();
    server.fate(({ query }) => (query.includes('partNumber=2') ? { status: 500, code: 'InternalError' } : 'served'));
    await expect(put(randomBytes(2 * PART))).rejects.toMatchObject({ code: 'InternalError' });
    expect([at()?.toString(), server.openUploads()]).toEqual(['before', uploads]);
  });

  it('an error behind a 200 is an error', async () => {
    let joins = 0;
    server.fate(({ method, query }) => {
      if (method !== 'POST' || !query.startsWith('uploadId')) return 'served';
      return joins++ === 0 ? { status: 200, code: 'InternalError' } : 'served';
    });
    const bytes = randomBytes(PART + 1);
    await put(bytes);
    expect([joins, at()?.equals(bytes)]).toEqual([2, true]);
    server.fate(({ method }) => (method === 'POST' ? { status: 200, code: 'AccessDenied' } : 'served'));
    await expect(put(bytes)).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('an upload that somebody else ended is not taken for written', async () => {
    const bytes = randomBytes(PART + 1);
    await put(bytes);
    server.fate(({ method, query }) =>
      method === 'POST' && query.startsWith('uploadId') ? { status: 404, code: 'NoSuchUpload' } : 'served',
    );
    await expect(put(randomBytes(PART + 1))).rejects.toMatchObject({ code: 'NoSuchUpload' });
    expect(at()?.equals(bytes)).toBe(true);
  });

  it('reading goes on where it broke off, and stops when another object stands there', async () => {
    const bytes = randomBytes(3_000_000);
    await put(bytes);
    let reads = 0;
    server.fate(({ method }) => (method === 'GET' && reads++ < 6 ? (reads % 2 === 0 ? 'cut' : 'stalled') : 'served'));
    expect((await buffer(bucket.read('a', 0))).equals(bytes)).toBe(true);
    expect(reads).toBe(7);
    server.fate(({ method }) => (method === 'GET' && reads++ < 8 ? 'cut' : 'served'));
    const half = bucket.read('a', 0);
    await half.next();
    await put(randomBytes(3_000_000));
    await expect(buffer(half)).rejects.toMatchObject({ code: 'PreconditionFailed' });
  });

  it('what does not pass is not tried again, and one sentence says what it is', async () => {
    const urls: [string, RegExp][] = [
      [server.url({ key: 'AKIAWRONG' }), /does not know the access key \(InvalidAccessKeyId\)/],
      [server.url({ secret: 'wrong/secret' }), /the secret is not that of the access key \(SignatureDoesNotMatch\)/],
      [server.url({ bucket: 'nobody' }), /bucket nobody: there is no such bucket \(NoSuchBucket\)/],
      [server.url({ region: 'eu-west-1' }), /another region/],
    ];
    for (const [url, sentence] of urls) {
      const blobBucket = readBucketSetting('BLOB_URL', url, []);
      const refused = openBlobs({ blobBucket, blobDir: '' });
      await expect(refused).rejects.toThrow(sentence);
      await expect(refused).rejects.toThrow(/^BLOB_URL: [^\n]+\.$/);
      await expect(refused).rejects.not.toThrow(/AKIA|wrong/);
    }
    // The one of them whose signature is right was asked once.
    expect(server.calls).toEqual([expect.stringContaining('PUT nobody/probe-')]);
    const gone = await startS3Server();
    await gone.close();
    await expect(open(gone.url()).exists('a')).rejects.toMatchObject({ code: 'ECONNREFUSED', passing: true });
  });

  it('the start is refused without the right to list, and leaves nothing behind when all is well', async () => {
    const blobBucket = readBucketSetting('BLOB_URL', server.url(), []);
    let there = true;
    server.fate(({ method }) => {
      if (method === 'DELETE') there = false;
      return method === 'HEAD' && !there ? { status: 403, code: 'AccessDenied' } : 'served';
    });
    await expect(openBlobs({ blobBucket, blobDir: '' })).rejects.toThrow('may not do this');
    server.fate(null);
    await openBlobs({ blobBucket, blobDir: '' });
    expect(server.objects.size).toBe(0);
  });
});
