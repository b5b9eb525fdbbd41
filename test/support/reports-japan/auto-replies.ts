import type { ReportFacts } from '../reports/facts.ts';
import type { JapanKind } from './japan-kind.ts';
import { encodedWords, type LeafForm, type Line, leaf, mail, multipart } from './mail.ts';
import { DATE, originalMessage, SUBJECT } from './original.ts';

interface ReplyForm {
  name: string;
  subject: string;
  text: string;
  /** What tells it apart beside its words. */
  marks?: readonly Line[];
  form?: LeafForm;
}

const AWAY = `佐藤と申します。ご連絡ありがとうございます。

11月20日(金)から11月27日(金)まで休暇をいただいております。
期間中はメールを確認できません。お急ぎの場合は代表までお電話ください。
`;

const QUOTES_BOUNCE = `ただいま不在にしております。

先日、次のようなメールが戻ってきました。ご参考まで。

> This is the mail system at host mail.example.jp.
> <hanako@example.com>: host mx.example.com[198.51.100.7] said:
>     550 5.1.1 <hanako@example.com>: User unknown (in reply to RCPT TO command)
`;

const MOVED = `メールアドレスが変わりました。
今後は新しいアドレスへお送りください。このアドレスは12月末に使えなくなります。
`;

const replied: Line = ['Auto-Submitted', 'auto-replied'];

const forms: readonly ReplyForm[] = [
  {
    name: 'vacation of Unix',
    subject: `自動返信: ${SUBJECT}`,
    text: AWAY,
    marks: [replied, ['Precedence', 'bulk']],
    form: { charset: 'iso-2022-jp' },
  },
  {
    name: 'RFC 3834, vacation',
    subject: `Auto: ${SUBJECT}`,
    text: AWAY,
    marks: [['Auto-Submitted', 'auto-replied (vacation)']],
  },
  {
    name: 'Exchange in Japanese',
    subject: `自動応答: ${SUBJECT}`,
    text: AWAY,
    marks: [
      ['Auto-Submitted', 'auto-generated'],
      ['X-Auto-Response-Suppress', 'All'],
      ['X-MS-Exchange-Inbox-Rules-Loop', 'sato@example.jp'],
    ],
  },
  { name: 'Outlook of old, 不在', subject: `不在: ${SUBJECT}`, text: AWAY, form: { charset: 'iso-2022-jp' } },
  {
    name: 'a mark of its own',
    subject: '休暇中です',
    text: AWAY,
    marks: [['X-Autoreply', 'yes']],
    form: { charset: 'shift_jis', transfer: '8bit' },
  },
  {
    name: 'X-Autorespond',
    subject: `Re: ${SUBJECT}`,
    text: AWAY,
    marks: [
      ['X-Autorespond', SUBJECT.length.toString()],
      ['Precedence', 'auto_reply'],
    ],
  },
  {
    name: 'no mark but the subject',
    subject: `【自動返信】お問い合わせありがとうございます`,
    text: 'お問い合わせを受け付けました。\n担当者より3営業日以内にご連絡いたします。\n',
    form: { charset: 'utf-8', transfer: 'quoted-printable' },
  },
  {
    name: 'no mark but 自動送信 in the subject',
    subject: `（自動送信）年末年始休業のお知らせ`,
    text: 'このメールは自動送信です。お休みをいただいております。\n',
  },
  {
    name: 'quotes a bounce',
    subject: `自動返信: ${SUBJECT}`,
    text: QUOTES_BOUNCE,
    marks: [replied],
    form: { charset: 'euc-jp', transfer: '8bit' },
  },
  { name: 'the address has moved', subject: 'アドレス変更のお知らせ', text: MOVED, marks: [replied] },
  {
    name: 'help desk, ticket opened',
    subject: `[#123456] お問い合わせを受け付けました`,
    text: 'お問い合わせを受け付けました。番号は #123456 です。\n',
    marks: [
      ['Auto-Submitted', 'auto-generated'],
      ['X-Auto-Response-Suppress', 'All'],
    ],
  },
  {
    name: 'ezmlm',
    subject: 'ezmlm response',
    text: "Hi! This is the ezmlm program. I'm managing the\nnews@lists.example.jp mailing list.\n",
    marks: [replied],
    form: { charset: 'us-ascii' },
  },
];

const reply = ({
  name,
  subject,
  text,
  marks = [],
  form = { charset: 'utf-8', transfer: 'base64' },
}: ReplyForm): JapanKind => ({
  name: `auto-reply in Japan, ${name}`,
  kinds: ['auto_reply'],
  namesRecipient: false,
  showsStatus: false,
  make: (facts) => {
    const charset = form.charset ?? 'utf-8';
    const title = charset === 'us-ascii' ? subject : encodedWords(subject, charset);
    return mail([...replyFields(facts), ['Subject', title], ...marks], leaf(text, form));
  },
});

const replyFields = (facts: ReportFacts): Line[] => [
  ['Return-Path', '<>'],
  [
    'Received',
    `from mx.example.net (mx.example.net [198.51.100.25])\r\n\tby bounce.example.jp with ESMTP id 7Hq3; ${DATE}`,
  ],
  ['Date', DATE],
  ['From', `${encodedWords('佐藤 花子', 'iso-2022-jp')} <${facts.recipient}>`],
  ['To', facts.sender],
  ['In-Reply-To', facts.originalMessageId],
  ['References', facts.originalMessageId],
  ['Message-ID', '<20261124011531.1A2B@mx.example.net>'],
];

const withOriginal: JapanKind = {
  ...{
    name: 'auto-reply in Japan, our message attached',
    kinds: ['auto_reply'],
    namesRecipient: false,
    showsStatus: false,
  },
  make: (facts) =>
    mail(
      [...replyFields(facts), ['Subject', encodedWords(`不在通知: ${SUBJECT}`)], replied],
      multipart('mixed', [
        leaf(AWAY, { charset: 'iso-2022-jp' }),
        leaf(originalMessage(facts), { type: 'message/rfc822', label: null }),
      ]),
    ),
};

/** Machines that answer for somebody. */
export const autoReplyKinds: readonly JapanKind[] = [...forms.map(reply), withOriginal];

/** Mails of persons and of lists: no report, whatever they quote. */
export const noReports: readonly { name: string; make: (facts: ReportFacts) => Buffer }[] = [
  {
    name: 'a person who asks what this is',
    make: (facts) =>
      mail(
        [...replyFields(facts).slice(1), ['Subject', encodedWords(`Re: ${SUBJECT}`)]],
        leaf(
          `お知らせを読みました。電話で説明してください。\n\n> ${SUBJECT}\n> 届かない場合は受信設定をご確認ください。\n`,
          { charset: 'iso-2022-jp' },
        ),
      ),
  },
  {
    name: 'an advertisement',
    make: (facts) =>
      mail(
        [
          ['From', 'shop@example.com'],
          ['To', facts.sender],
          ['Date', DATE],
          ['Subject', 'Sale'],
          ['Precedence', 'bulk'],
          ['List-Id', '<news.example.com>'],
        ],
        leaf('<html><body><h1>Sale</h1>Do not miss it.</body></html>', { type: 'text/html', charset: 'utf-8' }),
      ),
  },
];
