import { createHash, createHmac, createPublicKey, timingSafeEqual, verify, X509Certificate } from 'node:crypto';

/** Whether this is a key with which ECDSA signatures are checked: SPKI in base64. */
export function isEllipticKey(publicKey: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ec';
  } catch {
    return false;
  }
}

/**
 * Checks the signature of SendGrid's event webhook: ECDSA over the SHA-256 of timestamp and body.
 * twilio.com/docs/sendgrid: "Getting Started with the Event Webhook Security Features".
 * @param publicKey SPKI in base64, as SendGrid shows it
 */
export function sendgridVerifier(publicKey: string): (timestamp: string, body: Buffer, signature: string) => boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return (timestamp, body, signature) => {
    const signed = Buffer.concat([Buffer.from(timestamp, 'utf8'), body]);
    return verify('sha256', signed, key, Buffer.from(signature, 'base64'));
  };
}

/**
 * Checks the signature of Mailgun's webhooks: HMAC-SHA256 over timestamp and token, in hex. It does not cover the event:
 * a token must be taken only once. documentation.mailgun.com: "Securing webhooks".
 */
export function mailgunVerifier(key: string): (timestamp: string, token: string, signature: string) => boolean {
  return (timestamp, token, signature) => {
    const wanted = createHmac('sha256', key).update(timestamp).update(token).digest();
    const given = Buffer.from(signature, 'hex');
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  };
}

/** Checks the login of an `Authorization: Basic …` header (RFC 7617), in the same time however much of it is right. */
export function loginVerifier(login: { user: string; password: string }): (header: string) => boolean {
  const hash = (text: string | Buffer) => createHash('sha256').update(text).digest();
  const wanted = hash(`${login.user}:${login.password}`);
  return (header) => {
    const given = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header)?.[1] ?? '';
    return timingSafeEqual(hash(Buffer.from(given, 'base64')), wanted);
  };
}

/** A certificate by which Amazon SNS signs. */
export interface SnsCertificate {
  /** Whether it is valid at this moment. */
  isValidAt(at: Date): boolean;
  /** @param version `SignatureVersion`: `1` is SHA-1, `2` SHA-256; no other is known */
  verify(version: string, text: string, signature: string): boolean;
}

const LEAST_RSA_BITS = 2048;
const DIGESTS = new Map([
  ['1', 'sha1'],
  ['2', 'sha256'],
]);
// Names of these certificates: `sns.amazonaws.com`, and of regions of their own such as `sns-cn-north-1.amazonaws.com.cn`
// and `sns-signing.me-south-1.amazonaws.com`.
const SNS_NAME = /^sns(-signing)?([.-][a-z]{2,4}(-[a-z]+)+-\d)?\.amazonaws\.com(\.cn)?$/;

/**
 * Reads a certificate of Amazon SNS. Its file holds no chain: that it is Amazon's is known from the host that gave it,
 * over TLS, and here from its names.
 * @returns null when it is none that SNS would sign with
 */
export function readSnsCertificate(pem: string): SnsCertificate | null {
  const certificate = parseCertificate(pem);
  if (!certificate || certificate.ca || !namesOf(certificate).some((name) => SNS_NAME.test(name))) return null;
  const key = certificate.publicKey;
  const isStrong = key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS;
  if (!isStrong) return null;
  return {
    isValidAt: (at) => at >= certificate.validFromDate && at <= certificate.validToDate,
    verify(version, text, signature) {
      const digest = DIGESTS.get(version);
      return digest !== undefined && verify(digest, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64'));
    },
  };
}

function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function namesOf({ subject, subjectAltName = '' }: X509Certificate): string[] {
  const common = /(?:^|\n)CN=([^\n]+)/.exec(subject)?.[1];
  const others = [...subjectAltName.matchAll(/(?:^|, )DNS:([^,"]+)/g)].map(([, name]) => name);
  return [common, ...others].flatMap((name) => name?.trim().toLowerCase() ?? []);
}
