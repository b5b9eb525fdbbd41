import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CaughtMail, MailFile } from './mail-file.ts';
import { listPage, mailPage, notFoundPage } from './pages.ts';
import { readMail, readSubject } from './read-mail.ts';

const PAGE_ROWS = 50;
const HEADER_BYTES = 8192;
const MAX_LIMIT = 500;
// No scripts, nothing from elsewhere; a mail's own links cannot lead its frame away from here.
const OUR_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const MAIL_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

interface Answer {
  status?: number;
  type?: string;
  policy?: string;
  body: string | Buffer;
}

export interface WebServer {
  url: string;
  close(): Promise<void>;
}

/**
 * Shows what was caught, on 127.0.0.1 only: `/` (`q`, `page`), `/mails/{id}`, `/mails/{id}/html`, `/mails/{id}/raw`,
 * and for programs `/mails.json` (`q`, `limit` 1–500, `cursor`) →
 * `{ simulated, total, matching, items: [{ id, from, to, at, messageId, size }], nextCursor }`, oldest first.
 */
export function startWeb(file: MailFile, port: number, onError: (error: unknown) => void): Promise<WebServer> {
  const server = createServer((request, response) => {
    answer(file, request)
      .catch((error: unknown): Answer => {
        onError(error);
        return { status: 500, type: 'text/plain', body: 'This mail cannot be shown.' };
      })
      .then((found) => write(response, found));
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close });
    });
  });
}

async function answer(file: MailFile, request: IncomingMessage): Promise<Answer> {
  // Another site can point its own name at 127.0.0.1 and read the mails through the visitor's browser.
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (host !== '127.0.0.1' && host !== 'localhost') return { status: 421, type: 'text/plain', body: 'Not this host.' };
  if (request.method !== 'GET') return { status: 405, type: 'text/plain', body: 'Only GET.' };
  const url = URL.parse(request.url ?? '/', 'http://localhost');
  if (url?.pathname === '/') return { body: await list(file, url.searchParams) };
  if (url?.pathname === '/mails.json') return json(file, url.searchParams);
  const [, id, part] = /^\/mails\/(\d{1,9})(?:\/(html|raw))?$/.exec(url?.pathname ?? '') ?? [];
  const mail = file.mails[Number(id) - 1];
  return mail ? oneMail(file, mail, part) : { status: 404, body: notFoundPage() };
}

async function list(file: MailFile, params: URLSearchParams): Promise<string> {
  const query = params.get('q') ?? '';
  const matching = matches(file.mails, query);
  const pages = Math.max(1, Math.ceil(matching.length / PAGE_ROWS));
  const page = Math.min(pages, Math.max(1, Math.trunc(Number(params.get('page')) || 1)));
  const end = matching.length - (page - 1) * PAGE_ROWS;
  const mails: { mail: CaughtMail; subject: string }[] = [];
  for (const mail of matching.slice(Math.max(0, end - PAGE_ROWS), end).reverse()) {
    mails.push({ mail, subject: await readSubject(await file.read(mail, HEADER_BYTES)) });
  }
  return listPage({ query, page, pages, total: file.mails.length, matching: matching.length, mails });
}

function json(file: MailFile, params: URLSearchParams): Answer {
  const matching = matches(file.mails, params.get('q') ?? '');
  const limit = Math.min(MAX_LIMIT, Math.max(1, Math.trunc(Number(params.get('limit')) || 100)));
  const after = Math.trunc(Number(params.get('cursor')) || 0);
  const first = matching.findIndex(({ id }) => id > after);
  const items = first < 0 ? [] : matching.slice(first, first + limit);
  const last = items.at(-1);
  const nextCursor = last && last !== matching.at(-1) ? String(last.id) : null;
  const shown = items.map(({ id, from, to, at, messageId, size }) => ({ id, from, to, at, messageId, size }));
  const body = { simulated: true, total: file.mails.length, matching: matching.length, items: shown, nextCursor };
  return { type: 'application/json', body: JSON.stringify(body) };
}

async function oneMail(file: MailFile, mail: CaughtMail, part: string | undefined): Promise<Answer> {
  const raw = await file.read(mail);
  if (part === 'raw') return { type: 'text/plain', body: raw };
  const read = await readMail(raw);
  if (part === 'html') return { policy: MAIL_POLICY, body: read.html ?? '' };
  return { body: mailPage(mail, read) };
}

function matches(mails: readonly CaughtMail[], query: string): readonly CaughtMail[] {
  const wanted = query.trim().toLowerCase();
  return wanted === '' ? mails : mails.filter(({ to }) => to.some((address) => address.toLowerCase().includes(wanted)));
}

function write(response: ServerResponse, found: Answer): void {
  response.writeHead(found.status ?? 200, {
    'content-type': `${found.type ?? 'text/html'}; charset=utf-8`,
    'content-security-policy': found.policy ?? OUR_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  });
  response.end(found.body);
}
