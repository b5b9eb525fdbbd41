import type { ReportFormat } from '../report-mail.ts';
import { listed, shared } from './forms.ts';
import { allOf, anyOf, hasField, says } from './report-text.ts';

/** Providers of mail and of sending, and mail servers made for them. */
export const services: readonly ReportFormat[] = [
  listed({
    name: 'messaging_server',
    source:
      'Sun and Oracle Messaging Server (iCloud, Verizon, OCN and others use it): Recipient address, Reason, Diagnostic code',
    isIt: says(/^[ \t]*(?:Recipient|Original) address:/im),
    recipient: /^[ \t]*Recipient address:[ \t]*(?<address>\S{1,600})(?<text>)/i,
    names: true,
    original: /^[ \t]*Original address:[ \t]*(?<address>\S{1,600})/i,
    end: /^[ \t]*(?:original-envelope-id|reporting-mta):/i,
  }),
  listed({
    name: 'amazon_ses',
    source: 'Amazon SES developer guide, bounce notifications by email; WorkMail',
    isIt: says(/An error occurred while trying to deliver the mail to the following recipients/),
    after: /to the following recipients/,
    recipient: /^[ \t]*<?(?<address>[^\s<>()@]{1,300}@[^\s<>()]{1,300}?)>?[:,]?(?:[ \t]+(?<text>.*))?$/,
    end: /^[ \t]*-{5,}/,
  }),
  listed({
    name: 'sendgrid',
    source:
      'SendGrid: an automatically generated message from SendGrid, as the SendGrid reader of Sisimai describes it',
    isIt: says(/automatically generated message from SendGrid/),
    recipient: /^[ \t]*(?:[\w-]{0,100}:){0,4}<(?<address>[^<>]{1,600})>[ \t]*:(?<text>.*)$/,
    end: /^[ \t]*-{5,}/,
  }),
  listed({
    name: 'powermta',
    source: 'PowerMTA user guide: I am sending you this message to inform you on the delivery status',
    isIt: says(/I am sending you this message to inform you on the delivery status/),
    recipient: /^[ \t]*<(?<address>[^<>]{1,600})>[;:,]?[ \t]*(?<text>.*)$/,
    end: /^[ \t]*-{5,}/,
  }),
  shared({
    name: 'james',
    source: 'Apache James AbstractNotify.java: Error message below, Message details; Verizon vtext.com writes the same',
    isIt: allOf(says(/^[ \t]*Error(?: message below)?:/m), says(/^[ \t]*RCPT TO:/m)),
    recipients: /^[ \t]*RCPT TO:[ \t]*(?<address>\S{1,600})/,
    said: /^[ \t]*Error(?: message below)?:[ \t]*(?<text>.*)$/,
    end: /^[ \t]*(?:Message details:|Subject:|Sent date:|MAIL FROM:|From:|To:|Cc:|Size|Number of)/,
  }),
  shared({
    name: 'vzwpix',
    source:
      'Verizon vzwpix.com: Message could not be delivered to mobile, as the Verizon reader of Sisimai describes it',
    isIt: says(/^[ \t]*Message could not be delivered to mobile/m),
    recipients: /^[ \t]*To:[ \t]*(?<address>\S{1,600})/,
    said: /^[ \t]*Error:[ \t]*(?<text>.*)$/,
    end: /^[ \t]*(?:Original Message:|From:|Subject:|Date:)/,
  }),
  listed({
    name: 'imail',
    source: 'Ipswitch IMail Server: the reason, a colon and the address, as the IMail reader of Sisimai describes it',
    isIt: anyOf(hasField('subject', /^Undeliverable Mail ?$/), hasField('x-mailer', /^<SMTP32 v/)),
    recipient:
      /^[ \t]*(?:(?<text>[A-Z][^:@]{6,120}): <?(?<address>[^\s<>:@]{1,300}@[^\s<>]{1,300})>?|(?<text>undeliverable) to <?(?<address>[^\s<>@]{1,300}@[^\s<>]{1,300})>?)[ \t]*$/,
    skip: /^[ \t]*Body of message generated response/,
    end: /^[ \t]*Original message/,
  }),
];
