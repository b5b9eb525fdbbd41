/** What the storage's codes mean for whoever has set it up (Amazon S3 API Reference, "Error responses"). */
const meanings: Record<string, string> = {
  InvalidAccessKeyId: 'it does not know the access key',
  SignatureDoesNotMatch: 'the secret is not that of the access key',
  NoSuchBucket: 'there is no such bucket',
  AccessDenied: 'the access key may not do this there',
  PermanentRedirect: 'the bucket lies in another region',
  AuthorizationHeaderMalformed: 'the bucket lies in another region',
  RequestTimeTooSkewed: 'the clock of this machine differs from its own',
  NoSuchKey: 'there is no such object',
  PreconditionFailed: 'the object was replaced while it was read',
  EntityTooLarge: 'the object is too large for it',
  ETIMEDOUT: 'it does not answer in time',
  ECONNREFUSED: 'it cannot be reached',
  ENOTFOUND: 'there is no such host',
};

/** The answer does not say more than its status. */
const codesOfStatus: Record<number, string> = {
  301: 'PermanentRedirect',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  412: 'PreconditionFailed',
};

const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_CODE = new Set(['InternalError', 'OperationAborted', 'RequestTimeout', 'ServiceUnavailable', 'SlowDown']);

/** The storage did not do what it was asked. Its message names host and bucket, and neither the key nor an object. */
export class BucketError extends Error {
  /** The storage's own code, or that of the connection. */
  readonly code: string;
  /** Asking again may help. */
  readonly passing: boolean;

  constructor({ endpoint, bucket }: { endpoint: string; bucket: string }, code: string, passing: boolean) {
    const meaning = meanings[code] ?? (passing ? 'it fails for now' : 'it refuses');
    super(`The storage at ${new URL(endpoint).host}, bucket ${bucket}: ${meaning} (${code}).`);
    this.name = 'BucketError';
    this.code = code;
    this.passing = passing;
  }
}

/**
 * @param status HTTP, of an answer that is an error
 * @param body XML as S3 has it, or anything else
 */
export function errorOfAnswer(at: { endpoint: string; bucket: string }, status: number, body: string): BucketError {
  const code = /<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? codesOfStatus[status] ?? `HTTP_${status}`;
  return new BucketError(at, code, PASSING_STATUS.has(status) || PASSING_CODE.has(code));
}

/** @param error what was thrown while asking: a broken connection, no name, no valid certificate */
export function errorOfConnection(at: { endpoint: string; bucket: string }, error: unknown): BucketError {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  const found = cause?.code ?? code;
  const known = typeof found === 'string' ? found : 'ECONNRESET';
  return new BucketError(at, known, !/CERT|SIGNATURE|TLS/.test(known));
}
