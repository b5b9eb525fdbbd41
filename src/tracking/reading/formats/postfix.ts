import type { ReportFormat } from '../report-mail.ts';
import { listed } from './forms.ts';
import { allOf, anyOf, hasField, isReport, says } from './report-text.ts';

const session = /^[ \t]*In:[ \t]+RCPT TO: ?<(?<address>[^<>]{1,600})>.*(?<text>)$/i;

/** Postfix and the mail systems built on it (Zimbra, Yandex, iCloud of today, most Japanese hosts). */
export const postfix: readonly ReportFormat[] = [
  listed({
    name: 'postfix',
    source: 'Postfix bounce(5) with its templates; bounce_notify_util.c',
    isIt: anyOf(
      says(/^[ \t]*(?:This is the|The) (?:[\w .()/-]{1,80} )?(?:mail system|program) (?:at|on) (?:host )?\S/m),
      says(/inform you that (?:your message could not|the message returned)/),
      says(
        /^[ \t]*<[^<>\n]{1,600}>(?: \([^()\n]{1,600}\))?: (?:host \S+ ?(?:\[|said)|connect to |unknown user|user unknown|mail for )/m,
      ),
      allOf(isReport, says(/\(in reply to (?:the )?(?:end of )?[A-Z]{4}[A-Z ]* command\)/)),
    ),
    // In the first column: what the server said is indented, and may begin with an address too.
    recipient:
      /^<(?<address>[^<>]{1,600})>(?: \((?:expanded from|original recipient|delivered to)[^()]*\))?:[ \t]*(?<text>.*)$/i,
    end: /^[ \t]*(?:-{3,}|(?:reporting-mta|content-type|x-postfix-queue-id):)/i,
  }),
  listed({
    name: 'postfix_session',
    source: 'Postfix smtpd_chat.c: a notice to the postmaster about a session with errors',
    isIt: allOf(hasField('subject', /SMTP server: errors from /), says(/^[ \t]*In:[ \t]+RCPT TO:/im)),
    recipient: session,
    skip: /^[ \t]*(?:In:|Out:[ \t]+[23])/,
    end: /^[ \t]*(?:Session aborted|For other details)/,
  }),
];
