import { AwsV4Signer } from 'aws4fetch';
import { BucketError, errorOfAnswer, errorOfConnection } from './bucket-error.ts';
import type { BucketSetting } from './bucket-setting.ts';

/** One request about an object. */
interface BucketRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Of the object, without the prefix. */
  name: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Buffer<ArrayBuffer>;
  /** The storage may think it over for longer than usual. */
  takesLong?: boolean;
}

/**
 * Asks until it is answered, or asking again does not help.
 * @param read takes what it needs of an answer that is no error; `cancel` ends the connection
 * @throws BucketError
 */
export type AskBucket = <T>(
  request: BucketRequest,
  read: (response: Response, cancel: () => void) => Promise<T>,
) => Promise<T>;

/** For an answer that has nothing for us: a connection is used again only when it was read. */
export const finished = async (response: Response): Promise<void> => void (await response.arrayBuffer());

const TRIES = 4;
const FIRST_WAIT_MS = 200;
/** As many times the usual patience: five minutes instead of 20 s. */
const LONG = 15;
/** The slowest line on which a part must still go through: 64 kB/s. */
const BYTES_PER_MS = 64;

/** @param patienceMs what an answer may take, beside the time for its body */
export function makeAsk(setting: BucketSetting, patienceMs: number): AskBucket {
  const cache = new Map<string, ArrayBuffer>();
  const attempt: AskBucket = async (request, read) => {
    const { name, query, headers, body, method, takesLong = false } = request;
    const thinkMs = takesLong ? LONG * patienceMs : patienceMs;
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), thinkMs + (body?.length ?? 0) / BYTES_PER_MS);
    try {
      const url = new URL(`${setting.endpoint}/${setting.bucket}/${setting.prefix}${name}`);
      for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value);
      // The hash is signed: what arrives otherwise than it was sent is refused.
      const own = { 'x-amz-content-sha256': await sha256(body) };
      const { region, accessKeyId, secretAccessKey } = setting;
      const signer = new AwsV4Signer({
        ...{ method, url: url.href, headers: { ...own, ...headers }, service: 's3', region, cache },
        ...{ accessKeyId, secretAccessKey },
      });
      const signed = await signer.sign();
      // Compressed, an object would have other offsets. Not signed: proxies change it.
      signed.headers.set('accept-encoding', 'identity');
      const response = await fetch(signed.url, {
        ...{ method, headers: signed.headers, redirect: 'manual', signal: giveUp.signal },
        ...(body && { body }),
      });
      if (!response.ok) throw errorOfAnswer(setting, response.status, await response.text());
      // Parts that are put together answer 200 first, and may fail after that (API Reference, CompleteMultipartUpload).
      const late = method === 'POST' ? await response.clone().text() : '';
      if (late.includes('<Error>')) throw errorOfAnswer(setting, response.status, late);
      return await read(response, () => giveUp.abort());
    } catch (error) {
      if (error instanceof BucketError) throw error;
      if (giveUp.signal.aborted) throw new BucketError(setting, 'ETIMEDOUT', true);
      throw errorOfConnection(setting, error);
    } finally {
      clearTimeout(timer);
    }
  };
  return (request, read) => untilDone(() => attempt(request, read));
}

/** Tries again what may pass, a few times. */
async function untilDone<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === TRIES || !(error instanceof BucketError && error.passing)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (tries - 1)));
  }
}

/** On a thread of Node's own: a part of 8 MiB would hold up everybody else for 20 ms. */
async function sha256(body: Buffer<ArrayBuffer> = Buffer.alloc(0)): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', body)).toString('hex');
}
