import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, it } from 'vitest';
import { dkimName, judgeDkimRecord, type PublishedKey } from '../../../src/delivery/preflight/dkim-record.ts';

const MESSAGE =
  'From: a@example.jp\r\nTo: b@example.com\r\nSubject: c\r\nDate: Tue, 24 Nov 2026 10:00:00 +0900\r\n\r\nd\r\n';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const der = (key: KeyObject, type: 'spki' | 'pkcs1') => createPublicKey(key).export({ type, format: 'der' });
const P = {
  ...{ rsa: der(rsa, 'spki').toString('base64'), bareRsa: der(rsa, 'pkcs1').toString('base64') },
  ed25519: der(ed25519, 'spki').subarray(12).toString('base64'),
};
const rsaKey = { selector: 's', domain: 'example.jp', algorithm: 'rsa-sha256', publicKey: P.rsa } as const;
const edKey = { ...rsaKey, algorithm: 'ed25519-sha256', publicKey: P.ed25519 } as const;

/** Whether a receiver would accept a signature of the key by this record. */
async function verifies(record: string, key: PublishedKey): Promise<boolean> {
  const privateKey = (key === rsaKey ? rsa : ed25519).export({ type: 'pkcs8', format: 'pem' });
  const { algorithm, domain: signingDomain, selector } = key;
  const signature = { signingDomain, selector, privateKey, algorithm };
  // Its types want it at one place, its code at the other.
  const { signatures } = await dkimSign(MESSAGE, { ...signature, signatureData: [signature] });
  const { results } = await dkimVerify(`${signatures}${MESSAGE}`, { strict: true, resolver: async () => [[record]] });
  return results[0]?.status.result === 'pass';
}

describe('the record of a key', () => {
  it.each([
    ['in full', `v=DKIM1; k=rsa; p=${P.rsa}`, rsaKey, 'matches'],
    ['with nothing but the key', `p=${P.rsa}`, rsaKey, 'matches'],
    ['with spaces in the key and a last semicolon', `v=DKIM1; p=${P.rsa.replace(/.{60}/g, '$& ')};`, rsaKey, 'matches'],
    ['with the bare RSA key', `v=DKIM1; k=rsa; p=${P.bareRsa}`, rsaKey, 'matches'],
    ['with an Ed25519 key', `v=DKIM1; k=ed25519; p=${P.ed25519}`, edKey, 'matches'],
    ['for mail and SHA-256', `v=DKIM1; h=sha1:sha256; s=email; p=${P.rsa}`, rsaKey, 'matches'],
    ['without k= for an Ed25519 key', `v=DKIM1; p=${P.ed25519}`, edKey, 'invalid_record'],
    ['of another version', `v=DKIM2; p=${P.rsa}`, rsaKey, 'invalid_record'],
    ['with the version last', `p=${P.rsa}; v=DKIM1`, rsaKey, 'invalid_record'],
    ['with a tag twice', `v=DKIM1; p=${P.rsa}; p=${P.rsa}`, rsaKey, 'invalid_record'],
    ['for SHA-1 alone', `v=DKIM1; h=sha1; p=${P.rsa}`, rsaKey, 'invalid_record'],
    ['for another service', `v=DKIM1; s=tlsrpt; p=${P.rsa}`, rsaKey, 'invalid_record'],
    ['without a key', 'v=DKIM1; k=rsa', rsaKey, 'invalid_record'],
    ['that is something else', 'google-site-verification', rsaKey, 'invalid_record'],
    ['that is revoked', 'v=DKIM1; k=rsa; p=', rsaKey, 'revoked'],
    ['of another key', `v=DKIM1; k=ed25519; p=${Buffer.alloc(32, 7).toString('base64')}`, edKey, 'other_key'],
  ] as const)('%s is judged as mailauth judges a signature', async (_how, record, key, verdict) => {
    expect(judgeDkimRecord([record], key)).toBe(verdict);
    expect(await verifies(record, key)).toBe(verdict === 'matches');
  });

  it('that is missing, doubled or in testing is said to be so', () => {
    const record = `v=DKIM1; p=${P.rsa}`;
    expect(judgeDkimRecord([], rsaKey)).toBe('no_record');
    expect(judgeDkimRecord([record, record], rsaKey)).toBe('several_records');
    expect(judgeDkimRecord([`v=DKIM1; t=s:y; p=${P.rsa}`], rsaKey)).toBe('testing');
    expect(dkimName(rsaKey)).toBe('s._domainkey.example.jp');
  });
});
