import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Answer, type Call, type Kept, makeStore, refusal } from './s3-objects.ts';
import { readAuthorization, signatureOf } from './s3-signature.ts';

/** What becomes of a request: nothing unusual; no answer; half of one, with or without an end; all but the answer; an error. */
type Fate = 'served' | 'silent' | 'cut' | 'stalled' | 'unanswered' | { status: number; code: string };

export interface S3Server {
  port: number;
  /** As a setting: `s3://…` with everything that is needed. */
  url(change?: { bucket?: string; prefix?: string; key?: string; secret?: string; region?: string }): string;
  /** Objects by `bucket/key`, as they are now. */
  objects: Map<string, Kept>;
  /** Uploads whose parts are not put together. */
  openUploads(): number;
  /** Every request that was served, such as `PUT blobs/a ?partNumber=1`, in order. */
  calls: string[];
  /** Decides from now on; null: everything is served. */
  fate(decide: ((call: Call) => Fate) | null): void;
  close(): Promise<void>;
}

const KEY = 'AKIATESTTESTTEST';
/** With characters that a URL and a signature must both survive. */
const SECRET = 'a/b+c=%d e';
const REGION = 'ap-northeast-1';
const SKEW_MS = 15 * 60_000;

/** S3-compatible storage with some buckets that keeps objects in memory and verifies every signature. */
export async function startS3Server(buckets: string[] = ['blobs', 'printer']): Promise<S3Server> {
  const store = makeStore(buckets);
  const calls: string[] = [];
  let decide: ((call: Call) => Fate) | null = null;
  const server = createServer(async (request, response) => {
    const body = await buffer(request).catch(() => null);
    if (body === null) return;
    const call = callOf(request, body);
    const refused = refusalOf(request, body);
    const fate = refused ? 'served' : (decide?.(call) ?? 'served');
    if (fate === 'silent') return;
    if (typeof fate === 'object') return send(response, refusal(fate.status, fate.code));
    const answer = refused ?? store.answer(call);
    if (!refused) calls.push(`${call.method} ${call.path}${call.query === '' ? '' : ` ?${call.query}`}`);
    if (fate === 'unanswered') response.destroy();
    else send(response, answer, fate);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ port, calls, objects: store.objects, openUploads: store.openUploads },
    url({ bucket = 'blobs', prefix = '', key = KEY, secret = SECRET, region = REGION } = {}) {
      const login = `${encodeURIComponent(key)}:${encodeURIComponent(secret)}`;
      return `s3://${login}@${bucket}/${prefix}?region=${region}&endpoint=http://127.0.0.1:${port}`;
    },
    fate(next) {
      decide = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function callOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer): Call {
  const [path = '', query = ''] = url.split('?');
  return { method, path: decodeURIComponent(path.slice(1)), query, headers, body };
}

/** What is wrong with how a request is signed. */
function refusalOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer): Answer | null {
  const credential = readAuthorization(headers.authorization);
  if (!credential) return refusal(403, 'AccessDenied');
  if (credential.accessKeyId !== KEY) return refusal(403, 'InvalidAccessKeyId');
  const date = String(headers['x-amz-date']);
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(at - Date.now()) < SKEW_MS)) return refusal(403, 'RequestTimeTooSkewed');
  if (credential.scope !== `${date.slice(0, 8)}/${REGION}/s3/aws4_request`) {
    return refusal(400, 'AuthorizationHeaderMalformed');
  }
  const mustBeSigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const request = { method, target: url, headers: headers as Record<string, string> };
  const isRight = signatureOf(request, credential, SECRET) === credential.signature;
  if (!isRight || !mustBeSigned.every((name) => credential.signedHeaders.includes(name))) {
    return refusal(403, 'SignatureDoesNotMatch');
  }
  return headers['x-amz-content-sha256'] === hash('sha256', body) ? null : refusal(400, 'XAmzContentSHA256Mismatch');
}

function send(
  response: ServerResponse,
  { status, headers, body }: Answer,
  fate: 'served' | 'cut' | 'stalled' = 'served',
): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  if (fate === 'served') response.end(response.req.method === 'HEAD' ? undefined : body);
  else {
    response.flushHeaders();
    response.write(body.subarray(0, body.length / 2));
    if (fate === 'cut') setImmediate(() => response.destroy());
  }
}
