import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Encrypter } from 'age-encryption';

/**
 * Encrypts a stream to a public key (age-encryption.org/v1). Memory does not grow with it.
 * @param recipient `age1…`
 */
export async function ageEncrypted(source: Readable, recipient: string): Promise<Readable> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const encrypted = await encrypter.encrypt(Readable.toWeb(source) as globalThis.ReadableStream<Uint8Array>);
  return Readable.fromWeb(encrypted as ReadableStream<Uint8Array>);
}
