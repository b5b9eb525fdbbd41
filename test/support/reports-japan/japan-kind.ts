import type { FailureClass } from '../../../src/delivery/email/classify-failure.ts';
import type { Reply, ReportFacts, ReportKind } from '../reports/facts.ts';

/** A reply that people who know mail may class in more than one way. */
export interface Saying extends Reply {
  orClass?: readonly FailureClass[];
}

/** A kind of report whose system serves certain domains only, or has words of its own. */
export interface JapanKind extends ReportKind {
  /** The recipients are of this domain; of any when absent. */
  domain?: string;
  /** What this system says of a bounce, when it says nothing else. */
  sayings?: readonly Saying[];
  /** The report may be read as one about this address, to which the mail was forwarded. */
  forwardedTo?: string;
}

/** A kind that makes bounces, names whom it is about and shows the status, unless it is said otherwise. */
export const bounces = (kind: Pick<JapanKind, 'name' | 'make'> & Partial<JapanKind>): JapanKind => ({
  kinds: ['bounce'],
  namesRecipient: true,
  showsStatus: true,
  ...kind,
});

export const saying = (
  code: number | null,
  status: string | null,
  text: string,
  failure: FailureClass,
  ...orClass: FailureClass[]
): Saying => ({ code, status, text, class: failure, orClass });

/** The reply of one line, as the server wrote it. A status that is in the text already is not written twice. */
export function said({ reply, recipient }: ReportFacts): string {
  const { code, status, text } = reply;
  const parts = [code, status !== null && text.includes(status) ? null : status, text.replaceAll('%s', recipient)];
  return parts.filter((one) => one !== null).join(' ');
}

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
