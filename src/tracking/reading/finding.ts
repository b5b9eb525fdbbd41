import type { FailureClass } from '../../delivery/email/classify-failure.ts';

/**
 * What a report is about: a message that came back for good, one that is late, one that arrived, a recipient who called it
 * spam, a machine that answered for somebody, or none of these.
 */
export const findingKinds = ['bounce', 'delay', 'delivered', 'complaint', 'auto_reply', 'other'] as const;
export type FindingKind = (typeof findingKinds)[number];

/** Of the words of a report, so many characters are kept with a finding. */
export const MOST_WORDS = 1_000;

/** What one report says of one recipient. */
export interface Finding {
  kind: FindingKind;
  /** The address as the report has it, without brackets or quotes that mean nothing; null when it names none. */
  recipient: string | null;
  /** Enhanced status code such as `5.1.1` (RFC 3463); null when the report has none. */
  status: string | null;
  /** Of a bounce or a delay; null for everything else. */
  class: FailureClass | null;
  /** The words by which it was decided, as the report has them, at most `MOST_WORDS` characters. They may quote the address. */
  words: string | null;
  /** Names what read it, and what decided its class: `rfc3464 status 5.1.1`, `qmail words invalid_mailbox`. */
  rule: string;
}

/** Marks by which a report says which message it is about; in the order in which they stand there. */
export interface Marks {
  /** Addresses to which the report came, or from which the message was sent, that look like VERP addresses. */
  bounceAddresses: string[];
  /** Original-Envelope-Id of RFC 3464. */
  envelopeIds: string[];
  /** Message-IDs of the original message, with their brackets. */
  messageIds: string[];
}

/** A report as it was read. Always at least one finding. */
export interface Reading {
  findings: Finding[];
  marks: Marks;
}
