import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';

/**
 * The key and the certificates by which a server of ours shows who it is, from one PEM file: the certificate of the key
 * first, its chain after it.
 * @param setting whose value `path` is
 * @throws Error with a sentence that names the setting and the file
 */
export async function loadTlsIdentity(setting: string, path: string): Promise<SecureContext> {
  const pem = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${setting}: ${path} cannot be read (${error.code}).`);
  });
  const complete =
    /-----BEGIN (?:(?:RSA|EC) )?PRIVATE KEY-----/.test(pem) && pem.includes('-----BEGIN CERTIFICATE-----');
  try {
    // OpenSSL takes of a file the blocks that it looks for; with none it would start without a certificate.
    if (complete) return createSecureContext({ key: pem, cert: pem });
  } catch {
    // Said below.
  }
  throw new Error(`${setting}: ${path} must hold a private key without a passphrase, then its certificate and chain.`);
}
