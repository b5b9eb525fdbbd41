/** Addresses as reports write them: with brackets, quotes, types before them, and dots where standards allow none. */

const LONGEST_ADDRESS = 320;
// What Japanese carriers have given out too: dots in a row, and at the end. Only ASCII: in Japanese text no space parts an
// address from its sentence.
const LOCAL = /(?:"[^"\s\\]{1,64}"|[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,100})$/;
const DOMAIN = /(?:[A-Za-z0-9_-]{1,63}\.){1,8}[A-Za-z][A-Za-z0-9-]{1,30}/y;
// RFC 6531: an address that stands alone in its field may have other letters.
const INTERNATIONAL = /^[^\s@<>"(),:;]{1,64}@[^\s@<>"(),:;]{1,100}\.[^\s@<>"(),:;]{2,60}$/;
const MOST_ADDRESSES = 200;

/**
 * One address of a field such as `rfc822; <taro@example.jp>`; null when it holds none.
 * Exchange's IMCEA form is undone.
 */
export function addressOf(value: string | null | undefined): string | null {
  if (!value) return null;
  const bare = cleaned(value.slice(0, 1000).replace(/^\s*[A-Za-z0-9-]{2,20}\s*;/, ''));
  if (INTERNATIONAL.test(bare)) return tidy(bare);
  return addressesIn(bare)[0] ?? null;
}

/** Every address in a text, in its order, each once. At most 200. */
export function addressesIn(text: string): string[] {
  const found = new Set<string>();
  for (let at = text.indexOf('@'); at >= 0 && found.size < MOST_ADDRESSES; at = text.indexOf('@', at + 1)) {
    DOMAIN.lastIndex = at + 1;
    const [domain] = DOMAIN.exec(text) ?? [];
    const [local] = domain ? (LOCAL.exec(text.slice(Math.max(0, at - 102), at)) ?? []) : [];
    if (local && domain && local.length + domain.length < LONGEST_ADDRESS) found.add(tidy(`${local}@${domain}`));
  }
  // Beside the address itself, `550-taro@…` is it behind the code of a reply of several lines.
  return [...found].filter((one) => !(/^[245]\d\d-/.test(one) && found.has(one.slice(4))));
}

const BEHIND_AT = /[A-Za-z0-9.-]{0,255}/y;

/** The text with `@` in place of each address: nobody's `no-spam@` makes it a text about spam. Linear. */
export function maskAddresses(text: string): string {
  const pieces: string[] = [];
  let end = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (at < end) continue;
    const before = text.slice(Math.max(end, at - 130), at);
    // The code of a reply of several lines stays: `550-taro@…`.
    const local = (LOCAL.exec(before)?.[0] ?? '').replace(/^[245]\d\d-(?=[A-Za-z])/, '');
    BEHIND_AT.lastIndex = at + 1;
    const domain = BEHIND_AT.exec(text)?.[0] ?? '';
    pieces.push(text.slice(end, at - local.length), '@');
    end = at + 1 + domain.length;
  }
  pieces.push(text.slice(end));
  return pieces.join('');
}

const cleaned = (value: string): string =>
  fromImcea(value)
    .replace(/^[\s<"'([]+(?=[^"]*$)|[\s>"')\];:,.]+$/g, '')
    .trim();

const fromImcea = (value: string): string =>
  value.replace(/IMCEA(?:EX|INVALID|SMTP)-([^@\s]+)@\S+/i, (whole, local: string) => {
    const plain = local.replace(/\+([0-9A-F]{2})/gi, (_code, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return plain.includes('@') ? plain : whole;
  });

/** Quotes that only guard dots mean nothing; a dot or a mark behind the address belongs to its sentence. */
function tidy(address: string): string {
  const at = address.lastIndexOf('@');
  const local = address
    .slice(0, at)
    .replace(/^"([^"\s\\]+)"$/, '$1')
    .replace(/^(?:mailto:|smtp:)/i, '')
    .replace(/^['`]+/, '');
  return `${local}@${address.slice(at + 1).replace(/\.+$/, '')}`;
}

/** The domain of an address in lower case; null when it has none. */
export const domainOfAddress = (address: string | null): string | null =>
  address?.includes('@') ? address.slice(address.lastIndexOf('@') + 1).toLowerCase() : null;

/** Whether two addresses are one, as far as case and quotes go. */
export const sameAddress = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
