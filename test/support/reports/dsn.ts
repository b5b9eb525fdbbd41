import { type ReportFacts, replyLine, statusOf } from './facts.ts';
import { lines, mailDate, optional, wrap } from './mime.ts';

/** `failed`, `delayed`, `delivered`: RFC 3464 §2.3.3. */
export const actionOf = ({ kind }: Pick<ReportFacts, 'kind'>): string =>
  kind === 'delay' ? 'delayed' : kind === 'delivered' ? 'delivered' : 'failed';

/** What was said, of a message that went well too. */
export const outcomeLine = (facts: ReportFacts): string =>
  facts.kind === 'delivered' ? '250 2.0.0 Ok: queued as 9F8E7D6C5B' : replyLine(facts);

interface Style {
  /** `rfc822; ` where it is another. */
  type?: string;
  action?: string;
  status?: string;
  /** The whole value of Diagnostic-Code; null: no such field. */
  diagnostic?: string | null;
  /** Lines before and after the fields of the recipient. */
  perMessage?: string;
  perRecipient?: string;
  originalRecipient?: string | null;
  remote?: string | null;
}

/** The fields of a `message/delivery-status` part of one recipient, in the order of most systems. */
export function statusFields(facts: ReportFacts, style: Style = {}): string {
  const type = style.type ?? 'rfc822; ';
  const own = facts.reply.code === null && facts.kind !== 'delivered';
  const diagnostic =
    style.diagnostic === undefined ? `${own ? 'x-local' : 'smtp'}; ${outcomeLine(facts)}` : style.diagnostic;
  const remote = style.remote === undefined ? (own ? null : `dns; ${facts.remote}`) : style.remote;
  return lines`
    Reporting-MTA: dns; ${facts.reporter}${optional('Original-Envelope-Id', facts.envelopeId)}${style.perMessage ?? ''}
    Arrival-Date: ${mailDate(facts.date)}

    Final-Recipient: ${type}${facts.recipient}${optional('Original-Recipient', style.originalRecipient ?? null)}
    Action: ${style.action ?? actionOf(facts)}
    Status: ${style.status ?? statusOf(facts)}${optional('Remote-MTA', remote)}${optional('Diagnostic-Code', diagnostic)}${style.perRecipient ?? ''}
  `;
}

/**
 * A long reply as servers give it over several lines, each with its codes: `550-5.1.1 …`, then `550 5.1.1 …`. RFC 5321
 * §4.2.1. Words that belong together are on two lines.
 */
export function severalLines(facts: ReportFacts, between = '\n'): string {
  if (facts.reply.code === null) return outcomeLine(facts);
  const codes = replyLine({ ...facts, reply: { ...facts.reply, text: '' } }).trim();
  const said = wrap(outcomeLine(facts).slice(codes.length).trim(), { indent: '', width: 50 }).split('\n');
  const dashed = codes.replace(/^(\d{3}) ?/, '$1-');
  return said
    .map(
      (line, at) =>
        `${at === said.length - 1 ? codes : dashed}${codes.length > 3 || at === said.length - 1 ? ' ' : ''}${line}`,
    )
    .join(between);
}
