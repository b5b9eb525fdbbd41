import type { CaughtMail } from './mail-file.ts';
import type { ReadMail } from './read-mail.ts';

export interface ListPage {
  query: string;
  page: number;
  pages: number;
  total: number;
  matching: number;
  mails: { mail: CaughtMail; subject: string }[];
}

const STYLE = `
body { font: 15px/1.6 system-ui, sans-serif; color: #1b1b1f; background: #fff; margin: 0 auto; max-width: 72rem; padding: 0 1rem 3rem }
.simulated { background: #fff3cd; border-bottom: 2px solid #b58100; margin: 0 -1rem 1rem; padding: .5rem 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8d8de; vertical-align: top }
td.figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
pre { background: #f5f5f7; padding: .8rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere }
iframe { border: 1px solid #b9b9c2; width: 100%; height: 44rem; background: #fff }
input[type=search] { font: inherit; padding: .3rem .5rem; width: 20rem }
button { font: inherit; padding: .3rem .8rem }
`;

function escapeHtml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? '');
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} – simulated</title><style>${STYLE}</style></head>
<body><p class="simulated"><strong>Simulated.</strong> This is Owabi’s mail catcher: nothing here has left this machine.</p>
${body}</body></html>`;
}

/** The list of caught mails, newest first, with a search by recipient. */
export function listPage(list: ListPage): string {
  const rows = list.mails.map(
    ({ mail, subject }) => `<tr><td class="figure">${mail.id}</td><td>${when(mail.at)}</td>
<td>${escapeHtml(mail.to.join(', '))}</td><td><a href="/mails/${mail.id}">${escapeHtml(subject || '(no subject)')}</a></td>
<td class="figure">${mail.size.toLocaleString('en')}</td></tr>`,
  );
  const found =
    list.query === '' ? '' : `, ${list.matching.toLocaleString('en')} of them to “${escapeHtml(list.query)}”`;
  return page(
    'Caught mails',
    `<h1>Caught mails</h1>
<form action="/" method="get"><input type="search" name="q" aria-label="Recipient" placeholder="Recipient" value="${escapeHtml(list.query)}">
<button>Search</button></form>
<p>${list.total.toLocaleString('en')} mails${found}. Page ${list.page} of ${list.pages}. ${turn(list, -1, 'Newer')} ${turn(list, 1, 'Older')}</p>
<table><thead><tr><th>No.</th><th>Caught at (UTC)</th><th>Recipient</th><th>Subject</th><th>Bytes</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`,
  );
}

function turn(list: ListPage, by: number, label: string): string {
  const to = list.page + by;
  if (to < 1 || to > list.pages) return '';
  const query = new URLSearchParams({ q: list.query, page: String(to) });
  return `<a href="/?${escapeHtml(query.toString())}">${label}</a>`;
}

/** One mail: envelope, header, the HTML part in a frame that can do nothing, the text part. */
export function mailPage(mail: CaughtMail, read: ReadMail): string {
  const attachments = read.attachments.map(
    ({ name, type, size }) => `<li>${escapeHtml(`${name} ${type}`)}, ${size.toLocaleString('en')} bytes</li>`,
  );
  const html =
    read.html === undefined
      ? ''
      : `<h2>HTML part</h2><iframe sandbox src="/mails/${mail.id}/html" title="HTML part"></iframe>`;
  const text = read.text === undefined ? '' : `<h2>Text part</h2><pre>${escapeHtml(read.text)}</pre>`;
  return page(
    read.subject,
    `<p><a href="/">All mails</a></p><h1>${escapeHtml(read.subject || '(no subject)')}</h1>
<table><tr><th>Caught at (UTC)</th><td>${when(mail.at)}</td></tr>
<tr><th>Envelope from</th><td>${escapeHtml(mail.from)}</td></tr>
<tr><th>Envelope to</th><td>${escapeHtml(mail.to.join(', '))}</td></tr>
<tr><th>Size</th><td>${mail.size.toLocaleString('en')} bytes, <a href="/mails/${mail.id}/raw">source</a></td></tr></table>
${html}${text}${attachments.length > 0 ? `<h2>Attachments</h2><ul>${attachments.join('')}</ul>` : ''}
<h2>Header</h2><pre>${escapeHtml(read.headers.join('\n'))}</pre>`,
  );
}

export function notFoundPage(): string {
  return page('Not found', '<h1>Not found</h1><p><a href="/">All mails</a></p>');
}

function when(iso: string): string {
  return iso.replace('T', ' ').slice(0, 19);
}
