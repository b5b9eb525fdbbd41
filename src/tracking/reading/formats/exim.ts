import type { ReportFormat } from '../report-mail.ts';
import { listed } from './forms.ts';
import { allOf, anyOf, hasField, says } from './report-text.ts';

const end =
  /^[ \t]*(?:-{4,}|\|-{2,}|--- the header|no action is required|the following text was generated during|included is a copy|reporting-mta:|this is a copy of|a copy of the message)/i;

/** Exim and its descendants: GMX and 1&1, mail.ru, MX Logic, Zoho, and Smail before it. */
export const exim: readonly ReportFormat[] = [
  listed({
    name: 'zoho',
    source: 'Zoho Mail: lines with ERROR_CODE, as the reader of Sisimai describes them',
    isIt: anyOf(says(/, ERROR_CODE :/), says(/^[ \t]*\[Status: Error, Address: </m)),
    recipient:
      /^[ \t]*(?:\[Status: \w+, Address: <(?<address>[^<>]{1,600})>, (?<text>.*)|(?<address>[^\s@]{1,300}@\S{1,300}) (?<text>.*ERROR_CODE :.*))$/,
    end: /^[ \t]*Received: from /,
  }),
  listed({
    name: 'smail',
    source: 'Smail 3 notify.c; Deutsche Telekom: banners as the reader of Sisimai describes them',
    isIt: says(/^\|-{3,} ?Failed addresses follow: ?-{3,}\|/m),
    after: /^\|-{3,} ?Failed addresses follow/,
    recipient: /^[ \t]*<?(?<address>[^\s<>@]{1,300}@[^\s<>]{1,300})>?(?: \.\.\. (?<text>.*)|[ \t]*)$/,
    end: /^\|-{3,}/,
  }),
  listed({
    name: 'exim',
    source: 'Exim deliver.c and moan.c; transports/smtp.c for what it says; its manual, chapter 49',
    isIt: anyOf(
      says(/^[ \t]*This message was created automatically by (?:the )?(?:mail|SMTP)/m),
      says(/^[ \t]*A message (?:that you (?:have )?sent|sent by)\s/m),
      allOf(hasField('x-failed-recipients', /@/), says(/SMTP error from remote mail|address(?:\(es\)|es)? failed/)),
    ),
    after:
      /failed:[ \t]*$|delivered (?:is|are):[ \t]*$|incorrectly constructed:[ \t]*$|(?:recipients|addresses|address\(es\))(?: (?:is|are|failed))?:[ \t]*$|address(?:es|\(es\))? failed|permanent error\.[ \t]*$/i,
    recipient:
      /^[ \t]*(?:["'<]?(?<address>[^\s<>"():@]{1,300}@[^\s<>"'():]{1,300})[>"']?(?: <[^<>]{1,600}>)?(?::(?<text>.*)|[ \t]*)|(?:an undisclosed address|pipe to \|.*|save to .*)(?<text>))$/,
    names: true,
    alias: /^[ \t]*\(?(?:ultimately )?generated (?:from|by) (?<address>[^\s()]{1,600})/,
    skip: /^[ \t]*(?:\((?:ultimately )?generated from|for the following reason:|reason:[ \t]*$)/i,
    end,
  }),
];
