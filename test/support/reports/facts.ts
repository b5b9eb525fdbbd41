import type { FailureClass } from '../../../src/delivery/email/classify-failure.ts';
import type { FindingKind } from '../../../src/tracking/reading/finding.ts';

/** What a server answered, and what that means. `text` is what stands behind the codes, on one line. */
export interface Reply {
  /** Three digits; null when there was no reply: nobody answered, the name was not found, time was up. */
  code: number | null;
  /** Enhanced status such as `5.1.1`; null when the server gave none. */
  status: string | null;
  /** May contain `%s`, which stands for the recipient's address. */
  text: string;
  class: FailureClass;
  /** The mail system whose own words these are; absent: any server may say it. */
  by?: string;
}

export type ReportFactKind = Exclude<FindingKind, 'other'>;

/** What a report is made from: everything that the reader has to find again, and what surrounds it. */
export interface ReportFacts {
  kind: ReportFactKind;
  /** Whom the original went to. */
  recipient: string;
  /** Envelope sender of the original: whom the report goes to. */
  sender: string;
  /** With its brackets. */
  originalMessageId: string;
  /** ENVID of the original, for systems that give it back. */
  envelopeId: string | null;
  reply: Reply;
  /** How the original comes with the report, where the system leaves a choice. */
  attach: 'whole' | 'headers' | 'text' | 'none';
  /** The host that reports. */
  reporter: string;
  /** The host that refused. */
  remote: string;
  date: Date;
}

/** A kind of mail system whose reports can be made. */
export interface ReportKind {
  name: string;
  make: (facts: ReportFacts) => Buffer;
  kinds: readonly ReportFactKind[];
  /** Whether the report names the recipient somewhere. */
  namesRecipient: boolean;
  /** Whether the enhanced status of the reply, if it has one, stands in the report. */
  showsStatus: boolean;
  /** Its name in `Reply.by`; `any`: no system of its own. Absent: it only hands on what other servers say. */
  speaks?: string;
  /** Classes that the system can express, where it has words of its own and hides the reply; absent: it shows the reply. */
  classes?: readonly FailureClass[];
}

/** The reply as it came over the wire: `550 5.1.1 <taro@example.jp>: User unknown`. */
export function replyLine({ reply, recipient }: Pick<ReportFacts, 'reply' | 'recipient'>): string {
  const text = reply.text.replaceAll('%s', recipient);
  return [reply.code, reply.code === null ? null : reply.status, text].filter((one) => one !== null).join(' ');
}

/** The words of the reply, without its codes. */
export function replyText({ reply, recipient }: Pick<ReportFacts, 'reply' | 'recipient'>): string {
  return reply.text.replaceAll('%s', recipient);
}

const OWN_STATUS: Partial<Record<FailureClass, string>> = {
  invalid_mailbox: '5.1.1',
  invalid_domain: '5.4.4',
  mailbox_full: '5.2.2',
  network: '4.4.1',
  expired: '4.4.7',
  system: '5.3.0',
  content: '5.3.4',
};

/** The reply's status, or the one that a mail system makes up where the reply had none. */
export function statusOf({ reply, kind }: Pick<ReportFacts, 'reply' | 'kind'>): string {
  if (kind === 'delivered') return '2.0.0';
  const { code, status } = reply;
  if (status !== null) return status;
  if (code !== null) return code < 500 ? '4.0.0' : '5.0.0';
  return OWN_STATUS[reply.class] ?? '5.0.0';
}

/** Facts with everything that a test does not care about filled in. */
export function factsFor(given: Partial<ReportFacts> = {}): ReportFacts {
  return {
    kind: 'bounce',
    recipient: 'hanako.sato@mail.example.jp',
    sender: 'notice-return@bounce.example.com',
    originalMessageId: '<n1.6f1c2a9d@notice.example.com>',
    envelopeId: null,
    reply: {
      code: 550,
      status: '5.1.1',
      text: '<%s>: Recipient address rejected: User unknown',
      class: 'invalid_mailbox',
    },
    attach: 'headers',
    reporter: 'relay1.example.net',
    remote: 'mx1.mail.example.jp',
    date: new Date('2026-05-12T01:23:45Z'),
    ...given,
  };
}
