import addressParser from 'nodemailer/lib/addressparser';

/** Base32 of RFC 4648 in lower case: mail systems may fold the case of a bounce address. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

function base32(bytes: Buffer): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}

/** The token of a delivery in its bounce address and ENVID: its number and ten bytes that prove it is ours. */
export function deliveryToken(deliveryId: string, code: Buffer): string {
  const id = Buffer.alloc(8);
  id.writeBigUInt64BE(BigInt(deliveryId));
  return base32(Buffer.concat([id.subarray(id.findIndex((byte) => byte !== 0)), code]));
}

/** MAIL FROM of a delivery (VERP): a report that comes back to it names the delivery. */
export const bounceAddress = (token: string, bounceDomain: string): string => `b+${token}@${bounceDomain}`;

/** The Message-ID of a delivery: the same on every attempt. RFC 5322 §3.6.4. */
export const messageId = (token: string, from: string): string => `<${token}@${domainOf(from)}>`;

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** The address in a From header such as `"Support" <notice@example.jp>`. */
export function addressIn(header: string): string {
  return addressParser(header, { flatten: true })[0]?.address ?? header;
}
