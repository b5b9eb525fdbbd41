// Domains that gave out addresses which RFC 5321 forbids: dots at the edges or in a row in the local part (docomo and au
// until 2009). They are real; elsewhere such an address is a typing error.
const CARRIERS =
  /^(?:docomo\.ne\.jp|(?:.+\.)?ezweb\.ne\.jp|au\.com|dion\.ne\.jp|auone-net\.jp|softbank\.ne\.jp|i\.softbank\.jp|(?:[tdhckrnsq]\.)?vodafone\.ne\.jp|disney\.ne\.jp|ymobile\.ne\.jp|y-mobile\.ne\.jp|willcom\.com|pdx\.ne\.jp|emobile\.ne\.jp|uqmobile\.jp|rakumail\.jp)$/;

const ATOM_CHARACTERS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/;
const IRREGULAR_DOTS = /^\.|\.\.|\.$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export interface ReadEmail {
  /** The local part as it came, the domain in lower case and ASCII (RFC 5890). */
  address: string;
  /** Has dots where RFC 5321 allows none: to be sent with the local part in quotation marks. */
  nonstandardLocal: boolean;
}

/**
 * Reads one email address (RFC 5321 §4.1.2, dot-string only); full-width characters are folded.
 * @returns null when nothing can be sent to it
 */
export function readEmail(cell: string): ReadEmail | null {
  const text = cell
    .normalize('NFKC')
    .trim()
    .replace(/^<(.*)>$/, '$1');
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = asciiDomain(text.slice(at + 1).toLowerCase());
  if (at < 1 || local.length > 64 || text.length > 254) return null;
  if (!ATOM_CHARACTERS.test(local) || !isDomain(domain)) return null;
  const nonstandardLocal = IRREGULAR_DOTS.test(local);
  if (nonstandardLocal && !CARRIERS.test(domain)) return null;
  return { address: `${local}@${domain}`, nonstandardLocal };
}

/** A domain in ASCII (RFC 5890), as the URL parser reads it; empty when it is none. */
function asciiDomain(domain: string): string {
  return /[\s/?#%:@\\[\]]/.test(domain) ? '' : (URL.parse(`http://${domain}`)?.hostname ?? '');
}

function isDomain(domain: string): boolean {
  const labels = domain.split('.');
  const top = labels.at(-1) ?? '';
  return labels.length > 1 && domain.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(top);
}
