import type { ReportFormat } from '../report-mail.ts';
import { listed } from './forms.ts';
import { allOf, anyOf, isReport, says } from './report-text.ts';

const lone = /^[ \t]*(?:\*[ \t]+)?<?(?<address>[^\s<>()@]{1,300}@[^\s<>()]{1,300}?)>?:?(?<text>)[ \t]*$/;

/** Mail servers whose reports are read from their own sources and manuals. */
export const servers: readonly ReportFormat[] = [
  listed({
    name: 'courier',
    source: 'Courier module.dsn (dsnfail.txt, dsndelayed.txt); https://www.courier-mta.org/courierdsn.html',
    isIt: anyOf(
      says(/running the Courier mail server/),
      says(/^[ \t]*(?:UNDELIVERABLE MAIL|DELAYS IN DELIVERING YOUR MESSAGE)[ \t]*$/m),
    ),
    recipient: /^[ \t]*<(?<address>[^<>]{1,600})>:[ \t]*(?<text>.*)$/,
    end: /^[ \t]*(?:-{10,}|if your message was also sent)/i,
  }),
  listed({
    name: 'opensmtpd',
    source: 'OpenSMTPD smtpd/bounce.c',
    isIt: says(/This is the MAILER-DAEMON, please DO NOT REPLY/),
    after: /list of recipients:|these recipients\./,
    recipient: /^[ \t]*<?(?<address>[^\s<>@]{1,300}@[^\s<>:]{1,300})>?:[ \t]*(?<text>.*)$/,
    delivered: /was (?:successfully delivered|relayed) to these/,
    skip: /^[ \t]*(?:please note that this is only|the message is kept|you do not need)/i,
    end: /^[ \t]*Below is a copy/,
  }),
  listed({
    name: 'dragonfly',
    source: 'DragonFly Mail Agent (dma) mail.c and net.c',
    isIt: says(/^[ \t]*There was an error delivering your mail to </m),
    recipient: /^[ \t]*There was an error delivering your mail to <(?<address>[^<>]{1,600})>\.?(?<text>)/,
    end: /^[ \t]*(?:original message follows|message headers follow)/i,
  }),
  listed({
    name: 'haraka',
    source: 'Haraka config/outbound.bounce_message',
    isIt: says(/^[ \t]*Intended Recipients?:/m),
    recipient: /^[ \t]*Intended Recipients?:[ \t]*<?(?<address>[^\s<>]{1,600})>?(?<text>)/,
    end: /^[ \t]*-{3,}/,
  }),
  listed({
    name: 'communigate',
    source: 'CommuniGate Pro guide, mail queue: Failed to deliver to, reports',
    isIt: says(/^[ \t]*(?:Failed to deliver to '|Message delivery to ')/m),
    recipient: /^[ \t]*(?:Failed to deliver|Message delivery) to '<?(?<address>[^'<>]{1,600})>?'(?<text>.*)$/,
    end: /^[ \t]*-{5,}/,
  }),
  listed({
    name: 'mdaemon',
    source: 'MDaemon: PERMANENT fatal delivery errors, Failed address, Session Transcript',
    isIt: says(/^[ \t]*Failed address(?:\(es\))?:/im),
    recipient: /^[ \t]*Failed address(?:\(es\))?:[ \t]*<?(?<address>[^\s<>]{1,600})>?(?<text>)/i,
    skip: /<-- [23]|^[ \t]*:?[ \t]*message contains|session transcript|end transcript/i,
    end: /^[ \t]*: ?message header/i,
  }),
  listed({
    name: 'smartermail',
    source: 'SmarterMail: Could not deliver message to the following recipient(s), Failed Recipient, Reason',
    isIt: says(/^[ \t]*Failed Recipients?:/im),
    recipient: /^[ \t]*Failed Recipients?:[ \t]*<?(?<address>[^\s<>]{1,600})>?(?<text>)/i,
    end: /^[ \t]*-- ?The (?:header|message)|^[ \t]*-{5,}/i,
  }),
  listed({
    name: 'hmailserver',
    source:
      'hMailServer SMTPDeliverer and its server messages (SEND_FAILED_NOTIFICATION): Error Type, Error Description',
    isIt: says(/^[ \t]*Error Type: SMTP/m),
    after: /recipient\(s\) could not be reached/,
    recipient: lone,
    skip: /^[ \t]*(?:Error Type: SMTP|Additional information: Please check)/,
    end: /^[ \t]*hMailServer[ \t]*$/,
  }),
  listed({
    name: 'smtp_server',
    source: 'Sisimai X6: SMTP Server <…> rejected recipient <…> (Error following RCPT command)',
    isIt: says(/^[ \t]*(?:SMTP Server <|The following recipients returned permanent errors:)/m),
    recipient:
      /^[ \t]*(?:(?<text>SMTP Server <[^<>]{1,300}> rejected recipient) <(?<address>[^<>]{1,600})>|(?<text>The following recipients returned permanent errors): <?(?<address>[^\s<>]{1,600}))/,
    end: /^[ \t]*The attachment contains/,
  }),
  listed({
    name: 'technical_details',
    source: 'Sisimai X3: recipients marked *, Technical details with SMTP:RCPT',
    isIt: says(/^[ \t]*SMTP:[A-Z]{4} host |^[ \t]*Routing: /m),
    recipient: /^[ \t]*\*[ \t]+(?<address>[^\s@]{1,300}@[^\s]{1,300})[ \t]*(?<text>)$/,
    skip: /^[ \t]*(?:=+|technical details:?)[ \t]*$/i,
  }),
  listed({
    name: 'delivery_errors',
    source: 'Sisimai X1: The following addresses had delivery errors, each with its reason in square brackets',
    isIt: says(/^[ \t]*-{2,} ?The following addresses had delivery errors ?-{2,}/m),
    after: /The following addresses had delivery errors/,
    recipient: /^[ \t]*<?(?<address>[^\s<>@]{1,300}@[^\s<>]{1,300})>?[ \t]*\[(?<text>.*)\]/,
  }),
  listed({
    name: 'kerio',
    source: 'Kerio Connect and others: the addresses alone below what happened to them',
    isIt: allOf(
      isReport,
      says(
        /^.{0,120}(?:message|mail|delivery).{0,80}(?:to|for) the following (?:e-?mail )?(?:recipients?|address(?:es)?|users?)(?:\(e?s\))?.{0,80}:[ \t]*$/im,
      ),
    ),
    after: /(?:to|for) the following (?:e-?mail )?(?:recipients?|address(?:es)?|users?)(?:\(e?s\))?.{0,80}:[ \t]*$/i,
    recipient: lone,
    end: /^[ \t]*(?:-{5,}|={5,})/,
  }),
];
