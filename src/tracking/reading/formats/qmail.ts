import type { ReportFormat } from '../report-mail.ts';
import { listed } from './forms.ts';
import { allOf, anyOf, hasField, isReport, says } from './report-text.ts';

// `<a@b>:` alone on its line, or with what was said beside it.
const bracketed = /^[ \t]*<(?<address>[^<>]{1,600})>:[ \t]*(?<text>.*)$/;
const end = /^[ \t]*-{2,} ?(?:below this line|enclosed|undelivered|original|this is (?:a|the) copy|end of)/i;

/** qmail and all that writes as it does: netqmail, notqmail, qmail-ldap, s/qmail, and the hosts built on them. */
export const qmail: readonly ReportFormat[] = [
  listed({
    name: 'qmail',
    source: 'qmail-send.c (bounces), qmail-remote.c (what they say); https://cr.yp.to/proto/qsbmf.txt',
    isIt: anyOf(
      says(/^[ \t]*Hi\. This is the /m),
      says(/^[ \t]*I'm afraid I wasn't able to deliver your message to the\s/m),
      says(/^[ \t]*This is a permanent error; I've given up\. Sorry it didn't work out/m),
      // Hosts translate the introduction; the marks of the program that wrote it stay.
      allOf(
        hasField('received', /\(qmail \d+ invoked (?:for bounce|from network|by uid)/),
        says(/^[ \t]*<[^<>\n]{1,600}>:/m),
      ),
    ),
    recipient: bracketed,
    end,
  }),
  listed({
    name: 'qmail_like',
    source:
      'Yahoo, Critical Path, MessageLabs and others: openings as named by the qmail-like reader of Sisimai (X2, X4, Yahoo)',
    isIt: allOf(
      // Openings differ from host to host: a report in which addresses stand so is one of these.
      anyOf(
        isReport,
        says(
          /unable to deliver (?:your )?message to the following\s+address|was not able to\s+deliver your message to the following|mail was not delivered to the following address|su mensaje no pudo ser entregado|machine generated message from mail service|mail delivery agent at/i,
        ),
      ),
      says(/^[ \t]*<[^<>\n]{1,600}>:[ \t]*/m),
    ),
    recipient: bracketed,
    end,
  }),
];
