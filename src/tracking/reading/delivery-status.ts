import { addressOf } from './addresses.ts';
import { readFields } from './mime/fields.ts';
import type { Fields, ReportMail, TextFinding } from './report-mail.ts';

/** What a report in the standard's form says. */
export interface DeliveryStatus {
  findings: (TextFinding & { action: NonNullable<TextFinding['action']> })[];
  /** Original-Envelope-Id. */
  envelopeIds: string[];
}

const STATUS_PART = /^message\/(?:global-)?delivery-status$/;
const MOST_RECIPIENTS = 500;
const LEADER = /^(?:final-recipient|original-recipient|action|x-actual-recipient)$/;

/**
 * Reads the fields of delivery status notifications (RFC 3464 §2, RFC 6533), in a part of their own or standing in a
 * text because the mail has lost its parts. Null when there are none.
 */
export function readDeliveryStatus(mail: ReportMail): DeliveryStatus | null {
  const parts = mail.parts.filter(({ type }) => STATUS_PART.test(type)).map(({ text }) => text);
  const texts = parts.length > 0 ? parts : statusLinesIn(mail);
  if (texts.length === 0) return null;
  const groups = texts.flatMap(groupsOf);
  const envelopeIds = groups.flatMap((group) => group.all('original-envelope-id').map((id) => id.trim()));
  const reporting = groups.find((group) => group.get('reporting-mta') !== null) ?? null;
  const findings = groups.flatMap((group) => findingOf(group, reporting, mail) ?? []).slice(0, MOST_RECIPIENTS);
  return findings.length > 0 ? { findings, envelopeIds } : null;
}

function statusLinesIn({ parts }: ReportMail): string[] {
  return parts
    .map(({ text }) => text)
    .filter((text) => /^Final-Recipient:/im.test(text) && /^(?:Action|Status):/im.test(text))
    .map((text) => text.slice(text.search(/^(?:Reporting-MTA|Final-Recipient|Original-Recipient):/im)));
}

/** Blocks between empty lines; several recipients that somebody forgot to part; one that is torn in two. */
function groupsOf(text: string): Fields[] {
  const groups: string[] = [];
  let seen = new Set<string>();
  let current: string[] = [];
  let blank = false;
  for (const line of text.slice(0, 1024 * 1024).split('\n')) {
    if (line.trim() === '') {
      blank = true;
      continue;
    }
    const name = /^([A-Za-z][\w-]*)[ \t]*:/.exec(line)?.[1]?.toLowerCase();
    // The same leading field again, or a leading field behind an empty line when the group has had its own.
    const leads = name !== undefined && LEADER.test(name);
    if (leads && (seen.has(name) || (blank && !seen.has('reporting-mta') && seen.has('final-recipient')))) {
      groups.push(current.join('\n'));
      [current, seen] = [[], new Set()];
    } else if (blank && leads && seen.has('reporting-mta')) {
      groups.push(current.join('\n'));
      [current, seen] = [[], new Set()];
    }
    if (name) seen.add(name);
    current.push(line);
    blank = false;
  }
  groups.push(current.join('\n'));
  return groups
    .slice(0, MOST_RECIPIENTS + 1)
    .map((group) => readFields(Buffer.from(`${group}\n\n`, 'utf8').toString('latin1')).fields);
}

function findingOf(
  group: Fields,
  reporting: Fields | null,
  mail: ReportMail,
): DeliveryStatus['findings'][number] | null {
  const final = group.get('final-recipient');
  const original = group.get('original-recipient');
  if (final === null && original === null && group.get('action') === null) return null;
  const status = /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(group.get('status') ?? '')?.[1] ?? null;
  const diagnosis = group
    .all('diagnostic-code')
    .map((code) => oneReply(code.replace(/^\s*[\w.-]{1,30}\s*;\s*/, '')))
    .join(' ')
    .trim();
  return {
    recipient: addressOf(final) ?? addressOf(fromXtext(original)) ?? addressOf(group.get('x-actual-recipient')),
    text: [diagnosis, group.get('x-supplementary-info') ?? ''].join(' ').trim(),
    status,
    action: actionOf(group.get('action'), status, mail),
    remote: group.get('remote-mta')?.replace(/^\s*\w+\s*;\s*/, '') ?? reporting?.get('remote-mta') ?? null,
  };
}

/** RFC 3461 §4: in what we gave along with RCPT, these two are written so. */
const fromXtext = (value: string | null): string | null => value?.replace(/\+2B/g, '+').replace(/\+3D/g, '=') ?? null;

/** A reply of several lines, `550-… 550-… 550 …`, with its code once. */
function oneReply(code: string): string {
  const [, basic] = /^([245]\d\d)-/.exec(code) ?? [];
  return basic ? `${basic} ${code.slice(4).replaceAll(new RegExp(`(?<=\\s)${basic}[ -]`, 'g'), '')}` : code;
}

function actionOf(
  action: string | null,
  status: string | null,
  { words }: ReportMail,
): 'failed' | 'delayed' | 'delivered' {
  const said = action?.trim().toLowerCase() ?? '';
  if (/^delay/.test(said)) return 'delayed';
  if (/^(?:deliver|relay|expand)/.test(said)) return 'delivered';
  if (said !== '') return 'failed';
  if (status?.startsWith('2')) return 'delivered';
  return status?.startsWith('4') && STILL_TRYING.test(words.slice(0, 4000)) ? 'delayed' : 'failed';
}

/** Words of a warning: the mail system has not given up. */
export const STILL_TRYING =
  /warning message only|(?:not|n't) (?:need|have) to (?:resend|retry)|will (?:be retried|keep trying|continue to (?:try|attempt)|try again|retry|make (?:further|several))|still (?:being )?(?:trying|retried)|(?:has|have|was|been) (?:been )?(?:temporarily )?delayed|not (?:yet )?been delivered(?: yet)?|has not yet been|could not be delivered (?:yet|immediately)|delivery attempts will continue|引き続き(?:配信|配送|送信)|再送(?:を)?(?:試み|し)|遅延|遅れて/i;
