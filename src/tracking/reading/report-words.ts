import type { SmtpStage } from '../../delivery/email/classify-failure.ts';
import { maskAddresses } from './addresses.ts';

const FIRST_PART = 2000;
const LAST_PART = 1000;

/**
 * The part in which the cause stands, the beginning and the last server's reply at the end, without addresses: `5.1.1@` is
 * no code and `no-spam@` no word. All else here takes that.
 */
export function cutReport(text: string): string {
  const part = text.length <= FIRST_PART + LAST_PART ? text : `${text.slice(0, FIRST_PART)} ${text.slice(-LAST_PART)}`;
  return withoutOutcome(maskAddresses(part));
}

// Sendmail sums up every 550 at RCPT so, below the reply that it got.
const OUTCOME = /\s5\d\d (?:5\.1\.1 )?<?@>?\.{3} ?User unknown/i;

function withoutOutcome(text: string): string {
  const at = text.search(OUTCOME);
  return at > 0 && /[45]\d\d[ -]+\S/.test(text.slice(0, at)) ? text.replace(OUTCOME, ' ') : text;
}

const URL = /\bhttps?:\/\/([^\s/<>"')]{1,255})([^\s<>"')]*)/gi;
// Quantities are bounded: text without spaces, as in Japanese, must not be walked through again and again.
const HOST =
  /\b(?:[a-z0-9_-]{1,63}\.){1,8}(?:com|net|org|info|biz|edu|gov|mil|jp|de|fr|uk|ru|cn|kr|tw|eu|io|it|nl|au|us|br|es|ua|ch|at|be|ca|se|no|dk|fi|pl|cz|pt|nz|in|sg|hk|th|my|vn|mx|ar|cl|za|me|tv|co|cc|cloud|online|app|dev|site|xyz|shop|example|test|local|lan)\b\.?/g;
const IP = /\[?\b\d{1,3}(?:\.\d{1,3}){3}\b\]?/g;
const BLOCK_LIST =
  /spamhaus|spamcop|barracuda|abuseat|sorbs|uceprotect|cloudmark|dnsbl|\brbl|surbl|uribl|mailspike|senderscore|trendmicro|psbl|njabl|dsbl/i;

function url(_whole: string, host: string, path: string): string {
  const hint = /[?&]p=(\w{1,40})/.exec(path)?.[1] ?? /\/err\/\d{1,2}\b/.exec(path)?.[0] ?? '';
  return ` ${brand(host)} ${hint} `;
}

function brand(host: string): string {
  if (/\b(?:spf|openspf)\./.test(host)) return ' SPF ';
  return BLOCK_LIST.test(host) ? ' blocklist ' : '*';
}

const CJK = '\\u3000-\\u30ff\\u3400-\\u9fff\\uff00-\\uffef';
const GAP = new RegExp(`(?<=[${CJK}]) (?=[${CJK}])`, 'g');

// The words with which Cisco's gateways introduce the reply that they got. They say less than it, and often otherwise.
const INTRODUCTION =
  /invalid address,? (?=error_code)|(?:unknown address error|other mail system problem|bad destination (?:email address|host)|other network problem|delivery protocol error|undefined status) (?='?[245]\d\d|'[^']{12})/gi;

// What mail systems write into every report, whatever has happened.
const PHRASES =
  /rcpt to: ?(?:<?@>?)?|unknown (?=mailer error)|some recipients (?:have )?failed|does not like recipient|(?:smtp )?(?:server|host) \S{1,80} rejected (?:the )?recipient|MSEXCH:\S{1,200}|permanent fatal errors?|this is a permanent error; i've given up|each of the following recipients was rejected by a remote mail server|reasons given by the server are included to help you determine why each recipient was rejected|rejected by the (?:server for the )?recipient domain/gi;

// Which host spoke is no news of a host.
const SAID =
  /\b(?:remote |the |other |receiving )*(?:host|server|system|smtp server|mail server)(?: \*| \[?\*\]?| \([^)]{0,60}\)){0,3} ?(?:said|returned|responded|replied|answered)(?: with)?(?: error)?:?/gi;

/** The words of a report: nobody's `no-spam@` and no host named `virus` make it a report about these. Pure, linear. */
export function wordsOf(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[’‘´`]/g, "'")
    .replaceAll(URL, url)
    .replaceAll(HOST, brand)
    .replaceAll(IP, '*')
    .replaceAll(/(?<![\d.])[245]\d\d-(?=\S)/g, ' ')
    .replaceAll(/(?<![\d.])[245]\d\d[ -]{1,3}(?=#?[245]\.\d\.\d)/g, ' ')
    .replaceAll(/\(?#?(?<![\d.])[245]\.\d\.\d{1,3}\)?(?![\d.])/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(GAP, '')
    .replaceAll(INTRODUCTION, ' ')
    .replaceAll(PHRASES, ' ')
    .replaceAll(SAID, ' . ')
    .trim();
}

const WITH_REPLY = /(?<![\d.])[245]\d\d[ -]{1,3}#?([245]\.\d\.\d{1,3})(?![\d.])/g;
const ALONE = /(?<![\d.])([245]\.\d\.\d{1,3})(?![\d.])/g;
// Given where only the subject, or nothing, was known.
const VAGUE = /^[245]\.(?:[0135]\.0|0\.\d+)$/;

/** The status that says most: what a server put into its reply, then the report's own, then any other in the text. */
export function statusOf(text: string, status: string | null): string | null {
  const found = [
    ...[...text.matchAll(WITH_REPLY)].map((match) => match[1] ?? null),
    status,
    ...[...text.matchAll(ALONE)].map((match) => match[1] ?? null),
  ].filter((one) => one !== null);
  return found.find((one) => !VAGUE.test(one) && !one.startsWith('2')) ?? status ?? found[0] ?? null;
}

/** The first reply code in the text; null when there is none. */
export function replyOf(text: string): number | null {
  const found = /(?:^|[:;'"(#>]\s?|\b(?:said|reason|code|error|reply|returned|was) )([45][0-7]\d)(?=[ -]|:? |$)/i.exec(
    text,
  )?.[1];
  return found === undefined ? null : Number(found);
}

const stages: readonly (readonly [SmtpStage, RegExp])[] = [
  // Postfix, Exim, Sendmail and Courier, qmail, Gmail's own numbers, in this order within each.
  ['body', /reply to end of DATA|after end of data|failed after I sent the message|\(state 18\)/i],
  ['data', /reply to DATA|after DATA\b|>>> DATA|failed on DATA|\(state 1[57]\)|response to data command/i],
  ['rcpt', /reply to RCPT TO|after RCPT|>>> RCPT|does not like recipient|\(state 14\)|\[RCPT_TO\]|rejected RCPT/i],
  ['mail', /reply to MAIL FROM|after MAIL FROM|>>> MAIL F|sender was rejected|\[MAIL_FROM\]/i],
  ['connect', /reply to (?:EHLO|HELO)|initial connection|after (?:EHLO|HELO)|greeting failed|my name was rejected/i],
];

/** The SMTP step that the words name; null when they name none. */
export function stageOf(text: string): SmtpStage | null {
  // The first that is named: a transcript goes on after the refusal, with the steps that followed from it.
  const named = stages.flatMap(([stage, pattern]) => {
    const at = text.search(pattern);
    return at < 0 ? [] : [{ stage, at }];
  });
  return named.toSorted((a, b) => a.at - b.at)[0]?.stage ?? null;
}
