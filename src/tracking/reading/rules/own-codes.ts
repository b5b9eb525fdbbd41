import type { FailureClass } from '../../../delivery/email/classify-failure.ts';

/** Receivers who number their reasons. The number alone decides, wherever it stands in a report. */
export interface OwnCodes {
  name: string;
  /** Finds the number; its group is the key, or the beginning of it. */
  code: RegExp;
  classes: readonly (readonly [FailureClass, RegExp])[];
  source: string;
}

export const ownCodes: readonly OwnCodes[] = [
  {
    name: 'spectrum',
    code: /\bAUP#[-A-Za-z]{0,4}(\d{4})\b/,
    source: 'spectrumbusiness.net understanding-email-error-codes; sisimai rhost/spectrum',
    classes: [
      ['system', /^1090$/],
      ['network', /^1260$/],
      ['throttled', /^1(?:3\d\d|4\d\d|540|550|580)$/],
      ['content', /^1530$/],
      ['sender_blocked', /^1/],
    ],
  },
  {
    name: 'cox',
    code: /\bAUP#([A-Z]{3,6}\d{0,5})\b/,
    source: 'cox.com email-error-codes; sisimai rhost/cox',
    classes: [
      ['sender_auth', /^CXSNDR/],
      ['throttled', /^CX(?:CNCT|MXRT)/],
      ['sender_blocked', /^(?:CX|CDRBL|IPBL|URLBL)/],
    ],
  },
  {
    name: 'godaddy',
    code: /(?:^|[\s.])(IB\d{3}[a-z]?)\b/,
    source: 'godaddy.com/help/3568; sisimai rhost/godaddy',
    classes: [
      ['sender_auth', /^IB(?:401|506|508)/],
      ['content', /^IB(?:501|502|705)/],
      ['throttled', /^IB(?:007|101|504|510|60\d)/],
      ['sender_blocked', /^IB/],
    ],
  },
  {
    name: 'orange',
    code: /\b(?:LPN|LPNAAA|OFR|OUK)(?:\d{0,3}[-_])?(\d{3})\b/i,
    source: 'postmastery.com orange error codes; smtpfieldmanual.com; sisimai rhost/franceptt',
    classes: [
      ['throttled', /^104$/],
      ['sender_auth', /^(?:305|401|402|403|405|415|517)$/],
      ['invalid_mailbox', /^41[68]$/],
      ['mailbox_full', /^417$/],
      ['mailbox_suspended', /^42[06]$/],
      ['content', /^514$/],
      ['system', /^505$/],
      ['sender_blocked', /^(?:10[1-9]|201|42[134]|506|510|513|630|999)$/],
    ],
  },
  {
    name: 'facebook',
    code: /\b((?:RCP|INT|POL|MSG|DNS|CON)-[PT]\d)\b/,
    source: 'postmaster.facebook.com/response_codes; sisimai rhost/facebook',
    classes: [
      ['recipient_filter', /^RCP-P[23]/],
      ['invalid_mailbox', /^RCP-P1|^INT-P[134]/],
      ['mailbox_full', /^INT-P7/],
      ['mailbox_suspended', /^RCP-T4/],
      ['sender_auth', /^POL-P7|^DNS-[PT]1|^DNS-P2/],
      ['content', /^MSG-P|^INT-P2|^POL-P5/],
      ['throttled', /^CON-T|^MSG-T/],
      ['system', /^(?:INT|RCP)-T/],
      ['sender_blocked', /^(?:POL|DNS)/],
    ],
  },
  {
    name: 'i_ua',
    code: /i\.ua\/err\/(\d{1,2})\b/i,
    source: 'mail.i.ua/err; sisimai rhost/iua',
    classes: [
      ['system', /^[16]$/],
      ['invalid_mailbox', /^2$/],
      ['mailbox_suspended', /^3$/],
      ['mailbox_full', /^4$/],
      ['throttled', /^5$/],
      ['sender_auth', /^8$/],
      ['recipient_filter', /^10$/],
      ['sender_blocked', /^[79]$/],
    ],
  },
  {
    name: 'exchange',
    code: /\((000[0-9A-F]{5}|00[01]\d[0-9A-F]{4})\)/,
    source: 'sisimai lhost/exchange2003: codes of the Internet Mail Service',
    classes: [
      ['invalid_mailbox', /^000C05A6$/],
      ['system', /^(?:00010256|000D06B5)$/],
      ['network', /^00120270$/],
      ['content', /^000(?:50311|502CC)$/],
      ['sender_auth', /^000B0981$/],
      ['recipient_filter', /^000C0595$/],
    ],
  },
];
