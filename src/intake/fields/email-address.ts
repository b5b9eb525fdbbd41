import { isCarrier } from '../../delivery/mail-groups.ts';
import { looksMistyped } from './mail-domains.ts';
import { narrow, saysNothing } from './text.ts';

export interface ReadEmail {
  /** The local part as it came, without quotation marks; the domain in lower case and ASCII (RFC 5890). */
  address: string;
  /** Has dots where RFC 5321 allows none: to be sent with the local part in quotation marks. */
  nonstandardLocal: boolean;
  /** The domain is most likely a slip of the keyboard. */
  mistyped: boolean;
}

const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}$/;
const IRREGULAR_DOTS = /^\.|\.\.|\.$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
// What almost every cell holds. No dots at the edges or in a row, no numeric top level.
const USUAL =
  /^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
/** Top levels that no mail can reach (RFC 6761, RFC 6762, RFC 7686). */
const UNREACHABLE = new Set(['localhost', 'localdomain', 'local', 'invalid', 'onion']);
// A cell is a few addresses with names. In a longer one patterns could be made to run for ever.
const LONGEST_CELL = 2000;

/**
 * Reads one email address (RFC 5321 §4.1.2), alone or as in a header (RFC 5322 §3.4): `山田 <a@example.jp>`. Full-width
 * characters are folded; a `mailto:` before it, a remark in brackets and a full stop after it are taken off.
 * @returns null when nothing can be sent to it
 */
export function readEmail(cell: string): ReadEmail | null {
  if (USUAL.test(cell)) return readUsual(cell);
  if (cell.length > LONGEST_CELL) return null;
  const text = bareAddress(cell);
  const at = text.lastIndexOf('@');
  const quoted = /^"(.*)"$/.exec(text.slice(0, at))?.[1];
  const local = quoted ?? text.slice(0, at);
  const domain = asciiDomain(text.slice(at + 1));
  if (at < 1 || local.length + domain.length > 253 || !LOCAL.test(local) || !isDomain(domain)) return null;
  const nonstandardLocal = IRREGULAR_DOTS.test(local);
  // In quotation marks such dots are legal anywhere. Carriers gave out addresses with them (docomo and au until 2009);
  // elsewhere such an address is a typing error.
  if (nonstandardLocal && quoted === undefined && !isCarrier(domain)) return null;
  return { address: `${local}@${domain}`, nonstandardLocal, mistyped: looksMistyped(domain) };
}

function readUsual(address: string): ReadEmail | null {
  const at = address.indexOf('@');
  const domain = address.slice(at + 1);
  if (at > 64 || address.length > 254 || isUnreachable(domain)) return null;
  return { address, nonstandardLocal: false, mistyped: looksMistyped(domain) };
}

/**
 * Reads a cell with one address or several. Where a piece of the cell is no address and could be half of one, nothing
 * of it is used: `ta,ro@example.jp` is not ro@example.jp, who is somebody else.
 * @param found takes the addresses, each mailbox once
 * @param warnings takes `bad_email`, `nonstandard_local`, `email_domain_typo`
 */
export function readEmails(cell: string, found: string[], warnings: string[]): void {
  if (cell === '') return;
  const single = readEmail(cell);
  const emails = single ? [single] : cell.length > LONGEST_CELL ? [null] : pieces(cell).map(readEmail);
  if (emails.length === 0 && !saysNothing(cell)) warnings.push('bad_email');
  for (const email of emails) {
    if (!email) warnings.push('bad_email');
    else addEmail(email, found, warnings);
  }
}

function addEmail(email: ReadEmail, found: string[], warnings: string[]): void {
  if (email.nonstandardLocal) warnings.push('nonstandard_local');
  if (email.mistyped) warnings.push('email_domain_typo');
  const folded = email.address.toLowerCase();
  if (!found.some((other) => other.toLowerCase() === folded)) found.push(email.address);
}

/** The pieces of a cell with several addresses; none when it is not that. */
function pieces(cell: string): string[] {
  const text = narrow(cell);
  const inAngles = [...text.matchAll(/<([^<>\s]+@[^<>\s]+)>/g)].map(([, address = '']) => address);
  if (inAngles.length > 1 && text.split('@').length === inAngles.length + 1) return inAngles;
  const parts = text.split(/[\s;,、/|]+/).filter((part) => part !== '');
  return parts.length > 1 && parts.every((part) => part.split('@').length === 2) ? parts : [];
}

// What cannot be seen and comes along with copied text: soft hyphens, zero-width blanks, marks of direction.
const UNSEEN = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;

function bareAddress(cell: string): string {
  const text = narrow(cell.replace(UNSEEN, '')).trim();
  const angles = /^(?:"[^"]*"\s*|[^<>"]*)<([^<>]+)>[.,;。、]?$/.exec(text)?.[1] ?? text;
  return angles
    .replace(/^\s*mailto:/i, '')
    .replace(/(@[^?\s]*)\?.*$/, '$1')
    .replace(/\s*\([^()]*\)$/, '')
    .replace(/^(['‘’「（(]+)(.*?)['’」）)]*$/, '$2')
    .replace(/[.,;:。、」）)>]+$/, '')
    .trim();
}

/** A domain in ASCII (RFC 5890), as the URL parser reads it (UTS 46, non-transitional); empty when it is none. */
export function asciiDomain(domain: string): string {
  const lower = domain.toLowerCase();
  if (/^[a-z0-9.-]+$/.test(lower)) return lower;
  return /[\s/?#%:@\\[\]]/.test(lower) ? '' : (URL.parse(`http://${lower}`)?.hostname ?? '');
}

function isDomain(domain: string): boolean {
  if (domain.length > 253 || isUnreachable(domain)) return false;
  const labels = domain.split('.');
  const top = labels.at(-1) ?? '';
  return labels.length > 1 && top.length > 1 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(top);
}

function isUnreachable(domain: string): boolean {
  return UNREACHABLE.has(domain.slice(domain.lastIndexOf('.') + 1));
}
