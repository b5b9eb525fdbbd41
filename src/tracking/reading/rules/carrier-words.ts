import type { Receiver } from './own-words.ts';

const RCPT = ['rcpt'] as const;
const AFTER_RCPT = ['data', 'body'] as const;
const UNKNOWN = /unknown user|user unknown/i;

/** Japanese carriers and providers, who say the same of nobody and of somebody who wants no mail from us. */
export const carrierReceivers: readonly Receiver[] = [
  {
    name: 'docomo',
    groups: ['docomo'],
    hosts: /(?:^|\.)(?:docomo\.ne|spmode\.ne)\.jp$/,
    source: 'sisimai rhost/nttdocomo; support.ntt.com; note.com/sendmagic/n/neb6bbe7e51cf',
    rules: [
      { class: 'mailbox_full', words: /too much mail data/i },
      { class: 'throttled', words: /too many recipients/i },
      { class: 'system', words: /bad sequence of commands|parameter not implemented/i, status: /^5\.5\./ },
      { class: 'invalid_mailbox', words: UNKNOWN, stage: RCPT },
      { class: 'recipient_filter', words: UNKNOWN, stage: AFTER_RCPT },
      { class: 'invalid_mailbox', words: UNKNOWN, status: /^5\.1\.1$/ },
      { class: 'recipient_filter', words: UNKNOWN, status: /^5\.2\.0$/ },
    ],
  },
  {
    name: 'au',
    groups: ['kddi'],
    hosts: /(?:^|\.)(?:ezweb\.ne\.jp|au\.com|dion\.ne\.jp|auone-net\.jp)$/,
    source: 'sisimai rhost/kddi, lhost/{ezweb,kddi}; note.com/sendmagic/n/n875d8dcb6cb8',
    rules: [
      { class: 'mailbox_full', words: /temporarily over quota|as their mailbox is full/i },
      { class: 'mailbox_suspended', words: /account is (?:disabled|temporarily limited)/i },
      { class: 'expired', words: /was not delivered within/i },
      { class: 'invalid_domain', words: /as the remote domain doesn'?t exist/i },
      { class: 'system', words: /due to the following smtp relay error/i },
      // The address stands there for somebody unknown, and is left out when the recipient's filter has refused.
      { class: 'invalid_mailbox', words: /<?@>?[:. ]+user unknown/i },
      { class: 'recipient_filter', words: /(?:^|[\s\d]): ?user unknown/i },
    ],
  },
  {
    name: 'softbank',
    groups: ['softbank', 'jcom'],
    hosts:
      /(?:^|\.)(?:softbank\.ne\.jp|i\.softbank\.jp|vodafone\.ne\.jp|disney\.ne\.jp|willcom\.com|pdx\.ne\.jp|ymobile\.ne\.jp|zaq\.ne\.jp)$/,
    source: 'note.com/sendmagic/n/n5afbf98aeb25 and n59a9f610bc0e; sisimai reason/filtered',
    rules: [
      { class: 'throttled', words: /too many messages for this session/i },
      { class: 'recipient_filter', words: /refuse to receive mail/i },
      // Of the sender's domain.
      { class: 'sender_auth', words: /(?:^|553 )<?(?:\*|[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})>? does not exist/i },
      { class: 'invalid_mailbox', words: /invalid recipient/i },
    ],
  },
  {
    name: 'biglobe',
    groups: ['biglobe'],
    hosts: /(?:^|\.)(?:biglobe|mesh|inacatv|tmtv|ttv)\.ne\.jp$/,
    source: 'sisimai lhost/biglobe',
    rules: [
      { class: 'recipient_filter', words: /mail delivery failed\.{3} ?user unknown/i },
      { class: 'mailbox_full', words: /exceeded the local limit/i },
    ],
  },
];
