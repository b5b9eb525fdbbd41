import { createHash } from 'node:crypto';

/** What signs: `SigningKey` of the vault. */
export interface Signer {
  selector: string;
  domain: string;
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  sign(data: string): Promise<string>;
}

/**
 * What is signed of the header (RFC 6376 §5.4.1). From is named once more than it stands there, so that no second one
 * can be added.
 */
const SIGNED = [
  ...['from', 'from', 'reply-to', 'to', 'subject', 'date', 'message-id', 'mime-version', 'content-type'],
  ...['auto-submitted', 'feedback-id', 'content-language'],
];
const LINE = 72;

/**
 * The DKIM-Signature fields of a finished message, one for each signer, with line ends: they go before it.
 * Canonicalization relaxed/simple (RFC 6376 §3.4): the body is hashed as it is. Never with l=: it lets others add to it.
 * @param message header and body in pieces, CRLF line ends
 */
export async function dkimSignatures(
  message: readonly Buffer[],
  signers: readonly Signer[],
  at: Date,
): Promise<Buffer> {
  if (signers.length === 0) return Buffer.alloc(0);
  const { header, body } = splitHeader(message);
  const sha256 = createHash('sha256');
  for (const piece of simpleBody(body)) sha256.update(piece);
  const bodyHash = sha256.digest('base64');
  const { names, canonical } = signedFields(header);
  const fields = await Promise.all(
    signers.map(async ({ selector, domain, algorithm, sign }) => {
      const tags = [
        `v=1; a=${algorithm}; c=relaxed/simple; d=${domain}; s=${selector};`,
        `t=${Math.floor(at.getTime() / 1000)};`,
        ...foldNames(names),
        `bh=${bodyHash}; b=`,
      ];
      const signature = await sign(`${canonical}dkim-signature:${tags.join(' ')}`);
      return `DKIM-Signature: ${tags.join('\r\n ')}${fold(signature)}\r\n`;
    }),
  );
  return Buffer.from(fields.join(''), 'latin1');
}

const HEADER_END = '\r\n\r\n';

/** The header with the end of its last line, and the body, which is not copied. */
function splitHeader(message: readonly Buffer[]): { header: string; body: Buffer[] } {
  let header = '';
  for (const [i, piece] of message.entries()) {
    const before = header.length;
    header += piece.toString('latin1');
    const end = header.indexOf(HEADER_END);
    if (end < 0) continue;
    const body = [piece.subarray(end + HEADER_END.length - before), ...message.slice(i + 1)];
    return { header: header.slice(0, end + 2), body };
  }
  throw new Error('a message without an end of its header cannot be signed');
}

/** RFC 6376 §3.4.3: empty lines at the end do not count, and the body ends its last line. */
function simpleBody(pieces: Buffer[]): Buffer[] {
  const last = pieces.at(-1)?.subarray(-4).toString('latin1') ?? '';
  // As composed messages are: one line end after the last boundary.
  if (last.length === 4 && last.endsWith('\r\n') && last !== HEADER_END) return pieces;
  const body = Buffer.concat(pieces);
  let end = body.length;
  while (end >= 4 && body.toString('latin1', end - 4, end) === HEADER_END) end -= 2;
  if (end >= 2 && body.toString('latin1', end - 2, end) === '\r\n') return [body.subarray(0, end)];
  return [body, Buffer.from('\r\n')];
}

/** The fields to be signed, the last of a name first (RFC 6376 §5.4.2), in relaxed form (§3.4.2). */
function signedFields(header: string): { names: string; canonical: string } {
  const fields = new Map<string, string[]>();
  for (const [, name = '', value = ''] of header.matchAll(/^([!-9;-~]+):((?:.*\r\n[ \t])*.*)\r\n/gm)) {
    const key = name.toLowerCase();
    const relaxed = value
      .replaceAll(/\r\n/g, '')
      .replaceAll(/[ \t]+/g, ' ')
      .trim();
    fields.set(key, [...(fields.get(key) ?? []), relaxed]);
  }
  const names: string[] = [];
  let canonical = '';
  for (const name of SIGNED) {
    if (!fields.has(name)) continue;
    names.push(name);
    const value = fields.get(name)?.pop();
    // Named and not there: nothing of it is signed, and it cannot be added.
    if (value !== undefined) canonical += `${name}:${value}\r\n`;
  }
  return { names: names.join(':'), canonical };
}

/** Folding is allowed at the colons (RFC 6376 §3.5, h=); a space counts as itself, so it is signed too. */
const foldNames = (names: string): string[] => `h=${names};`.match(new RegExp(`.{1,${LINE}}[:;]`, 'g')) ?? [];

/** Spaces and line ends in a signature do not count (RFC 6376 §3.5, b=). */
function fold(signature: string): string {
  return (signature.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []).map((line) => `\r\n ${line}`).join('');
}
