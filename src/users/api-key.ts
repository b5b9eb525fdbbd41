import { createHash, randomBytes } from 'node:crypto';

/** A new API key: 256 random bits behind a prefix by which a leaked one is recognised. */
export function makeApiKey(): string {
  return `owabi_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a key. A plain hash is enough for 256 random bits: there is nothing to guess. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
