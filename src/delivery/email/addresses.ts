import addressParser from 'nodemailer/lib/addressparser';

/** Base32 of RFC 4648 in lower case: mail systems may fold the case of a bounce address. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const CODE_BYTES = 10;
/** A code after the one to eight bytes of a number. */
const TOKEN = /^[a-z2-7]{18,29}$/;

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

function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of text) {
    value = (value << 5) | ALPHABET.indexOf(letter);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(value >>> bits);
    value &= (1 << bits) - 1;
  }
  return Buffer.from(bytes);
}

/** The token of a delivery in its bounce address and ENVID: its number and ten bytes that prove it is ours. */
export function deliveryToken(deliveryId: string, code: Buffer): string {
  const id = Buffer.alloc(8);
  id.writeBigUInt64BE(BigInt(deliveryId));
  return base32(Buffer.concat([id.subarray(id.findIndex((byte) => byte !== 0)), code]));
}

/**
 * What a token says, in any case of letters: the inverse of `deliveryToken`. That it is ours only the vault can tell
 * (`isBounceCode`). Null when it is no token at all.
 */
export function readDeliveryToken(token: string): { deliveryId: string; code: Buffer } | null {
  const folded = token.toLowerCase();
  if (!TOKEN.test(folded)) return null;
  const bytes = fromBase32(folded);
  const deliveryId = BigInt(`0x${bytes.subarray(0, -CODE_BYTES).toString('hex')}`).toString();
  const code = bytes.subarray(-CODE_BYTES);
  // One delivery has one token: no leading zeros, nothing in the bits that are left over.
  return deliveryToken(deliveryId, code) === folded ? { deliveryId, code } : null;
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
