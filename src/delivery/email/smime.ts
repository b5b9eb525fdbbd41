import { hash } from 'node:crypto';

/** What signs: `SmimeIdentity` of the vault. */
export interface SmimeSigner {
  /** DER of a detached CMS signature. */
  sign(content: Buffer, at: Date): Promise<Buffer>;
}

const LINE = 76;
// These go with the content; all others stay with the message (RFC 8551 §3.1).
const MOVED = /^Content-(?:Type|Transfer-Encoding):.*\r\n(?:[ \t].*\r\n)*/gim;

/**
 * The message as multipart/signed (RFC 8551 §3.5.3). It has to be in base64 or ASCII, so that no mail system on the way
 * changes what was signed.
 * @param message header and body, CRLF line ends
 */
export async function smimeSigned(message: Buffer, signer: SmimeSigner, at: Date): Promise<Buffer> {
  const split = message.indexOf('\r\n\r\n') + 2;
  const header = message.toString('latin1', 0, split);
  const moved = header.match(MOVED)?.join('') ?? '';
  const content = Buffer.concat([Buffer.from(moved, 'latin1'), message.subarray(split)]);
  // Of the content, so that it cannot stand in it.
  const boundary = `signed-${hash('sha256', content).slice(0, 40)}`;
  const signature = (await signer.sign(content, at)).toString('base64');
  const before =
    `${header.replace(MOVED, '')}Content-Type: multipart/signed; micalg=sha-256;\r\n` +
    ` protocol="application/pkcs7-signature";\r\n boundary="${boundary}"\r\n\r\n--${boundary}\r\n`;
  const after =
    `\r\n--${boundary}\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\n` +
    'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="smime.p7s"\r\n\r\n' +
    `${signature.replaceAll(new RegExp(`.{1,${LINE}}`, 'g'), '$&\r\n')}\r\n--${boundary}--\r\n`;
  return Buffer.concat([Buffer.from(before, 'latin1'), content, Buffer.from(after, 'latin1')]);
}
