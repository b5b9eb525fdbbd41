import { createHash } from 'node:crypto';
import type { PreparedEmail, PreparedLetter, RenderedEmail } from '../rendering/types.ts';

/**
 * What a person's email says: SHA-256 over the hash of the prepared message and the values put into it, as they stand
 * in it. Together they are every byte of subject, html and text, without building them.
 */
export function emailHash(prepared: PreparedEmail, values: Record<keyof RenderedEmail, string[]>): Buffer {
  const personal = JSON.stringify([values.subject, values.html, values.text]);
  return createHash('sha256').update(prepared.sha256).update('\0').update(personal).digest();
}

/** What a person's letter says: SHA-256 over the shared pages' hash and this person's typesetting inputs. */
export function letterHash(prepared: PreparedLetter, inputs: string): Buffer {
  return createHash('sha256').update(prepared.sha256).update('\0').update(inputs).digest();
}

/** JSON with sorted keys: the same facts give the same hash, in whatever order they were typed. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Builds a notice's digest: facts, templates and policy first, then each person in the order of their ids. */
export class NoticeDigest {
  #hash = createHash('sha256');

  constructor(snapshot: unknown, policy: unknown) {
    this.#hash.update(canonicalJson(snapshot)).update('\0').update(canonicalJson(policy)).update('\0');
  }

  addPerson(personId: string, excluded: boolean, email: Buffer | null, letter: Buffer | null): void {
    const none = Buffer.alloc(32);
    this.#hash.update(`${personId}:${excluded ? 'x' : '-'}\0`);
    this.#hash.update(email ?? none).update(letter ?? none);
  }

  /** Lower-case hex. */
  finish(): string {
    return this.#hash.digest('hex');
  }
}
