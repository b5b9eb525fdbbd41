import { readSnsCertificate, type SnsCertificate } from '../../vault/report-signatures.ts';

const DEADLINE_MS = 5_000;
const MOST_BYTES = 64 * 1024;
const KEPT_MS = 24 * 3600 * 1000;
const MOST_KEPT = 50;

/**
 * Gets a URL of Amazon SNS.
 * @returns the text of the answer; null when SNS says that there is nothing (4xx)
 * @throws Error when it cannot be asked: no answer in time, 5xx, a redirect, too much
 */
export type AskSns = (url: string) => Promise<string | null>;

/** Asks over the net. Whoever calls it has checked the URL (`isSnsUrl`). */
export const askSns: AskSns = async (url) => {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(DEADLINE_MS) });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    if (response.status >= 400 && response.status < 500 && response.status !== 429) return null;
    throw new Error('SNS cannot answer now');
  }
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body) {
    bytes += piece.byteLength;
    if (bytes > MOST_BYTES) throw new Error('the answer of SNS is too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
};

/**
 * Finds the certificate at a URL; null when there is none of SNS.
 * @throws Error when SNS cannot be asked now
 */
export type FindCertificate = (url: string) => Promise<SnsCertificate | null>;

/** Keeps what SNS has said for a day, so that a flood of events is one question; a failure is asked again. */
export function makeFindCertificate(ask: AskSns): FindCertificate {
  const kept = new Map<string, { found: Promise<SnsCertificate | null>; until: number }>();
  return (url) => {
    const known = kept.get(url);
    if (known && known.until > performance.now()) return known.found;
    // Names of files that are not there cost one question each; they must not push out for long what is there.
    if (kept.size >= MOST_KEPT) kept.clear();
    const found = ask(url).then((pem) => (pem === null ? null : readSnsCertificate(pem)));
    kept.set(url, { found, until: performance.now() + KEPT_MS });
    found.catch(() => kept.delete(url));
    return found;
  };
}
