import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

// Of the kinds of keys that the library knows, the one for which it needs no second copy of itself.
const ALGORITHM = { name: 'Ed25519' };

export interface TestCertificate {
  /** PEM; it signs itself, so it is its own authority. */
  cert: string;
  key: string;
}

/** A certificate for 127.0.0.1, or for `host`, that is valid from 30 days ago until `days` from now. */
export async function makeCertificate(days: number, host?: string): Promise<TestCertificate> {
  const keys = (await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const at = (inDays: number) => new Date(Date.now() + inDays * 24 * 3600 * 1000);
  const name = host === undefined ? { type: 'ip' as const, value: '127.0.0.1' } : { type: 'dns' as const, value: host };
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: `CN=${name.value}`, notBefore: at(-30), notAfter: at(days) },
    ...{ keys, signingAlgorithm: ALGORITHM, extensions: [new SubjectAlternativeNameExtension([name])] },
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  return { cert: certificate.toString('pem'), key };
}
