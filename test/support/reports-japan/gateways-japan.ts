import type { ReportFacts } from '../reports/facts.ts';
import { reportFields, standardReport } from './delivery-status.ts';
import { bounces, domainOf, type JapanKind, said, saying } from './japan-kind.ts';
import { encodedWords, leaf, mail, multipart } from './mail.ts';
import { DATE, originalBelow, originalHeader, originalMessage, originalParts, SUBJECT } from './original.ts';
import { postfix, sendmail } from './systems.ts';

const imss = (name: string, subject: string, words: (facts: ReportFacts) => string, charset = 'us-ascii'): JapanKind =>
  bounces({
    name: `Trend Micro InterScan, ${name}`,
    make: (facts) => {
      const fields = reportFields(facts, 'InterScan MSS <imss@gw.example.jp>', subject);
      return mail(
        fields,
        multipart('mixed', [leaf(words(facts), { charset }), ...originalParts(facts, 'message/rfc822')]),
      );
    },
  });

const trendMicro: JapanKind[] = [
  imss(
    'transcript',
    'Mail could not be delivered',
    (facts) => `
****** Message from InterScan Messaging Security Suite ******

Sent <<< RCPT TO:<${facts.recipient}>
Received >>> ${said(facts)}

Unable to deliver message to <${facts.recipient}>

************************     End of message     **********************
`,
  ),
  imss(
    'in Japanese',
    encodedWords('メッセージを配信できません。', 'iso-2022-jp'),
    (facts) => `
****** InterScan Messaging Security Suite からのメッセージ ******

送信 <<< RCPT TO:<${facts.recipient}>
受信 >>> ${said(facts)}

次の宛先にメッセージを配信できません: <${facts.recipient}>

************************     メッセージの終わり     **********************
`,
    'iso-2022-jp',
  ),
  imss(
    'IMSVA',
    'Mail could not be delivered',
    (facts) => `
****** Message from InterScan Messaging Security Virtual Appliance ******

<${facts.recipient}>: host mx.${domainOf(facts.recipient)}[198.51.100.7] said: ${said(facts)}
    (in reply to RCPT TO command)

************************     End of message     **********************
`,
  ),
];

const mFilter: JapanKind = bounces({
  name: 'm-FILTER',
  make: (facts) => {
    const original = facts.attach === 'none' ? '' : `-------original message\n${originalMessage(facts)}`;
    const text = `-------server message
${said(facts)}
-------SMTP command
RCPT TO:<${facts.recipient}>
${original}`;
    const fields = reportFields(facts, 'Mailer Daemon <MAILER-DAEMON@gw.example.jp>', 'failure notice', [
      ['X-Mailer', 'm-FILTER'],
    ]);
    return mail(fields, leaf(text, { charset: 'iso-2022-jp' }));
  },
});

const activeHunter: JapanKind = bounces({
  name: 'Active!hunter',
  make: (facts) => {
    const text = `  ----- The following addresses had permanent fatal errors -----

>>> <${facts.recipient}>

  ----- Transcript of session follows -----

${said(facts)}

${originalBelow(facts, '  ----- Original message follows -----')}`;
    const fields = reportFields(
      facts,
      '"MAILER-DAEMON" <MAILER-DAEMON@hunter.example.jp>',
      `FAILURE NOTICE :${encodedWords(SUBJECT)}`,
      [['X-AHMAILID', '20261124101530-1234567']],
    );
    return mail(fields, leaf(text, { charset: 'iso-2022-jp' }));
  },
});

const cybozu: JapanKind = bounces({
  name: 'Cybozu, a message of the groupware',
  make: (facts) => {
    const text = `メールの送信に失敗しました。

宛先：
${facts.recipient}

エラー内容：
${said(facts)}

件名：
${SUBJECT}
`;
    const fields = reportFields(facts, 'cybozu@groupware.example.jp', encodedWords('メール送信エラー通知'));
    return mail(fields, leaf(text, { charset: 'utf-8', transfer: '8bit' }));
  },
});

const cuenote: JapanKind = bounces({
  name: 'Cuenote FC',
  make: (facts) =>
    standardReport(facts, {
      ...{ from: 'Mail Delivery Subsystem <MAILER-DAEMON@fc.example.jp>', subject: 'Returned mail: delivery failed' },
      text: `The following address had a delivery error.

<${facts.recipient}>
  ${said(facts)}
`,
      status: { mta: 'fc.example.jp', remote: `mx.${domainOf(facts.recipient)}` },
    }),
});

const hennge: JapanKind[] = [
  bounces({ name: 'HENNGE by Postfix', make: (facts) => postfix(facts, { host: 'smtp.hde.example.jp' }) }),
  bounces({
    name: 'Barracuda in front of Sendmail in Japan',
    make: (facts) => sendmail(facts, { host: 'barracuda.example.jp', subject: 'Returned mail: Service unavailable' }),
  }),
];

const dominoJa: JapanKind = bounces({
  name: 'Domino in Japanese',
  sayings: [
    saying(null, '5.1.1', 'ユーザー %s は Domino ディレクトリに登録されていません', 'invalid_mailbox'),
    saying(null, '5.1.1', 'User sato (%s) not listed in Domino Directory', 'invalid_mailbox'),
    saying(552, '5.2.2', 'メールボックスの容量が制限を超えています (Mailbox full)', 'mailbox_full'),
  ],
  make: (facts) =>
    standardReport(facts, {
      from: 'Postmaster@domino.example.jp',
      subject: encodedWords(`配信エラー: ${said(facts).slice(0, 40)}`, 'iso-2022-jp'),
      text: `あなたの文書:

   ${SUBJECT}

は、次の宛先に配信されませんでした:

   ${facts.recipient}

理由:

   ${said(facts)}
`,
      textForm: { charset: 'iso-2022-jp' },
      status: {
        mta: 'domino.example.jp',
        addressType: 'rfc822;',
        diagnostic: `X-Notes; ${said(facts).replaceAll(/[^ -~]+/g, '')}`,
      },
    }),
});

const EXCHANGE_REASON = {
  invalid_mailbox:
    '入力された電子メール アドレスが見つかりませんでした。受信者の電子メール アドレスを確認して、メッセージを再送信してください。',
  mailbox_full: '受信者のメールボックスがいっぱいで、現在メッセージを受信できません。',
};

const exchangeSayings = [
  saying(550, '5.1.1', 'RESOLVER.ADR.RecipNotFound; not found', 'invalid_mailbox'),
  saying(
    550,
    '5.1.10',
    'RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
    'invalid_mailbox',
  ),
  saying(
    554,
    '5.2.2',
    'STOREDRV.Deliver.Exception:QuotaExceededException; Failed to process message due to a permanent exception',
    'mailbox_full',
  ),
];

const exchangeText = (facts: ReportFacts) => `次の受信者または配布リストへの配信に失敗しました:

${facts.recipient}
${EXCHANGE_REASON[facts.reply.class as 'mailbox_full']}

________________________________
送信者: Microsoft Exchange Server 2010




診断情報 (管理者向け):

生成サーバー: mbx01.example.jp

${facts.recipient}
#${said(facts)} ##

元のメッセージ ヘッダー:

${originalHeader(facts)}
`;

const exchangeJa = (
  name: string,
  form: { charset: string; transfer?: 'base64' | 'quoted-printable' },
  html: boolean,
): JapanKind =>
  bounces({
    ...{ name: `Exchange in Japanese, ${name}`, sayings: exchangeSayings },
    make: (facts) => {
      const plain = exchangeText(facts);
      const asHtml = `<html><head><meta http-equiv="Content-Type" content="text/html; charset=${form.charset}"></head><body>
<p><b>${plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>\n')}</b></p></body></html>`;
      const status = { mta: 'mbx01.example.jp', addressType: 'rfc822;', diagnostic: `smtp;${said(facts)}` };
      const text = html ? asHtml : plain;
      return standardReport(facts, {
        from: 'postmaster@example.jp',
        subject: encodedWords(`配信不能: ${SUBJECT}`, form.charset),
        ...{ text, textForm: { ...form, type: html ? 'text/html' : 'text/plain' }, status },
        fields: [
          ['Content-Language', 'ja-JP'],
          ['X-MS-Exchange-Message-Is-Ndr', ''],
        ],
      });
    },
  });

const office365: JapanKind = bounces({
  name: 'Office 365 in Japanese, HTML alone',
  sayings: [
    saying(
      550,
      '5.1.10',
      'RESOLVER.ADR.RecipientNotFound; Recipient %s not found by SMTP address lookup',
      'invalid_mailbox',
    ),
    saying(550, '5.1.1', 'The email account that you tried to reach does not exist.', 'invalid_mailbox'),
  ],
  make: (facts) => {
    const [local, domain] = facts.recipient.split('@') as [string, string];
    const html = `<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>
<table><tr><td><img src="http://products.example.com/Office365Logo_Orange.png" alt="Office 365"></td></tr></table>
<p><a href="mailto:${facts.recipient}">${facts.recipient}</a> への配信に失敗しました。</p>
<p>${local} が ${domain} で見つかりませんでした。</p>
<table><tr><td>notice</td><td>Office 365</td><td>${local}</td></tr><tr><td><b>対処が必要</b></td><td></td><td>宛先</td></tr></table>
<p>不明な宛先アドレス</p>
<h2>解決方法</h2><p>アドレスのスペルが間違っているか、存在しない可能性があります。</p>
<h2>報告されたエラー</h2><p><b>エラー:</b> ${said(facts).replaceAll('<', '&lt;')}</p>
<p>メッセージ拒否元: mbx.example.jp</p></body></html>`;
    const from = '"Microsoft Outlook" <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.jp>';
    return standardReport(facts, {
      ...{ from, subject: encodedWords(`配信不能: ${SUBJECT}`) },
      ...{ text: html, textForm: { type: 'text/html', charset: 'utf-8', transfer: 'base64' } },
      status: { mta: 'TYCP286MB0001.JPNP286.PROD.OUTLOOK.COM', addressType: 'rfc822;' },
    });
  },
});

const delayJa: JapanKind = {
  ...bounces({ name: 'Exchange in Japanese, delayed', make: () => Buffer.alloc(0) }),
  kinds: ['delay'],
  make: (facts) =>
    standardReport(facts, {
      from: 'postmaster@example.jp',
      subject: encodedWords(`配信の遅延: ${SUBJECT}`),
      text: `次の受信者または配布リストへの配信が遅れています:

${facts.recipient}

このメッセージはまだ配信されていません。配信が引き続き試行されます。
${DATE} まで配信が試行されます。
`,
      textForm: { charset: 'utf-8', transfer: 'base64' },
      status: { mta: 'mbx01.example.jp', addressType: 'rfc822;' },
    }),
};

/** Gateways and groupware as they speak in Japan. */
export const japaneseGatewayKinds: readonly JapanKind[] = [
  ...trendMicro,
  ...[mFilter, activeHunter, cybozu, cuenote],
  ...hennge,
  dominoJa,
  exchangeJa('plain, ISO-2022-JP', { charset: 'iso-2022-jp' }, false),
  exchangeJa('plain, base64', { charset: 'utf-8', transfer: 'base64' }, false),
  exchangeJa('HTML, ISO-2022-JP', { charset: 'iso-2022-jp', transfer: 'quoted-printable' }, true),
  ...[office365, delayJa],
];
