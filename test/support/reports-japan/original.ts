import type { ReportFacts } from '../reports/facts.ts';
import { type Entity, encodedWords, leaf } from './mail.ts';

export const SUBJECT = '【重要】お客様情報の流出に関するお詫びとお知らせ';
export const DATE = 'Tue, 24 Nov 2026 10:15:30 +0900';

// Words that a careless reader takes for those of a server: they are about mail, and they are ours.
const BODY = `お客様各位

このたび、第三者による不正アクセスにより、お客様の情報が流出したことが判明いたしました。
本メールが迷惑メールフォルダに入る場合や、ドメイン指定受信により受信拒否となる場合は、
受信設定をご確認ください。宛先不明で戻った方 (550 User unknown) には書面でお知らせします。

株式会社見本 お客様窓口
`;

/** The header of the notice that came back, with `\n` line ends. */
export function originalHeader({ recipient, sender, originalMessageId }: ReportFacts): string {
  return [
    `Return-Path: <${sender}>`,
    'Received: from app.example.jp (app.example.jp [192.0.2.10])',
    '\tby relay.example.jp (Postfix) with ESMTPS id 4XyZ1k2Lm3z9',
    `\tfor <${recipient}>; ${DATE} (JST)`,
    `From: ${encodedWords('株式会社見本 お客様窓口')} <notice@example.jp>`,
    `To: ${recipient}`,
    `Subject: ${encodedWords(SUBJECT).replaceAll('\r\n', '\n')}`,
    `Message-ID: ${originalMessageId}`,
    `Date: ${DATE}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
  ].join('\n');
}

export function originalMessage(facts: ReportFacts): string {
  const coded =
    Buffer.from(BODY)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return `${originalHeader(facts)}\n${coded.join('\n')}\n`;
}

/** The original as a part or none, as RFC 3462 has it. What is to stand as text below is left to the report. */
export function originalParts(facts: ReportFacts, headersType = 'text/rfc822-headers'): Entity[] {
  if (facts.attach === 'whole') return [leaf(originalMessage(facts), { type: 'message/rfc822', label: null })];
  if (facts.attach === 'headers') return [leaf(originalHeader(facts), { type: headersType, label: null })];
  return [];
}

/** The original as text below a line that announces it; nothing when there is to be none. */
export function originalBelow(facts: ReportFacts, line: string): string {
  if (facts.attach === 'none') return '';
  return `${line}\n\n${facts.attach === 'whole' ? originalMessage(facts) : originalHeader(facts)}`;
}
