import { createPrivateKey, hash, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

/** A certificate whose holder signs mail (S/MIME). Its key stays here. */
export interface SmimeIdentity {
  /**
   * Signs for others to verify beside the content: DER of a CMS ContentInfo that holds SignedData without the content,
   * with the certificates (RFC 5652 §5, RFC 8551 §3.5.3).
   */
  sign(content: Buffer, at: Date): Promise<Buffer>;
}

const LEAST_RSA_BITS = 2048;
const KEY_BLOCK = /-----BEGIN (?:(?:RSA|EC) )?PRIVATE KEY-----[^-]+-----END (?:(?:RSA|EC) )?PRIVATE KEY-----/;
const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** RFC 5280 §4.2.1.12: protection of email, and any purpose. */
const PURPOSES = ['1.3.6.1.5.5.7.3.4', '2.5.29.37.0'];
const ATTRIBUTES = {
  contentType: '1.2.840.113549.1.9.3',
  digest: '1.2.840.113549.1.9.4',
  time: '1.2.840.113549.1.9.5',
};

/**
 * Loads the key and the certificates of `SMIME_IDENTITY`.
 * @param address whom the certificate must name; null: nobody in particular
 * @throws Error with a sentence that names the file
 */
export async function loadSmimeIdentity(path: string, address: string | null, now: Date): Promise<SmimeIdentity> {
  const pem = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`SMIME_IDENTITY: ${path} cannot be read (${error.code}).`);
  });
  const key = readKey(pem, path);
  const found = readCertificates(pem, path);
  const own = found.find((certificate) => certificate.checkPrivateKey(key));
  if (!own) throw new Error(`SMIME_IDENTITY: ${path} holds no certificate of its private key.`);
  const fault = faultOf(own, address, now);
  if (fault) throw new Error(`SMIME_IDENTITY: the certificate in ${path} ${fault}.`);
  const chain = [own, ...found.filter((one) => one !== own)].map(({ raw }) => pkijs.Certificate.fromBER(raw));
  return makeIdentity(await importKey(key, path), chain);
}

function readKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(KEY_BLOCK.exec(pem)?.[0] ?? '');
  } catch {
    throw new Error(`SMIME_IDENTITY: ${path} holds no private key in PEM without a passphrase.`);
  }
}

function readCertificates(pem: string, path: string): X509Certificate[] {
  try {
    return (pem.match(CERTIFICATE_BLOCK) ?? []).map((block) => new X509Certificate(block));
  } catch {
    throw new Error(`SMIME_IDENTITY: ${path} holds a certificate that cannot be read.`);
  }
}

/** Why receivers would warn of what it signs, as the end of a sentence. RFC 8550 §3 and §4. */
function faultOf(certificate: X509Certificate, address: string | null, now: Date): string | null {
  if (now < certificate.validFromDate) return 'is not valid yet';
  if (now > certificate.validToDate) return 'has expired';
  if (certificate.keyUsage && !certificate.keyUsage.some((purpose) => PURPOSES.includes(purpose))) {
    return 'is not made for email';
  }
  if (address !== null && !certificate.checkEmail(address)) return 'does not name the address of MAIL_FROM';
  return null;
}

function importKey(key: KeyObject, path: string): Promise<webcrypto.CryptoKey> {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  const curve = { prime256v1: 'P-256', secp384r1: 'P-384' }[namedCurve ?? ''];
  const algorithm =
    key.asymmetricKeyType === 'rsa' && modulusLength >= LEAST_RSA_BITS
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : curve && { name: 'ECDSA', namedCurve: curve };
  if (!algorithm) {
    throw new Error(
      `SMIME_IDENTITY: the key in ${path} is neither RSA of ${LEAST_RSA_BITS} bits or more, nor P-256 or P-384.`,
    );
  }
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

function makeIdentity(key: webcrypto.CryptoKey, certificates: pkijs.Certificate[]): SmimeIdentity {
  const engine = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto });
  const [{ issuer, serialNumber }] = certificates as [pkijs.Certificate];
  return {
    async sign(content, at) {
      const signed = new pkijs.SignedData({
        version: 1,
        encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: pkijs.ContentInfo.DATA }),
        signerInfos: [
          new pkijs.SignerInfo({
            version: 1,
            sid: new pkijs.IssuerAndSerialNumber({ issuer, serialNumber }),
            signedAttrs: new pkijs.SignedAndUnsignedAttributes({ type: 0, attributes: attributesOf(content, at) }),
          }),
        ],
        certificates,
      });
      await signed.sign(key, 0, 'SHA-256', new ArrayBuffer(0), engine);
      const info = new pkijs.ContentInfo({
        ...{ contentType: pkijs.ContentInfo.SIGNED_DATA, content: signed.toSchema(true) },
      });
      return Buffer.from(info.toSchema().toBER());
    },
  };
}

/** In the order of their encodings, as DER wants a set (X.690 §11.6). */
function attributesOf(content: Buffer, at: Date): pkijs.Attribute[] {
  const attribute = (type: string, value: asn1js.AsnType) => new pkijs.Attribute({ type, values: [value] });
  return [
    attribute(ATTRIBUTES.contentType, new asn1js.ObjectIdentifier({ value: pkijs.ContentInfo.DATA })),
    attribute(ATTRIBUTES.time, new asn1js.UTCTime({ valueDate: at })),
    attribute(ATTRIBUTES.digest, new asn1js.OctetString({ valueHex: hash('sha256', content, 'buffer') })),
  ];
}
