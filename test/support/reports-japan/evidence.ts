import { cpuUsage } from 'node:process';
import iconv from 'iconv-lite';
import type { Finding, Reading } from '../../../src/tracking/reading/finding.ts';

const PERMANENT = new Set(['invalid_mailbox', 'invalid_domain', 'owner_changed']);

// What anybody would take for a reason to say that nobody is there. Wide on purpose: what is outside of it is no reason.
const REASON =
  /\b(?:5[.,]\d{1,2}|4\.1)[.,]\d{1,3}\b|\b5[0-7]\d|unknown|unrout|not? ?(such|longer|mailbox|found|valid|exist|listed|our|a )|invalid|doesn|(does|can|could|is|are|was) ?n[o']t|couldn|disabled|inactive|expired|illegal|bad |incorrect|unavailable|undeliver|reject|not in |null ?mx|nxdomain|no (?:smtp|mail|data|mx|dns|host|route|user|account)|lookups? failed|owner|[\u0400-\u04ff\u3040-\u9fff]{3}/i;

/**
 * Whether a permanent class has nothing to stand on: no words that give a reason, or words and a status that are not in the
 * mail. Null when all is well, else what is missing.
 */
export function withoutEvidence(bytes: Buffer, { findings }: Reading): string | null {
  const permanent = findings.filter((finding) => finding.class !== null && PERMANENT.has(finding.class));
  if (permanent.length === 0) return null;
  const texts = readingsOf(bytes);
  for (const finding of permanent.slice(0, 20)) {
    const missing = missingFrom(texts, finding);
    if (missing) return `${finding.class} by ${finding.rule}: ${missing}`;
  }
  return null;
}

function missingFrom(texts: readonly string[], { status, words }: Finding): string | null {
  const inMail = (part: string) => texts.some((text) => text.includes(part));
  if (status !== null && !inMail(status)) return `status ${status} is not in the mail`;
  const reason = `${status ?? ''} ${words ?? ''}`;
  // Of long words the report has the beginning only: then the reason is anywhere in the mail.
  const cut = (words?.length ?? 0) >= MOST_WORDS;
  if (!REASON.test(reason) && !(cut && texts.some((text) => REASON.test(text)))) {
    return `no reason in ${JSON.stringify(reason)}`;
  }
  // Only ASCII: a flipped byte makes other words of Japanese, and which ones is for the reader to say.
  const parts = (words ?? '').match(/[a-z\d]{4,}/gi) ?? [];
  const absent = parts.filter((part) => !inMail(part));
  // Words may be cut where the wire has folded, escaped or flipped them: most of them are enough.
  return absent.length > parts.length / 2 ? `words that are not in the mail: ${absent.join(' ')}` : null;
}

const MOST_WORDS = 1000;
const CHARSETS = ['latin1', 'utf-8', 'shift_jis', 'euc-jp', 'gb18030', 'utf-16le'];

/** Everything that the bytes can be read as, without an opinion on what they should be read as. */
function readingsOf(bytes: Buffer): string[] {
  const raw = bytes.toString('latin1');
  const printable = raw
    .replaceAll(/=(?:\r?\n|\r)/g, '')
    .replaceAll(/=([0-9A-F]{2})/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const coded = (raw.match(/[A-Za-z\d+/=]{8,}(?:\r?\n[A-Za-z\d+/=]+)*/g) ?? []).flatMap(decoded);
  const all = [raw, printable, ...coded];
  const japanese = all.filter((text) => text.includes('\x1b$')).map(shifted);
  const inCharsets = [...all, ...japanese].flatMap((text) =>
    CHARSETS.map((charset) => iconv.decode(Buffer.from(text, 'latin1'), charset)),
  );
  return inCharsets.flatMap((text) => [
    text,
    text.replaceAll(/&#(\d+);/g, (_all, code) => String.fromCodePoint(+code % 0x10ffff)),
  ]);
}

// A damaged block may begin at any of four places.
const decoded = (block: string): string[] =>
  [0, 1, 2, 3].map((from) => Buffer.from(block.replaceAll(/\s/g, '').slice(from), 'base64').toString('latin1'));

/** ISO-2022-JP as EUC-JP. */
const shifted = (text: string): string => {
  const [first = '', ...runs] = text.split('\x1b');
  return first + runs.map((run) => (/^\$[@B]/.test(run) ? high(run.slice(2)) : run.slice(2))).join('');
};

const high = (run: string): string => run.replaceAll(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) | 0x80));

const BEYOND_DOUBT = 10;

/**
 * Milliseconds of processor time that a call takes: of the fastest of a few runs, since others use the machine. It stops at
 * the first run within the limit, and at one that no busy machine explains.
 */
export function cpuMs(call: () => unknown, limitMs: number, runs = 5): number {
  let best = timeOf(call);
  for (let run = 1; run < runs && best > limitMs && best < limitMs * BEYOND_DOUBT; run++) {
    best = Math.min(best, timeOf(call));
  }
  return best;
}

function timeOf(call: () => unknown): number {
  const before = cpuUsage();
  call();
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000;
}
