/** A key that signs, as its record in the DNS should show it. */
export interface PublishedKey {
  selector: string;
  domain: string;
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  /** Base64: of the SPKI (RSA), or of the 32 bytes (Ed25519). */
  publicKey: string;
}

export const dkimName = ({ selector, domain }: Pick<PublishedKey, 'selector' | 'domain'>): string =>
  `${selector}._domainkey.${domain}`;

/** What a receiver would make of the records at the key's name. */
type DkimFinding = 'matches' | 'no_record' | 'several_records' | 'invalid_record' | 'revoked' | 'other_key' | 'testing';

/**
 * Compares the TXT records at a key's name with the key. RFC 6376 §3.6.1, RFC 8463 §4.
 * @param records the strings of each record joined
 */
export function judgeDkimRecord(records: readonly string[], key: PublishedKey): DkimFinding {
  const [record, another] = records;
  if (record === undefined) return 'no_record';
  // Which of several counts is undefined (RFC 6376 §3.6.2.2).
  if (another !== undefined) return 'several_records';
  const tags = readTags(record);
  if (tags === null || !isFor(tags, key)) return 'invalid_record';
  const published = tags.get('p');
  if (published === undefined) return 'invalid_record';
  if (published === '') return 'revoked';
  if (!isSameKey(published, key)) return 'other_key';
  // Receivers treat what a key in testing signs as unsigned.
  return listOf(tags.get('t')).includes('y') ? 'testing' : 'matches';
}

/** `name=value` with semicolons between; null when it is not that, or names a tag twice (RFC 6376 §3.2). */
function readTags(record: string): Map<string, string> | null {
  const tags = new Map<string, string>();
  for (const part of record.replace(/;\s*$/, '').split(';')) {
    const [, name, value] = /^\s*([A-Za-z][A-Za-z0-9_]*)\s*=([\s\S]*)$/.exec(part) ?? [];
    if (name === undefined || value === undefined || tags.has(name)) return null;
    tags.set(name, value.replace(/\s+/g, ''));
  }
  return tags;
}

const listOf = (value: string | undefined): string[] => value?.toLowerCase().split(':') ?? [];

function isFor(tags: Map<string, string>, { algorithm }: PublishedKey): boolean {
  const [first] = tags.keys();
  if (tags.has('v') && (first !== 'v' || tags.get('v') !== 'DKIM1')) return false;
  if ((tags.get('k') ?? 'rsa') !== algorithm.split('-')[0]) return false;
  if (tags.has('h') && !listOf(tags.get('h')).includes('sha256')) return false;
  const services = listOf(tags.get('s'));
  return services.length === 0 || services.includes('*') || services.includes('email');
}

// Of an RSA key of 2048 bits or more in SPKI: what stands before the bare key. Both forms are published: RFC 6376
// §3.6.1 speaks of the bare key, and its examples show the other.
const RSA_PREFIX_BYTES = 24;

function isSameKey(published: string, { algorithm, publicKey }: PublishedKey): boolean {
  const theirs = Buffer.from(published, 'base64');
  const ours = Buffer.from(publicKey, 'base64');
  return theirs.equals(ours) || (algorithm === 'rsa-sha256' && theirs.equals(ours.subarray(RSA_PREFIX_BYTES)));
}
