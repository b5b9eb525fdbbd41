import { addressesIn, addressOf } from './addresses.ts';
import { readFields } from './mime/fields.ts';
import type { ReportMail } from './report-mail.ts';

/** What a feedback report says. */
export interface Feedback {
  /** Whether a person has called it spam; else it is about something else, such as a failed DMARC check. */
  complaint: boolean;
  /** Such as `abuse`. */
  type: string;
  /** Empty: it does not say whose complaint it is. */
  recipients: string[];
}

// What a person does. auth-failure is said by machines (RFC 6591), not-spam is the contrary.
const COMPLAINTS = /^(?:abuse|fraud|virus|opt-out(?:-list)?|unsubscribe|complaint|spam|phishing|other|miscategorized)$/;

const OTHERS = /^(?:not-spam|auth-failure|dmarc)$/;

/**
 * Reads a complaint in the standard's form (RFC 5965), or in that of Microsoft's junk mail reporting, which is an
 * attached message with a field of its own. Null when the mail is none.
 */
export function readFeedback(mail: ReportMail): Feedback | null {
  const part = mail.parts.find(({ type }) => type === 'message/feedback-report');
  const stray = part ? null : mail.parts.find(({ text }) => /^Feedback-Type:\s*\S/im.test(text.slice(0, 64 * 1024)));
  const report = part?.text ?? stray?.text.slice(stray.text.search(/^(?:Feedback-Type|User-Agent|Version):/im));
  if (report === undefined) return readJunkReport(mail);
  const { fields } = readFields(Buffer.from(`${report.trimStart()}\n\n`, 'utf8').toString('latin1'));
  const said = (fields.get('feedback-type') ?? 'abuse').trim().toLowerCase();
  // Part of the name of a rule, which stands in the clear: nothing that somebody else thought of.
  const type = COMPLAINTS.test(said) || OTHERS.test(said) ? said : 'unknown';
  const named = [...fields.all('original-rcpt-to'), ...fields.all('removal-recipient')].flatMap(addressesIn);
  return { complaint: COMPLAINTS.test(type), type, recipients: distinct(named.length > 0 ? named : ofOriginal(mail)) };
}

function readJunkReport(mail: ReportMail): Feedback | null {
  const { original } = mail;
  const recipient = original?.fields.get('x-hmxmroriginalrecipient');
  if (!recipient) return null;
  const address = addressOf(recipient);
  return { complaint: true, type: 'abuse', recipients: address ? [address] : ofOriginal(mail) };
}

/** To whom the message went; providers that hide who complained leave this out, or write something in its place. */
function ofOriginal({ original }: ReportMail): string[] {
  if (!original) return [];
  const fields = ['x-original-to', 'envelope-to', 'delivered-to', 'x-rcpt-to', 'to'];
  for (const name of fields) {
    const found = addressesIn(original.fields.get(name) ?? '').filter((one) => !/redacted/i.test(one));
    if (found.length > 0) return found;
  }
  return [];
}

function distinct(addresses: string[]): string[] {
  const seen = new Set<string>();
  return addresses.filter((one) => {
    const key = one.toLowerCase();
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}
