import type { ReportFacts } from '../reports/facts.ts';
import { reportFields, standardReport } from './delivery-status.ts';
import { bounces, type JapanKind, said, saying } from './japan-kind.ts';
import { encodedWords, inCharset, type LeafForm, leaf, mail, multipart } from './mail.ts';
import { originalBelow, originalMessage, originalParts } from './original.ts';

// The reply is in the report in Japanese alone: whoever does not read the charset cannot know the class.
const japanese = [
  saying(550, null, '宛先のメールアドレスは存在しません', 'invalid_mailbox'),
  saying(550, null, '宛先不明のため配信できませんでした', 'invalid_mailbox'),
  saying(550, null, 'ユーザーが見つかりません', 'invalid_mailbox'),
  saying(550, null, 'メールボックスの容量が超過しています', 'mailbox_full'),
  saying(550, null, 'メールボックスがいっぱいです', 'mailbox_full'),
  saying(550, null, '受信者の設定により受信が拒否されました', 'recipient_filter'),
  saying(550, null, 'ドメインが見つかりません', 'invalid_domain'),
];

const words = (facts: ReportFacts) => `このメールは、メールサーバが自動的に送信しています。

以下の宛先へのメールを配送できませんでした。

宛先: <${facts.recipient}>
理由: ${said(facts)}

`;

type Coded = readonly [name: string, form: LeafForm, header?: 'B' | 'Q' | 'raw' | 'label'];

const forms: readonly Coded[] = [
  ['ISO-2022-JP, 7bit', { charset: 'iso-2022-jp' }, 'B'],
  ['ISO-2022-JP, quoted-printable', { charset: 'iso-2022-jp', transfer: 'quoted-printable' }, 'Q'],
  ['ISO-2022-JP, base64', { charset: 'iso-2022-jp', transfer: 'base64' }, 'raw'],
  ['ISO-2022-JP, said to be US-ASCII', { charset: 'iso-2022-jp', label: 'us-ascii' }, 'raw'],
  ['ISO-2022-JP, nothing said', { charset: 'iso-2022-jp', type: null }, 'raw'],
  ['Shift_JIS, 8bit', { charset: 'shift_jis', transfer: '8bit' }, 'B'],
  ['Shift_JIS, base64', { charset: 'shift_jis', label: '"Shift_JIS"', transfer: 'base64' }, 'Q'],
  ['Shift_JIS, said to be ISO-2022-JP', { charset: 'shift_jis', label: 'iso-2022-jp', transfer: '8bit' }, 'label'],
  ['Shift_JIS, said to be UTF-8', { charset: 'shift_jis', label: 'utf-8', transfer: '8bit' }, 'raw'],
  ['Shift_JIS, called x-sjis', { charset: 'shift_jis', label: 'x-sjis', transfer: 'quoted-printable' }, 'raw'],
  ['Shift_JIS, called Windows-31J', { charset: 'shift_jis', label: 'Windows-31J', transfer: '8bit' }],
  ['EUC-JP, 8bit', { charset: 'euc-jp', transfer: '8bit' }, 'B'],
  ['EUC-JP, quoted-printable', { charset: 'euc-jp', transfer: 'quoted-printable' }, 'raw'],
  ['EUC-JP, nothing said', { charset: 'euc-jp', type: null }, 'raw'],
  ['UTF-8, base64', { charset: 'utf-8', transfer: 'base64' }, 'B'],
  ['UTF-8, quoted-printable', { charset: 'utf-8', transfer: 'quoted-printable' }, 'Q'],
  ['UTF-8, 8bit, said to be ISO-8859-1', { charset: 'utf-8', label: 'iso-8859-1', transfer: '8bit' }, 'raw'],
  ['UTF-8, 8bit, said to be ISO-2022-JP', { charset: 'utf-8', label: 'iso-2022-jp', transfer: '8bit' }, 'label'],
  ['UTF-8, an unknown charset said', { charset: 'utf-8', label: 'x-unknown', transfer: '8bit' }],
  ['UTF-8, nothing said', { charset: 'utf-8', type: null }, 'raw'],
];

const SUBJECT = '配信エラーのお知らせ（自動送信）';

function subjectOf([, form, header]: Coded): string | Buffer {
  const charset = form.charset ?? 'utf-8';
  if (header === 'raw') return inCharset(SUBJECT, charset);
  if (header === 'label')
    return encodedWords(SUBJECT, charset).replaceAll(/=\?[^?]+\?/g, `=?${form.label ?? charset}?`);
  return encodedWords(SUBJECT, charset, header);
}

const coded = (form: Coded): JapanKind =>
  bounces({
    ...{ name: `a report in Japanese, ${form[0]}`, showsStatus: false, sayings: japanese },
    make: (facts) => {
      const fields = reportFields(facts, 'MAILER-DAEMON@mail.example.jp', subjectOf(form));
      const text = `${words(facts)}${originalBelow(facts, '---------- 元のメッセージ ----------')}`;
      return mail(fields, leaf(text, form[1]));
    },
  });

const inReport = (form: Coded): JapanKind =>
  bounces({
    name: `a standard report with words in ${form[0]}`,
    make: (facts) =>
      standardReport(facts, {
        ...{ from: 'MAILER-DAEMON@mail.example.jp', subject: subjectOf(form) },
        ...{ text: words(facts), textForm: form[1], status: { mta: 'mail.example.jp' } },
      }),
  });

/** RFC 2231: a boundary in pieces, a charset with its language, a name of a file that is not ASCII. */
const rfc2231 = bounces({
  name: 'parameters in the manner of RFC 2231',
  make: (facts) => {
    const whole = mail(
      reportFields(facts, 'MAILER-DAEMON@mail.example.jp', 'failure notice'),
      multipart(
        'mixed',
        [leaf(`${words(facts)}\n`, { charset: 'utf-8', transfer: 'base64' }), attached(facts)],
        'first-half-second-half',
      ),
    );
    return Buffer.from(
      whole
        .toString('latin1')
        .replace('boundary="first-half-second-half"', '\r\n boundary*0="first-half-";\r\n boundary*1=second-half')
        .replace('charset=utf-8', "charset*=us-ascii'ja'utf-8"),
      'latin1',
    );
  },
});

const attached = (facts: ReportFacts) =>
  leaf(originalMessage(facts), {
    ...{ type: "message/rfc822; name*=utf-8'ja'%E5%85%83%E3%81%AE%E3%83%A1%E3%83%BC%E3%83%AB.eml", label: null },
    fields: [
      [
        'Content-Disposition',
        "attachment; filename*0*=utf-8'ja'%E5%85%83; filename*1*=%E3%83%A1%E3%83%BC%E3%83%AB.eml",
      ],
    ],
  });

/** Broken in ways that mail systems do break: no closing boundary, LF alone, a blank line before the header, mbox. */
const broken = (): JapanKind[] => [
  damaged('no closing boundary', (bytes) => bytes.subarray(0, bytes.lastIndexOf('\r\n--'))),
  damaged('line ends of Unix', (bytes) => latin(bytes, (text) => text.replaceAll('\r\n', '\n'))),
  damaged('an mbox line before the header', (bytes) =>
    Buffer.concat([Buffer.from('From MAILER-DAEMON Tue Nov 24 10:15:30 2026\r\n'), bytes]),
  ),
  damaged('blank lines before the header', (bytes) => Buffer.concat([Buffer.from('\r\n\r\n'), bytes])),
  damaged('multipart/mixed in place of multipart/report', (bytes) =>
    latin(bytes, (text) => text.replace('multipart/report; report-type=delivery-status', 'multipart/mixed')),
  ),
  damaged('no MIME-Version', (bytes) => latin(bytes, (text) => text.replace('MIME-Version: 1.0\r\n', ''))),
  damaged('names of fields in capitals', (bytes) =>
    latin(bytes, (text) =>
      text.replaceAll(/^(Content-Type|Final-Recipient|Status|Action|Diagnostic-Code):/gm, (name) => name.toUpperCase()),
    ),
  ),
];

function damaged(name: string, damage: (bytes: Buffer) => Buffer): JapanKind {
  const make = (facts: ReportFacts) =>
    standardReport(facts, {
      ...{ from: 'MAILER-DAEMON@mail.example.jp', subject: 'Undelivered Mail Returned to Sender' },
      text: `Your message could not be delivered.\n\n<${facts.recipient}>: ${said(facts)}\n`,
      status: { mta: 'mail.example.jp', remote: 'mx.example.net' },
    });
  return bounces({ name: `a report with ${name}`, make: (facts) => damage(make(facts)) });
}

function latin(bytes: Buffer, change: (text: string) => string): Buffer {
  return Buffer.from(change(bytes.toString('latin1')), 'latin1');
}

const noType = bounces({
  name: 'a report whose status part is text',
  make: (facts) => {
    const status = `Final-Recipient: rfc822; ${facts.recipient}\nAction: failed\nStatus: ${facts.reply.status ?? '5.0.0'}\nDiagnostic-Code: smtp; ${said(facts)}\n`;
    const parts = [leaf('配信できませんでした。\n', { charset: 'iso-2022-jp' }), leaf(status), ...originalParts(facts)];
    return mail(reportFields(facts, 'MAILER-DAEMON@mail.example.jp', 'Returned mail'), multipart('mixed', parts));
  },
});

/** Reports in the charsets of Japan, rightly and wrongly labelled, and broken ones. */
export const charsetKinds: readonly JapanKind[] = [
  ...forms.map(coded),
  ...forms.map(inReport),
  rfc2231,
  ...broken(),
  noType,
];
