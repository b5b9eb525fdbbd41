import type { FailureClass, SmtpStage } from '../../../delivery/email/classify-failure.ts';
import type { MailGroup } from '../../../delivery/mail-groups.ts';
import { carrierReceivers } from './carrier-words.ts';
import { mailboxReceivers } from './provider-words.ts';

/** A rule of a receiver; the first that fits decides. Everything that is given must fit. */
export interface OwnRule {
  class: FailureClass;
  words?: RegExp;
  status?: RegExp;
  stage?: readonly SmtpStage[];
}

/** A receiver whose sentences and codes have meanings of their own. */
export interface Receiver {
  /** Part of the name of the rule: `google words throttled`. */
  name: string;
  /** Groups of mail domains that are this receiver's. */
  groups: readonly MailGroup[];
  /** Names of its servers. */
  hosts: RegExp;
  /** What only it writes, where neither domain nor server is named. */
  marks?: RegExp;
  rules: readonly OwnRule[];
  source: string;
}

/** Receivers with readings of their own, carriers first. */
export const receivers: readonly Receiver[] = [...carrierReceivers, ...mailboxReceivers];
