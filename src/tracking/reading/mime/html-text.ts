const entities: Record<string, string> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', ensp: ' ', emsp: ' ', zwnj: '', zwj: '' },
  ...{ rsquo: '’', lsquo: '‘', ldquo: '“', rdquo: '”', ndash: '–', mdash: '—', hellip: '…', laquo: '«', raquo: '»' },
};
const BREAKS = /^\/?(?:p|div|tr|table|h[1-6]|li|ul|ol|pre|blockquote|center|hr|dt|dd|title)\b/i;
const LONGEST_PAGE = 512 * 1024;
// More of them is no page, and each may be looked for up to the end.
const MOST_UNSEEN = 60;
const UNSEEN = /^(style|script|head)\b/i;

/**
 * The text of an HTML page, roughly as a person reads it: lines where blocks end, no tags, no styles. One pass.
 * Addresses in angle brackets that somebody forgot to escape stay.
 */
export function htmlToText(page: string): string {
  const html = page.slice(0, LONGEST_PAGE);
  const pieces: string[] = [];
  let unseenLeft = MOST_UNSEEN;
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    pieces.push(html.slice(at, open));
    const close = html.indexOf('>', open);
    if (close < 0) {
      at = open;
      break;
    }
    const tag = html.slice(open + 1, Math.min(close, open + 2_000));
    const comment = tag.startsWith('!--') && unseenLeft-- > 0;
    at = comment ? after(html, '-->', open) : close + 1;
    const [, unseen] = UNSEEN.exec(tag) ?? [];
    if (unseen && unseenLeft-- > 0) at = after(html, `</${unseen.toLowerCase()}`, at, close + 1);
    else if (/^br\b/i.test(tag) || BREAKS.test(tag)) pieces.push('\n');
    else if (/^\/?td\b/i.test(tag)) pieces.push(' ');
    else if (/^[^\s<>@"]+@[^\s<>@"]+$/.test(tag)) pieces.push(`<${tag}>`);
  }
  pieces.push(html.slice(at));
  return withoutEntities(pieces.join(''));
}

/** Behind the next `mark`; `otherwise`, or the end, when there is none. */
function after(html: string, mark: string, from: number, otherwise = html.length): number {
  const found = html.indexOf(mark, from);
  const upper = mark.startsWith('</') ? html.indexOf(mark.toUpperCase(), from) : -1;
  const first = found < 0 ? upper : upper < 0 ? found : Math.min(found, upper);
  if (first < 0) return otherwise;
  const end = html.indexOf('>', first);
  return end < 0 ? html.length : end + 1;
}

function withoutEntities(text: string): string {
  return text
    .replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, decimal, hex, name) => {
      if (name) return entities[name.toLowerCase()] ?? whole;
      const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : ' ';
    })
    .replaceAll('\u00a0', ' ')
    .replace(/[ \t]{2,}/g, ' ')
    .replace(/\n[ \t]+/g, '\n')
    .replace(/\n{3,}/g, '\n\n');
}
