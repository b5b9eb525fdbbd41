import { createHmac, hash } from 'node:crypto';

/** What of a request is signed (AWS Signature Version 4). */
export interface SignedRequest {
  method: string;
  /** Path and query, as they stand in the request's first line. */
  target: string;
  headers: Record<string, string | undefined>;
}

/** Of the `Authorization` header. */
export interface Credential {
  accessKeyId: string;
  /** Such as `20130524/us-east-1/s3/aws4_request`. */
  scope: string;
  signedHeaders: string[];
  signature: string;
}

export function readAuthorization(header = ''): Credential | null {
  const form = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, accessKeyId, scope, names, signature] = form.exec(header) ?? [];
  if (!accessKeyId || !scope || !names || !signature) return null;
  return { accessKeyId, scope, signedHeaders: names.split(';'), signature };
}

/** The signature that a request should have, worked out from the specification and not with the client's library. */
export function signatureOf(request: SignedRequest, { scope, signedHeaders }: Credential, secret: string): string {
  const [path = '', query = ''] = request.target.split('?');
  const parameters = query
    .split('&')
    .filter((one) => one !== '')
    .map((one) => (one.includes('=') ? one : `${one}=`))
    .sort();
  const value = (name: string) => (request.headers[name] ?? '').trim().replace(/ +/g, ' ');
  const canonical = [
    ...[request.method, path, parameters.join('&')],
    ...signedHeaders.map((name) => `${name}:${value(name)}`),
    ...['', signedHeaders.join(';'), value('x-amz-content-sha256')],
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', value('x-amz-date'), scope, hash('sha256', canonical)].join('\n');
  const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.split('/').reduce<string | Buffer>((before, part) => mac(before, part), `AWS4${secret}`);
  return mac(key, toSign).toString('hex');
}
