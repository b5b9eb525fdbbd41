import type { ReportFormat } from '../report-mail.ts';
import { listed, shared } from './forms.ts';
import { allOf, anyOf, hasField, isReport, says } from './report-text.ts';

// An address alone on its line, in brackets or not.
const lone = /^[ \t]*(?:[-*•][ \t]+)?<?(?<address>[^\s<>()@]{1,300}@[^\s<>()]{1,300}?)>?[;:,]?(?<text>)[ \t]*$/;

/** Gateways in front of mail servers: filters against spam and viruses. */
export const gateways: readonly ReportFormat[] = [
  shared({
    name: 'mailmarshal',
    source:
      'Trustwave MailMarshal: Could not be delivered because of, as the MailMarshal reader of Sisimai describes it',
    isIt: allOf(
      says(/^[ \t]*Could not be delivered because of/m),
      says(/^[ \t]*The following recipients were affected/m),
    ),
    recipients: /^[ \t]*The following recipients were affected/,
    said: /^[ \t]*Could not be delivered because of/,
    end: /^[ \t]*(?:Additional Information|={5,}|\+{5,})/,
  }),
  listed({
    name: 'mailfoundry',
    source:
      'MailFoundry: Unable to deliver message to, Server … failed with; as the MailFoundry reader of Sisimai describes it',
    isIt: says(/^[ \t]*Delivery failed for the following reason:/m),
    recipient: /^[ \t]*Unable to deliver message to: ?<(?<address>[^<>]{1,600})>(?<text>)/,
    skip: /^[ \t]*(?:Delivery failed for the following reason|This has been a permanent failure)/,
    end: /^[ \t]*-{5,}/,
  }),
  listed({
    name: 'trend_micro',
    source:
      'Trend Micro InterScan MSS: Sent <<<, Received >>>, in any language; as the TrendMicro reader of Sisimai describes it',
    isIt: anyOf(
      says(/^.{1,40}<<< RCPT TO:/m),
      allOf(says(/^[ \t]*Unable to deliver message to </m), anyOf(hasField('from', /InterScan|Trend/i), isReport)),
    ),
    recipient:
      /(?:<<< RCPT TO: ?<(?<address>[^<>]{1,600})>(?<text>)|^[ \t]*(?<text>Unable to deliver message) to ?:? ?<(?<address>[^<>]{1,600})>)/i,
    skip: /^[ \t]*-{3,}/,
  }),
  listed({
    name: 'surfcontrol',
    source: 'SurfControl E-mail Filter: Addressed To, as the SurfControl reader of Sisimai describes it',
    isIt: says(/^[ \t]*A transcript of the attempts to send the message follows/m),
    recipient: /^[ \t]*Addressed To:[ \t]*(?<address>\S{1,600})(?<text>)/,
    skip: /^[ \t]*(?:failed to send to identified host|--- message non-deliverable)/i,
    end: /^[ \t]*-{5,}/,
  }),
  listed({
    name: 'mimecast',
    source:
      'Mimecast: An email that you attempted to send to the following address could not be delivered; as Sisimai describes it',
    isIt: says(/email that you attempted to send to the following address(?:es)? could not be delivered/i),
    recipient: /^[ \t]*-- (?<address>[^\s@]{1,300}@[^\s]{1,300})[ \t]*(?<text>)$/,
    skip: /^[ \t]*(?:the problem appears to be|additional information follows)/i,
    end: /^[ \t]*(?:this email message was delivered|-{5,}$)/i,
  }),
  listed({
    name: 'mcafee',
    source:
      'McAfee Email Gateway: The following addresses had delivery problems, as the McAfee reader of Sisimai describes it',
    // With the transcript of a session below them they are Sendmail's.
    isIt: allOf(
      says(/^[ \t]*-{2,} ?The following addresses had delivery problems ?-{2,}/m),
      (mail) => !says(/Transcript of (?:the )?session/i)(mail),
    ),
    after: /The following addresses had delivery problems/,
    recipient: /^[ \t]*<(?<address>[^<>]{1,600})>[ \t]*\(?(?<text>.*?)\)?[ \t]*$/,
    end: /^[ \t]*-{5,}/,
  }),
  listed({
    name: 'barracuda',
    source:
      'Barracuda Spam Firewall: Your message to … was blocked by our Spam Firewall; as the Barracuda reader of Sisimai describes it',
    isIt: says(/^[ \t]*Your message to:/m),
    recipient: /^[ \t]*Your message to:[ \t]*(?<address>\S{1,600})(?<text>.*)$/,
    skip: /^[ \t]*(?:subject:|the email you sent with)/i,
    end: /^[ \t]*(?:-{5,}|reporting-mta:)/i,
  }),
  listed({
    name: 'messagelabs',
    source: 'Symantec Email Security.cloud (MessageLabs): This is the mail delivery agent at messagelabs.com',
    isIt: says(/This is the mail delivery agent at/),
    after: /to the following addresses/,
    recipient: lone,
    end: /^[ \t]*(?:the message subject was|the message headers|-{5,})/i,
  }),
  listed({
    name: 'groupwise',
    source: 'Novell GroupWise Internet Agent: The message that you sent was undeliverable to the following',
    isIt: says(/^[ \t]*The (?:attached )?message(?: that you sent)? was undeliverable to the following/m),
    after: /undeliverable to the following/,
    recipient: /^[ \t]*<?(?<address>[^\s<>()@]{1,300}@[^\s<>()]{1,300})>?[ \t]*(?:\((?<text>.*)\))?[ \t]*$/,
    end: /^[ \t]*(?:possibly truncated|-{5,})/i,
  }),
];
