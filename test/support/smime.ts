import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import * as pkijs from 'pkijs';

const KINDS = {
  rsa: {
    ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048 },
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  ed25519: { name: 'Ed25519' },
};
const DAY_MS = 24 * 3600 * 1000;
const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';

type Keys = webcrypto.CryptoKeyPair;
const makeKeys = async (kind: keyof typeof KINDS): Promise<Keys> =>
  (await crypto.subtle.generateKey(KINDS[kind], true, ['sign', 'verify'])) as Keys;

/** PEM of a private key, as an export from PKCS#12 has it. */
async function pemOf({ privateKey }: Keys): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  return `Bag Attributes\n    friendlyName: x\n-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`;
}

/** Those who vouch for certificates of tests: a root, and an authority below it. */
export interface Authority {
  root: X509Certificate;
  middle: X509Certificate;
  middleKeys: Keys;
}

export async function makeAuthority(): Promise<Authority> {
  const isAuthority = new BasicConstraintsExtension(true, undefined, true);
  const signs = new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true);
  const common = {
    ...{ notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) },
    ...{ signingAlgorithm: KINDS.rsa, extensions: [isAuthority, signs] },
  };
  const rootKeys = await makeKeys('rsa');
  const middleKeys = await makeKeys('rsa');
  const root = await X509CertificateGenerator.createSelfSigned({
    ...{ ...common, serialNumber: '01', name: 'CN=Test Root', keys: rootKeys },
  });
  const middle = await X509CertificateGenerator.create({
    ...{ ...common, serialNumber: '02', subject: 'CN=Test Authority', issuer: root.subject },
    ...{ publicKey: middleKeys.publicKey, signingKey: rootKeys.privateKey },
  });
  return { root, middle, middleKeys };
}

interface Wishes {
  kind?: keyof typeof KINDS;
  email?: string;
  /** Days from now. */
  from?: number;
  until?: number;
  purpose?: string;
}

/** A file as `SMIME_IDENTITY` names it: a private key, and certificates with those of the authority first. */
export async function makeSmimeFile(
  { middle, middleKeys }: Authority,
  { kind = 'rsa', email = 'notice@example.jp', from = -30, until = 30, purpose = EMAIL_PROTECTION }: Wishes = {},
): Promise<{ key: string; certificates: string; own: X509Certificate }> {
  const keys = await makeKeys(kind);
  const own = await X509CertificateGenerator.create({
    ...{ serialNumber: '03', subject: 'CN=Sender', issuer: middle.subject },
    ...{ notBefore: new Date(Date.now() + from * DAY_MS), notAfter: new Date(Date.now() + until * DAY_MS) },
    ...{ publicKey: keys.publicKey, signingKey: middleKeys.privateKey, signingAlgorithm: KINDS.rsa },
    extensions: [
      new SubjectAlternativeNameExtension([{ type: 'email', value: email }]),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([purpose]),
    ],
  });
  return { key: await pemOf(keys), certificates: `${middle.toString('pem')}\n${own.toString('pem')}\n`, own };
}

/** What a reader of mail does: takes the two parts, and verifies the one by the other up to the root that it trusts. */
export async function verifySmime(message: string, { root }: Authority): Promise<boolean> {
  const boundary = /boundary="(signed-[^"]+)"/.exec(message)?.[1];
  const [, content = '', last = ''] = message.split(new RegExp(`(?:^|\r\n)--${boundary}(?:--)?\r\n`));
  const der = Buffer.from(last.slice(last.indexOf('\r\n\r\n')), 'base64');
  const signed = new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(der).content });
  return await signed
    .verify({
      ...{ signer: 0, checkChain: true, trustedCerts: [pkijs.Certificate.fromBER(root.rawData)] },
      data: new Uint8Array(Buffer.from(content, 'latin1')).buffer,
    })
    .catch(() => false);
}
