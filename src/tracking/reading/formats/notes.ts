import type { ReportFormat } from '../report-mail.ts';
import { shared } from './forms.ts';
import { allOf, anyOf, hasField, says } from './report-text.ts';

/** Lotus Notes and Domino, of IBM and HCL. */
export const notes: readonly ReportFormat[] = [
  shared({
    name: 'domino',
    source: 'HCL Domino: Your message … was not delivered to … because, as the Domino reader of Sisimai describes it',
    isIt: anyOf(
      allOf(says(/^[ \t]*was not delivered to:/im), says(/^[ \t]*because:/im)),
      hasField('subject', /^(?:DELIVERY FAILURE|配信(?:エラー|失敗|不能)):/i),
    ),
    recipients:
      /^[ \t]*(?:was not delivered to|(?:は|が)?(?:次|以下)の(?:宛先|受信者|ユーザー)(?:に|へ).{0,30}(?:配信|送信).{0,20}|(?:配信|送信)されなかった(?:宛先|受信者))[:：。]?[ \t]*$/i,
    said: /^[ \t]*(?:because|(?:配信されなかった)?(?:理由|原因)(?:は.{0,20})?)[:：。]?[ \t]*$/i,
    end: /^[ \t]*(?:-{3,}|reporting-mta:|final-recipient:)/i,
  }),
  shared({
    name: 'notes',
    source: 'Lotus Notes SMTP MTA: Failure Reasons, Returned Message, as the Notes reader of Sisimai describes it',
    isIt: says(/^[ \t]*-{3,} ?Failure Reasons/m),
    recipients: /^(?!)/,
    said: /^[ \t]*-{3,} ?Failure Reasons/,
    mixed: true,
    end: /^[ \t]*-{3,} ?(?:Returned Message|Original)/,
  }),
];
