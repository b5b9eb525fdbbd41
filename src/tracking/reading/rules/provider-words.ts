import type { Receiver } from './own-words.ts';

/** Mailbox providers and gateways of the world. */
export const mailboxReceivers: readonly Receiver[] = [
  {
    name: 'google',
    groups: ['gmail'],
    hosts: /(?:^|\.)(?:google|googlemail|gmail|psmtp)\.com\.?$/,
    marks: /- g?smtp\b|support\.google\.com|\bgsmtp\b/,
    source: 'support.google.com/a/answer/3726730; sisimai rhost/google',
    rules: [
      { class: 'mailbox_full', words: /out of storage space|is over quota|email quota exceeded|OverQuota/i },
      { class: 'throttled', words: /receiving mail (?:too quickly|at a rate)|ReceivingRate/i },
      {
        class: 'throttled',
        words: /(?:sending|relay|smtp relay)[^.]{0,12}(?:limit|quota) exceeded|daily user sending/i,
      },
      { class: 'mailbox_suspended', words: /tried to reach is (?:disabled|inactive)|DisabledUser/i },
      { class: 'sender_blocked', words: /have a PTR record|PTR record|IPv6 sending guidelines|IPv6AuthError/i },
      { class: 'throttled', words: /unusual rate/i, status: /^4\./ },
      {
        class: 'sender_blocked',
        words: /very low reputation|unsolicited|unusual rate|nature of the content or the links/i,
      },
      { class: 'content', words: /same message-id/i },
      { class: 'recipient_filter', words: /has a policy that prohibited/i },
      {
        class: 'sender_blocked',
        words: /not in whitelist|try again later, closing connection|(?:helo|ehlo).{0,20}(?:invalid|not allowed)/i,
      },
      { class: 'sender_auth', words: /tls required|must issue a starttls|use tls\/ssl/i },
      { class: 'content', words: /valid (?:address in the from|message-id)|BlockedMessage|RfcMessage/i },
      { class: 'network', words: /exceeded \d+ hops/i },
    ],
  },
  {
    name: 'microsoft',
    groups: ['microsoft'],
    hosts: /(?:^|\.)(?:outlook|hotmail|live|msn|office365|exchangelabs|microsoft)\.com\.?$/,
    marks:
      /\.(?:prod|protection|olc\.protection|eo)\.outlook\.com|\(AS\d{3,}\)|\((?:S\d{3,4}|[A-Z]{2}-\d{3})\)|RESOLVER\.|STOREDRV\.|SMTPSEND\.|QUEUE\.Expired|ROUTING\./i,
    source:
      'learn.microsoft.com non-delivery-reports-in-exchange-online; sendersupport.olc.protection.outlook.com errors; sisimai rhost/microsoft, lhost/{office365,exchange2007}',
    rules: [
      { class: 'throttled', words: /submission ?quota|daily limit for message recipients|receive limit|limit for/i },
      { class: 'mailbox_full', words: /quota ?exceeded|mailbox full|OverQuota/i },
      { class: 'recipient_filter', words: /RST\.(?:NotAuthorized|AuthRequired|SenderNot|RestrictedToRecip)/i },
      { class: 'recipient_filter', status: /^5\.7\.(?:12|124|13[3-6])$/ },
      { class: 'invalid_mailbox', words: /ADR\.(?:Ex)?Recip(?:ient)?NotFound|recipient not found|RecipientNotFound/i },
      { class: 'system', words: /ADR\.(?:Ambiguous|BadPrimary|InvalidInSmtp)|insufficient system resource/i },
      { class: 'throttled', words: /ADR\.Recip(?:ient)?Limit|recipient thread limit/i },
      { class: 'content', words: /RecipSizeLimit|RecipientSizeLimit|SenderSizeLimit/i },
      { class: 'network', words: /DNS\.MxLoopback|hop count exceeded|routing loop/i },
      {
        class: 'invalid_domain',
        words: /NonExistentDomain|domain (?:\* )?does not exist|no mail-enabled subscriptions/i,
      },
      { class: 'invalid_mailbox', words: /recipient address rejected: access denied/i, status: /^5\.(?:4\.1|7\.504)$/ },
      {
        class: 'sender_blocked',
        words: /customer block list|banned sending|rejected by recipient|banned sender|block list/i,
      },
      {
        class: 'sender_blocked',
        words: /reputation|has been temporarily rate limited due to|does not accept email over ipv6/i,
      },
      {
        class: 'mailbox_suspended',
        words: /banned recipient|mailbox (?:is )?(?:disabled|cannot be accessed)|account is disabled/i,
      },
      { class: 'sender_auth', words: /does not pass dmarc|tlsa-invalid|dnssec-invalid|bad outbound sender/i },
      { class: 'throttled', words: /server busy|agent busy|permitted limits/i },
      { class: 'sender_blocked', words: /access denied, please try again later/i },
      {
        class: 'expired',
        words: /queue\.?expired|message (?:delayed|expired)/i,
        status: /^[45]\.4\.(?:7|300|316|318)$/,
      },
      { class: 'sender_blocked', status: /^5\.7\.(?:50[1-3]|50[67]|51[013]|6\d\d|750)$/ },
      { class: 'content', status: /^5\.7\.512$|^5\.6\.11$/ },
      { class: 'throttled', status: /^5\.7\.(?:508|7[0-4]\d)$/ },
      { class: 'invalid_mailbox', words: /mailbox unavailable/i },
    ],
  },
  {
    name: 'yahoo',
    groups: ['yahoo', 'yahoo_jp'],
    hosts: /(?:^|\.)(?:yahoodns\.net|yahoo\.(?:com|co\.jp|ne\.jp)|aol\.com|ymail\.com)\.?$/,
    marks: /postmaster\.yahoo|senders\.yahooinc|\[(?:TS|TSS|BL|PH|GL)\d\d\]|delivery error: dd /,
    source: 'senders.yahooinc.com/smtp-error-codes; help.yahoo.com abuse-57 (2008); sisimai rhost/{yahooinc,aol}',
    rules: [
      { class: 'mailbox_full', words: /over quota|mailbox (?:is )?full/i },
      { class: 'invalid_mailbox', words: /doesn'?t have an? [^ ]+ account|mailbox not found|no such user/i },
      {
        class: 'mailbox_suspended',
        words: /disabled or discontinued|mailbox is disabled|is no longer valid|account is (?:inactive|disabled)/i,
      },
      {
        class: 'throttled',
        words:
          /temporarily deferred due to (?:unexpected|user)|mail too quickly|message per connection|excessive|resources temporarily/i,
      },
      {
        class: 'sender_blocked',
        words: /permanently deferred|not allowed - VS\d|\[BL\d+\]|VS\d\d?-IP|spamhaus|blocklist/i,
      },
      { class: 'sender_auth', words: /unauthenticated|unresolvable/i },
      { class: 'sender_auth', words: /for policy reasons/i, status: /^5\.7\.9$/ },
      { class: 'content', words: /not accepted for policy reasons|not rfc compliant|headers are not/i },
      { class: 'invalid_domain', words: /malformed or unexpected name server reply/i },
    ],
  },
  {
    name: 'apple',
    groups: ['icloud'],
    hosts: /(?:^|\.)(?:icloud|me|mac|apple)\.com\.?$/,
    marks: /support\.apple\.com|\[(?:HM|CS|HC)[A-Z]?\d+\]/,
    source: 'support.apple.com/102322; sisimai rhost/apple',
    rules: [
      { class: 'mailbox_full', words: /over quota/i },
      {
        class: 'invalid_mailbox',
        words: /inactive email address|unknown or illegal alias|no longer on server|user does not exist/i,
      },
      { class: 'throttled', words: /excessive volume|\[HCM\d\]/i },
      { class: 'invalid_domain', words: /host\/domain does not accept mail/i },
    ],
  },
  {
    name: 'tencent',
    groups: [],
    hosts: /(?:^|\.)(?:qq|foxmail|exmail\.qq)\.com\.?$/,
    marks: /service\.mail\.qq\.com|open\.qq\.com/,
    source: 'service.mail.qq.com/detail/122; sisimai rhost/tencent',
    rules: [
      { class: 'recipient_filter', words: /rejected by recipients/i },
      { class: 'throttled', words: /frequency|mailbox unavailable or access den/i },
      { class: 'sender_blocked', words: /suspected|spam|connection denied|content denied/i },
    ],
  },
  {
    name: 'netease',
    groups: [],
    hosts: /(?:^|\.)(?:163|126|yeah|netease)\.(?:com|net)\.?$/,
    marks: /mail\.163\.com\/help/,
    source: 'help.163.com mail return codes; sisimai reason/suspend',
    rules: [
      { class: 'mailbox_suspended', words: /user suspended|access denied to user/i },
      { class: 'invalid_mailbox', words: /user not found|no such user|invalid user/i },
      { class: 'sender_auth', words: /\bMI:(?:SPF|DMA|DKM)|authentication/i },
      { class: 'throttled', words: /\b(?:MI:(?:CEL|DMC|CCL)|RP:(?:CEL|RCL|TRC)|IP:(?:CON|FRQ)|HL:IFC)/ },
      { class: 'sender_blocked', words: /\b(?:DT|RP|IP|HL|MI|SMTP_DT):[A-Z]{3}/ },
    ],
  },
  {
    name: 'mimecast',
    groups: [],
    hosts: /(?:^|\.)mimecast(?:-offshore|protect)?\.(?:com|co\.za)\.?$/,
    marks: /community\.mimecast|mimecast\.com/,
    source: 'community.mimecast.com SMTP error codes; sisimai rhost/mimecast',
    rules: [
      { class: 'recipient_filter', words: /manual(?:ly)? block|user (?:domain )?entry/i },
      { class: 'sender_auth', words: /(?:spf|dkim|dmarc) sender invalid|anti-?spoofing/i },
      {
        class: 'throttled',
        words: /internal resources are temporarily unavailable|temporarily unavailable|thread limit/i,
      },
      { class: 'content', words: /content examination/i },
      {
        class: 'sender_blocked',
        words:
          /envelope (?:blocked|rejected)|administrative prohibition|blocked senders|ip reputation|temporarily blacklisted|sender address blocked|host network/i,
      },
      { class: 'invalid_domain', words: /inbounds disabled/i },
    ],
  },
];
