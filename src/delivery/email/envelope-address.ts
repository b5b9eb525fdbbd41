const USUAL = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[\w.-]+$/;
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;
// What no SMTP command may hold, in quotation marks or not; beyond ASCII not every server on the way would take it.
const IMPOSSIBLE = /[^\x20-\x7e]|[<>]/;
/** RFC 5321 §4.5.3.1: a path with its angle brackets has 256 octets at most, a local part 64. */
const LONGEST = 254;
const LONGEST_LOCAL = 64;

/**
 * An address as RCPT TO names it: a local part with dots where RFC 5321 §4.1.2 allows none stands in quotation marks, as
 * carriers want it (`"taro..yamada"@docomo.ne.jp`).
 * @returns null when no server could be told of it
 */
export function envelopeAddress(address: string): string | null {
  const at = address.lastIndexOf('@');
  if (address.length > LONGEST || at > LONGEST_LOCAL) return null;
  if (USUAL.test(address)) return address;
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (at < 1 || domain === '' || domain.includes(' ') || IMPOSSIBLE.test(address)) return null;
  return QUOTED.test(local) ? address : `"${local.replaceAll(/["\\]/g, '\\$&')}"@${domain}`;
}
