import type { ReportFormat } from '../report-mail.ts';
import { listed, shared } from './forms.ts';
import { allOf, anyOf, hasField, isReport, says } from './report-text.ts';

// InterMail's words; au's mail servers (EZweb, au one net) grew out of it.
const interMail = {
  recipient: /^[ \t]*(?:Recipient: |SMTP )?<(?<address>[^<>]{1,600})>:?[ \t]*(?<text>.*)$/,
  reason:
    /the user\(s\) account is|was not delivered (?:within|because)|is not responding|was rejected by a remote|did not receive this message|addresses were unknown/i,
  // au's filter leaves its mark in the header: NG where it took the message for spam.
  field: 'X-SPASIGN',
  end: /^[ \t]*(?:-{20,}|please reply to|please contact)/i,
};

/** Japanese carriers, providers and products with forms of their own. */
export const japanese: readonly ReportFormat[] = [
  listed({
    name: 'ezweb',
    source: 'au (ezweb.ne.jp, au.com): Mail System Error - Returned Mail, as the EZweb reader of Sisimai describes it',
    isIt: allOf(
      anyOf(
        hasField('from', /postmaster@(?:[\w-]+\.)?(?:ezweb\.ne\.jp|au\.com)\b/i),
        hasField('subject', /^Mail System Error - Returned Mail/i),
        hasField('message-id', /[.@](?:ezweb\.ne\.jp|au\.com)>/i),
      ),
      says(/^[ \t]*(?:Recipient: )?<[^<>\n]{1,600}>/m),
    ),
    ...interMail,
  }),
  listed({
    name: 'kddi',
    source: 'au by KDDI (dion.ne.jp, auone-net.jp): Your mail sent on …, as the KDDI reader of Sisimai describes it',
    isIt: says(/^[ \t]*Could not be delivered to: ?</im),
    recipient: /^[ \t]*Could not be delivered to: ?<(?<address>[^<>]{1,600})>(?<text>.*)$/i,
    field: 'X-SPASIGN',
    skip: /^[ \t]*Your mail (?:sent|attempted)/i,
  }),
  listed({
    name: 'intermail',
    source:
      'Openwave Email Mx and Netscape, Software.com Post.Office: This Message was undeliverable due to the following reason',
    isIt: anyOf(
      says(/^[ \t]*This message was undeliverable due to the following reason/im),
      says(/^[ \t]*Each of the following recipients was rejected by a remote mail/im),
      says(/^[ \t]*The user\(s\) (?:mail )?account is /im),
    ),
    ...interMail,
  }),
  shared({
    name: 'biglobe',
    source: 'BIGLOBE: Non-delivered information, as the Biglobe reader of Sisimai describes it',
    isIt: says(/^[ \t]*-{3,} ?Non-delivered information ?-{3,}/m),
    recipients: /^[ \t]*-{3,} ?The following addresses had delivery problems/,
    said: /^[ \t]*-{3,} ?Non-delivered information/,
    end: /^[ \t]*-{3,}/,
  }),
  shared({
    name: 'mfilter',
    source: 'Digital Arts m-FILTER: server message, SMTP command, as the mFILTER reader of Sisimai describes it',
    isIt: says(/^-{3,} ?server message/m),
    recipients: /メールアドレスへの送信に失敗|(?:以下|下記)の(?:メール)?アドレス|failed to send/,
    said: /^-{3,} ?(?:server message|(?<text>SMTP command))/,
    end: /^-{3,} ?original/,
  }),
  listed({
    name: 'fml',
    source: 'fml mailing list server, as the FML reader of Sisimai describes it',
    isIt: allOf(hasField('x-mlserver', /./), hasField('message-id', /\.FML/)),
    recipient: /<(?<address>[^<>]{1,600})>/,
    end: /^[ \t]*Original mail as follows/,
  }),
  listed({
    name: 'japanese_list',
    source:
      'Japanese hosts and mail hotels: below 以下の宛先に配信できませんでした the addresses and the reply of the server',
    isIt: allOf(isReport, says(/(?:宛先|あて先|アドレス|受信者|送信先).{0,60}(?:でき|出来|されませ|失敗|エラー)/)),
    after: /(?:宛先|あて先|アドレス|受信者|送信先).{0,60}(?:でき|出来|されませ|失敗|エラー)/,
    recipient:
      /^[ \t・*>-]*(?:(?:宛先|あて先|送信先|メールアドレス|To)[:： \t]+)?<?(?<address>["'\w.!#$%&*+/=?^`{|}~-]{1,300}@[\w.-]{1,253})>?[:：]?(?:[ \t　]+(?<text>.*)|)$/,
    end: /^[ \t]*[-=*]{5,}/,
  }),
];
