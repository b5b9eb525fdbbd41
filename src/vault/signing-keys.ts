import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { DkimKeySetting } from '../config.ts';

/** A key that signs mail. The key itself stays here. */
export interface SigningKey {
  selector: string;
  domain: string;
  /** RFC 6376 §3.3.3, RFC 8463 §3. */
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  /** As the tag p= of the DNS record has it: base64 of the SPKI (RSA), or of the 32 bytes (Ed25519). */
  publicKey: string;
  /** Base64. */
  sign(data: string): Promise<string>;
}

const LEAST_RSA_BITS = 2048;
// Of an Ed25519 key in SPKI: what stands before its 32 bytes (RFC 8410 §4).
const ED25519_PREFIX_BYTES = 12;
/** On the thread pool: an RSA signature takes as long as the rest of a message. */
const signOnThread = promisify(sign);

/**
 * Loads the keys of `DKIM_KEYS`.
 * @throws Error with a sentence that names the file
 */
export async function loadSigningKeys(settings: DkimKeySetting[]): Promise<SigningKey[]> {
  return await Promise.all(settings.map(loadSigningKey));
}

async function loadSigningKey({ selector, domain, path }: DkimKeySetting): Promise<SigningKey> {
  const key = await readKey(path);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  if (key.asymmetricKeyType === 'ed25519') {
    return {
      ...{ selector, domain, algorithm: 'ed25519-sha256' },
      publicKey: spki.subarray(ED25519_PREFIX_BYTES).toString('base64'),
      // RFC 8463 §3: what is signed is the SHA-256 of the data.
      sign: async (data) => sign(null, hash('sha256', data, 'buffer'), key).toString('base64'),
    };
  }
  if (key.asymmetricKeyType !== 'rsa') {
    throw new Error(`DKIM_KEYS: ${path} holds a key of another kind than RSA or Ed25519.`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < LEAST_RSA_BITS) {
    throw new Error(`DKIM_KEYS: the RSA key in ${path} has ${bits} bits; receivers want ${LEAST_RSA_BITS} or more.`);
  }
  return {
    ...{ selector, domain, algorithm: 'rsa-sha256', publicKey: spki.toString('base64') },
    sign: async (data) => (await signOnThread('sha256', Buffer.from(data), key)).toString('base64'),
  };
}

async function readKey(path: string): Promise<KeyObject> {
  const pem = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`DKIM_KEYS: ${path} cannot be read (${error.code}).`);
  });
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(`DKIM_KEYS: ${path} holds no private key in PEM without a passphrase.`);
  }
}
