import { outcomeLine, statusFields } from './dsn.ts';
import { type ReportFacts, type ReportKind, replyLine, statusOf } from './facts.ts';
import {
  base64,
  encodedWord,
  lines,
  mailDate,
  multipart,
  originalHeader,
  originalParts,
  quotedPrintable,
  wire,
} from './mime.ts';

interface Edition {
  by: string;
  failed: string;
  delayed: string;
  relayed: string;
  subjects: { bounce: string; delay: string; delivered: string };
  advice: string;
  diagnostic: string;
  server: string;
  headers: string;
  /** The address as it stands alone on its line. */
  named: (address: string) => string;
  /** How a reply of another server is told. */
  remote: (facts: ReportFacts) => string;
}

const english = {
  subjects: { bounce: 'Undeliverable: ', delay: 'Delivery delayed:', delivered: 'Relayed: ' },
  diagnostic: 'Diagnostic information for administrators:',
  server: 'Generating server: ',
  headers: 'Original message headers:',
};

const editions: Record<string, Edition> = {
  2007: {
    ...english,
    by: 'Sent by Microsoft Exchange Server 2007',
    failed: 'Delivery has failed to these recipients or distribution lists:',
    delayed: 'Delivery is delayed to these recipients or distribution lists:',
    relayed: 'Your message has been delivered to the following recipients:',
    advice:
      'Microsoft Exchange will not try to redeliver this message for you. Please check and try resending this message, or provide the following diagnostic text to your system administrator.',
    named: (address) => `${address}<mailto:${address}>`,
    remote: (facts) => `${facts.remote} #<${facts.remote} #${statusOf(facts)} smtp;${replyLine(facts)}> #SMTP#`,
  },
  2010: {
    ...english,
    by: 'Sent by Microsoft Exchange Server 2010',
    failed: 'Delivery has failed to these recipients or groups:',
    delayed: 'Delivery is delayed to these recipients or groups:',
    relayed:
      'Delivery to these recipients or groups is complete, but no delivery notification was sent by the destination server:',
    advice: 'Your message was not delivered. If you continue to have problems, please contact your helpdesk.',
    named: (address) => `${address} (${address})<mailto:${address}>`,
    remote: (facts) => `${facts.remote} #<${facts.remote} #${statusOf(facts)} smtp;${replyLine(facts)}> #SMTP#`,
  },
  2013: {
    ...english,
    by: '',
    failed: 'Delivery has failed to these recipients or groups:',
    delayed: 'Delivery is delayed to these recipients or groups:',
    relayed:
      'Delivery to these recipients or groups is complete, but no delivery notification was sent by the destination server:',
    advice:
      "There is a problem with the recipient's mailbox or server. Please try resending the message. If the problem continues, please contact your email admin.",
    named: (address) => `${address}<mailto:${address}>`,
    remote: (facts) => `Remote Server returned '${replyLine(facts)}'`,
  },
  'ja 2010': {
    by: 'Microsoft Exchange Server 2010 により送信されました',
    failed: '次の受信者またはグループへの配信に失敗しました:',
    delayed: '次の受信者またはグループへの配信が遅延しています:',
    relayed: '次の受信者またはグループへの配信は完了しましたが、宛先サーバーから配信通知が送信されませんでした:',
    subjects: { bounce: '配信不能: ', delay: '配信が遅延しました:', delivered: '中継済み: ' },
    advice: '後でこのメッセージを再送信するか、システム管理者に問い合わせてください。',
    diagnostic: '管理者向けの診断情報:',
    server: '生成サーバー: ',
    headers: '元のメッセージ ヘッダー:',
    named: (address) => `${address} (${address})<mailto:${address}>`,
    remote: (facts) => `${facts.remote} #<${facts.remote} #${statusOf(facts)} smtp;${replyLine(facts)}> #SMTP#`,
  },
};

function words(facts: ReportFacts, edition: Edition): string {
  const { kind, recipient } = facts;
  const lead = kind === 'delay' ? edition.delayed : kind === 'delivered' ? edition.relayed : edition.failed;
  if (kind !== 'bounce')
    return lines`
      ${lead}

      ${edition.named(recipient)}

      Subject: ${'【重要】お客様情報に関するお知らせ'}
      ${kind === 'delay' ? "\nThis message has not yet been delivered. Microsoft Exchange will continue to try delivering the message on your behalf.\n\nDelivery of this message will be attempted until 5/14/2026 1:23:45 AM (UTC) Coordinated Universal Time. Microsoft Exchange will notify you if the message can't be delivered by that time.\n" : ''}
      ${edition.by}
    `;
  const generated = /RESOLVER|STOREDRV|QUEUE/.test(facts.reply.text) || facts.reply.code === null;
  return lines`
    ${lead}

    ${edition.named(recipient)}
    ${edition.advice}

    ________________________________
    ${edition.by}






    ${edition.diagnostic}

    ${edition.server}${facts.reporter}

    ${recipient}
    ${generated ? `#${replyLine(facts)} ##` : edition.remote(facts)}

    ${edition.headers}

    ${originalHeader(facts)}
  `;
}

const html = (text: string): string =>
  `<html>\n<body>\n${text
    .split('\n')
    .map(
      (line) =>
        `<p><font color="#000066" size="3" face="Arial">${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</font></p>`,
    )
    .join('\n')}\n</body>\n</html>\n`;

function header(facts: ReportFacts, boundary: string, subject: string): string {
  return lines`
    From: <postmaster@${facts.reporter}>
    To: <${facts.sender}>
    Date: ${mailDate(facts.date, '+0000')}
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status;
    	boundary="${boundary}"
    X-MS-Exchange-Organization-SCL: -1
    Content-Language: en-US
    Message-ID: <0123abcd-4567-89ef-0123-456789abcdef@${facts.reporter}>
    In-Reply-To: ${facts.originalMessageId}
    References: ${facts.originalMessageId}
    Subject: ${encodedWord(`${subject}【重要】お客様情報に関するお知らせ`)}
    Auto-Submitted: auto-replied
  `;
}

/** Exchange 2007 to 2019: text and HTML, the fields, and the original. */
const exchange =
  (edition: Edition) =>
  (facts: ReportFacts): Buffer => {
    const outer = '_d3f0a1b2-c4d5-46e7-98f0-a1b2c3d4e5f6_';
    const inner = '_000_d3f0a1b2c4d546e798f0a1b2c3d4e5f6_';
    const text = words(facts, edition);
    const alternative = multipart(inner, [
      `Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: base64\n\n${base64(text)}`,
      `Content-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable\n\n${quotedPrintable(html(text))}`,
    ]);
    const fields = statusFields(facts, {
      type: 'rfc822;',
      remote: facts.reply.code === null ? null : `dns;${facts.remote}`,
      diagnostic: facts.kind === 'bounce' ? `smtp;${outcomeLine(facts)}` : null,
      action: facts.kind === 'delivered' ? 'relayed' : facts.kind === 'delay' ? 'delayed' : 'failed',
      perRecipient: `\nX-Display-Name: ${facts.recipient}`,
      ...(facts.kind === 'delay' ? { status: '4.4.7' } : {}),
    });
    const parts = [
      `Content-Type: multipart/alternative; differences=Content-Type;\n\tboundary="${inner}"\n\n${alternative}`,
      `Content-Type: message/delivery-status\n\n${fields}`,
      ...originalParts(facts),
    ];
    const subject = edition.subjects[facts.kind as keyof Edition['subjects']];
    return wire(`${header(facts, outer, subject)}\n${multipart(outer, parts)}`);
  };

/** The same without the machine-readable part: forwarded by a gateway that kept the text alone. */
const exchangeText =
  (edition: Edition) =>
  (facts: ReportFacts): Buffer => {
    const head = lines`
    From: Microsoft Outlook <postmaster@${facts.reporter}>
    To: ${facts.sender}
    Date: ${mailDate(facts.date, '+0000')}
    MIME-Version: 1.0
    Content-Type: text/plain; charset="utf-8"
    Content-Transfer-Encoding: base64
    Subject: ${encodedWord(`${edition.subjects.bounce}お知らせ`)}
    Message-ID: <77@${facts.reporter}>
  `;
    return wire(`${head}\n${base64(words(facts, edition))}\n`);
  };

const shows = { namesRecipient: true, showsStatus: true, speaks: 'exchange' };

export const exchangeKinds: readonly ReportKind[] = Object.entries(editions).flatMap(([year, edition]) => [
  { name: `exchange ${year}`, make: exchange(edition), kinds: ['bounce', 'delay', 'delivered'] as const, ...shows },
  { name: `exchange ${year} text`, make: exchangeText(edition), kinds: ['bounce'] as const, ...shows },
]);
