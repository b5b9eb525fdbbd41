import { reportFields, standardReport } from './delivery-status.ts';
import type { JapanKind } from './japan-kind.ts';
import { said } from './japan-kind.ts';
import { encodedWords, leaf, mail, multipart } from './mail.ts';
import { DATE, originalBelow, originalParts, SUBJECT } from './original.ts';

const usual = { namesRecipient: true, showsStatus: false } as const;

const postfixDelay: JapanKind = {
  ...{ ...usual, name: 'Postfix, delayed, words in Japanese', kinds: ['delay'] },
  make: (facts) =>
    standardReport(facts, {
      from: 'MAILER-DAEMON@mail.example.jp (Mail Delivery System)',
      subject: 'Delayed Mail (still being retried)',
      text: `mail.example.jp のメールシステムです。

####################################################################
# これは警告です。メールを再送する必要はありません。               #
####################################################################

お送りになったメールは、まだ配送できていません。
3 日間は配送を試みます。

<${facts.recipient}>: host mx.example.net[198.51.100.7] said: ${said(facts)} (in reply to RCPT TO command)
`,
      textForm: { charset: 'iso-2022-jp', fields: [['Content-Description', 'Notification']] },
      status: { mta: 'mail.example.jp', remote: 'mx.example.net' },
    }),
};

const delayInWords: JapanKind = {
  ...{ ...usual, name: 'a host of Japan, delayed, words alone', kinds: ['delay'] },
  make: (facts) => {
    const text = `以下の宛先へのメールの配送が遅れています。
メールサーバは引き続き再送を試みますので、再度お送りいただく必要はありません。

宛先: <${facts.recipient}>
理由: ${said(facts)}

${originalBelow(facts, '---------- 元のメッセージ ----------')}`;
    const subject = encodedWords('配送遅延のお知らせ', 'iso-2022-jp');
    return mail(reportFields(facts, 'MAILER-DAEMON@mail.example.jp', subject), leaf(text, { charset: 'iso-2022-jp' }));
  },
};

const mDaemonDelay: JapanKind = {
  ...{ ...usual, name: 'MDaemon, transient errors', kinds: ['delay'] },
  make: (facts) => {
    const text = `The attached message had TRANSIENT non-fatal delivery errors!

THIS IS A WARNING MESSAGE ONLY.  YOU DO NOT NEED TO RESEND THIS MESSAGE.

Delivery attempts will continue to be made until the message has been delivered.

Failed address: ${facts.recipient}

--- Session Transcript ---
 Tue 2026-11-24 10:15:31: --> RCPT To:<${facts.recipient}>
 Tue 2026-11-24 10:15:31: <-- ${said(facts)}
--- End Transcript ---
`;
    const fields = reportFields(facts, 'MDaemon@mdaemon.example.com', 'Warning: transient delivery failure');
    return mail(fields, multipart('mixed', [leaf(text), ...originalParts(facts, 'message/rfc822')]));
  },
};

const delivered: JapanKind = {
  ...{ ...usual, name: 'Exchange in Japanese, delivered', kinds: ['delivered'] },
  make: (facts) =>
    standardReport(facts, {
      ...{ from: 'postmaster@example.jp', subject: encodedWords(`配信済み: ${SUBJECT}`) },
      text: `次の受信者へのメッセージが配信されました:

${facts.recipient}

件名: ${SUBJECT}
`,
      textForm: { charset: 'utf-8', transfer: 'base64' },
      status: { mta: 'mbx01.example.jp', addressType: 'rfc822;' },
    }),
};

const complaint: JapanKind = {
  ...{ ...usual, name: 'a complaint with words in Japanese', kinds: ['complaint'] },
  make: (facts) => {
    const feedback = `Feedback-Type: abuse
User-Agent: ExampleFBL/1.0
Version: 1
Original-Mail-From: <${facts.sender}>
Original-Rcpt-To: <${facts.recipient}>
Arrival-Date: ${DATE}
Source-IP: 192.0.2.10
`;
    const parts = [
      leaf('受信者がこのメールを迷惑メールとして報告しました。\n', { charset: 'iso-2022-jp' }),
      leaf(feedback, { type: 'message/feedback-report', label: null }),
      ...originalParts(facts),
    ];
    const fields = reportFields(facts, 'feedback@fbl.example.jp', encodedWords('迷惑メール報告', 'iso-2022-jp'));
    return mail(fields, multipart('report; report-type=feedback-report', parts));
  },
};

const quoting: JapanKind = {
  ...{
    name: 'a bounce that an answering machine quotes',
    kinds: ['auto_reply'],
    namesRecipient: false,
    showsStatus: false,
  },
  make: (facts) => {
    const text = `${facts.recipient} は不在です。

-----Original Message-----
From: Mail Delivery System <MAILER-DAEMON@mail.example.jp>
Subject: Undelivered Mail Returned to Sender

<hanako@example.com>: host mx.example.com[198.51.100.7] said: 550 5.1.1
    <hanako@example.com>: User unknown (in reply to RCPT TO command)
`;
    const fields = [
      ...reportFields(facts, facts.recipient, encodedWords('自動返信: Undelivered Mail Returned to Sender')),
      ['Auto-Submitted', 'auto-replied'],
    ] as const;
    return mail(fields, leaf(text, { charset: 'iso-2022-jp' }));
  },
};

/** Delays, receipts and complaints, and an answer that quotes a bounce. */
export const otherReportKinds: readonly JapanKind[] = [
  ...[postfixDelay, delayInWords, mDaemonDelay, delivered, complaint, quoting],
];
