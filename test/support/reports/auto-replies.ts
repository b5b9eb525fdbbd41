import { encode } from '../encode.ts';
import type { ReportFacts, ReportKind } from './facts.ts';
import { base64, encodedWord, lines, mailDate, originalHeader, wire } from './mime.ts';

interface Answer {
  name: string;
  subject: string;
  /** Header fields by which the machine shows itself, one a line. */
  shown: string;
  text: (facts: ReportFacts) => string;
  charset?: 'utf-8' | 'iso-2022-jp';
}

const away = (facts: ReportFacts) =>
  `Thank you for your message. I am out of the office until May 20 with no access to mail.\n\nIn urgent cases please write to my colleagues at support@example.jp.\n\n-- \n${facts.recipient}\n`;

const awayJa = () =>
  'お世話になっております。\n\n5月20日まで休暇をいただいております。お急ぎの場合は03-0000-0000までお電話ください。\nなお、このメールは自動返信です。\n';

const answers: Answer[] = [
  {
    name: 'vacation',
    subject: 'away from my mail Re: Important notice',
    shown: 'Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk',
    text: away,
  },
  {
    name: 'sieve',
    subject: 'Auto: Important notice',
    shown: 'Auto-Submitted: auto-replied (vacation)\nX-Sieve: Pigeonhole Sieve 0.5.4',
    text: away,
  },
  {
    name: 'exchange oof',
    subject: 'Automatic reply: Important notice',
    shown:
      'Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: hanako@example.jp\nx-ms-exchange-generated-message-source: Mailbox Rules Agent',
    text: away,
  },
  {
    name: 'exchange oof old',
    subject: 'Out of Office AutoReply: Important notice',
    shown: 'X-MimeOLE: Produced By Microsoft Exchange V6.5\nX-MS-TNEF-Correlator: <1@example.jp>',
    text: away,
  },
  {
    name: 'exchange oof ja',
    subject: '自動応答: 【重要】お客様情報に関するお知らせ',
    shown: 'Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All',
    text: awayJa,
  },
  {
    name: 'japanese',
    subject: '【自動返信】不在のお知らせ',
    shown: 'Auto-Submitted: auto-replied',
    text: awayJa,
    charset: 'iso-2022-jp',
  },
  {
    name: 'japanese subject only',
    subject: '【自動応答】お問い合わせありがとうございます',
    shown: 'X-Mailer: FormMail',
    text: awayJa,
    charset: 'iso-2022-jp',
  },
  {
    name: 'x-autoreply',
    subject: 'Re: Important notice',
    shown: 'X-Autoreply: yes\nPrecedence: auto_reply',
    text: away,
  },
  {
    name: 'x-autorespond',
    subject: 'Re: Important notice',
    shown: 'X-Autorespond: Important notice\nPrecedence: junk',
    text: away,
  },
  {
    name: 'gmail vacation',
    subject: 'Out until May 20 Re: Important notice',
    shown: 'Auto-Submitted: auto-replied\nPrecedence: bulk\nX-Autoreply: yes',
    text: away,
  },
  {
    name: 'domino',
    subject: 'AUTO: Hanako Sato is out of the office (returning 2026/05/20)',
    shown: 'Auto-submitted: auto-generated\nX-Mailer: IBM Notes Release 9.0.1',
    text: away,
  },
  {
    name: 'ticket',
    subject: '[Ticket#2026051200001] We have received your message',
    shown: 'Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: DR, OOF, AutoReply',
    text: () => 'Your request has been received and a ticket has been opened. We will answer within two days.\n',
  },
  {
    name: 'challenge',
    subject: 'Please confirm your message (sender verification)',
    shown: 'Auto-Submitted: auto-replied (challenge)\nPrecedence: bulk',
    text: () =>
      'This message is from a sender verification system. Your message has been held. To have it delivered, please reply to this mail or click the link below.\n\nhttps://confirm.example.jp/c/1a2b3c\n',
  },
  {
    name: 'vacation that speaks of failures',
    subject: 'Auto Reply: Important notice',
    shown: 'Auto-Submitted: auto-replied',
    text: () =>
      'My old mailbox is full and mail to hanako@old.example.jp comes back with "550 5.1.1 User unknown". Please use this address; I am away until Monday.\n',
  },
];

const DOUBLE = /[^\x20-\x7e]/;

/** RFC 3834 and the forms before it. The answer comes from the recipient's own address. */
const answer =
  (of: Answer) =>
  (facts: ReportFacts): Buffer => {
    const charset = of.charset ?? 'utf-8';
    const text = of.text(facts);
    const header = lines`
    Return-Path: <>
    Received: from ${facts.remote} (${facts.remote} [192.0.2.25]) by ${facts.reporter}; ${mailDate(facts.date)}
    From: Hanako Sato <${facts.recipient}>
    To: ${facts.sender}
    Date: ${mailDate(facts.date)}
    Subject: ${DOUBLE.test(of.subject) ? (charset === 'utf-8' ? encodedWord(of.subject) : `=?ISO-2022-JP?B?${encode(of.subject, 'iso-2022-jp').toString('base64')}?=`) : of.subject}
    Message-ID: <auto.1778549025@${facts.remote}>
    In-Reply-To: ${facts.originalMessageId}
    References: ${facts.originalMessageId}
    ${of.shown}
    MIME-Version: 1.0
    Content-Type: text/plain; charset=${charset}
    Content-Transfer-Encoding: ${charset === 'utf-8' ? 'base64' : '7bit'}
  `;
    const quoted = facts.attach === 'none' ? '' : `\n> ${originalHeader(facts).trimEnd().replaceAll('\n', '\n> ')}\n`;
    if (charset === 'utf-8') return wire(`${header}\n${base64(text + quoted)}\n`);
    return Buffer.concat([wire(`${header}\n`), encode((text + quoted).replaceAll('\n', '\r\n'), 'iso-2022-jp')]);
  };

/** RFC 8098: the mail was displayed, or deleted unread. Neither a bounce nor an arrival that a server vouches for. */
export function readReceipt(facts: ReportFacts, disposition: 'displayed' | 'deleted' = 'displayed'): Buffer {
  return wire(lines`
    From: Hanako Sato <${facts.recipient}>
    To: ${facts.sender}
    Date: ${mailDate(facts.date)}
    Subject: ${disposition === 'displayed' ? 'Read: Important notice' : 'Not read: Important notice'}
    Message-ID: <mdn.1778549025@${facts.remote}>
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=disposition-notification; boundary="mdn-7f"

    --mdn-7f
    Content-Type: text/plain; charset=us-ascii

    Your message was ${disposition === 'displayed' ? 'displayed. This is no guarantee that it has been read or understood.' : 'deleted without being read.'}

    --mdn-7f
    Content-Type: message/disposition-notification

    Reporting-UA: ${facts.remote}; Example Mail 4.1
    Original-Recipient: rfc822;${facts.recipient}
    Final-Recipient: rfc822;${facts.recipient}
    Original-Message-ID: ${facts.originalMessageId}
    Disposition: manual-action/MDN-sent-manually; ${disposition}

    --mdn-7f
    Content-Type: text/rfc822-headers

    ${originalHeader(facts)}
    --mdn-7f--
  `);
}

export const autoReplyKinds: readonly ReportKind[] = answers.map((of) => ({
  name: `auto-reply ${of.name}`,
  make: answer(of),
  kinds: ['auto_reply'],
  namesRecipient: true,
  showsStatus: false,
}));
