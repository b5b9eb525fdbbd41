import { type ReportFacts, statusOf } from '../reports/facts.ts';
import { said } from './japan-kind.ts';
import { type Entity, type LeafForm, type Line, leaf, mail, multipart } from './mail.ts';
import { DATE, originalParts } from './original.ts';

export interface StatusForm {
  mta: string;
  remote?: string;
  /** Before the address; `rfc822; ` when absent. */
  addressType?: string;
  /** Around the address. */
  brackets?: boolean;
  /** Fields of the message and of the recipient beyond the usual. */
  more?: readonly string[];
  moreOfRecipient?: readonly string[];
  /** Null: no Diagnostic-Code. `smtp; <reply>` when absent. */
  diagnostic?: string | null;
}

const ACTIONS = {
  bounce: 'failed',
  delay: 'delayed',
  delivered: 'delivered',
  complaint: 'failed',
  auto_reply: 'failed',
};

/** A `message/delivery-status` part of one recipient (RFC 3464). */
export function deliveryStatus(facts: ReportFacts, form: StatusForm): Entity {
  const address = form.brackets ? `<${facts.recipient}>` : facts.recipient;
  const diagnostic = form.diagnostic === undefined ? `smtp; ${said(facts)}` : form.diagnostic;
  const lines = [
    `Reporting-MTA: dns; ${form.mta}`,
    ...(facts.envelopeId ? [`Original-Envelope-Id: ${facts.envelopeId}`] : []),
    ...(form.more ?? [`Arrival-Date: ${DATE}`]),
    '',
    `Final-Recipient: ${form.addressType ?? 'rfc822; '}${address}`,
    ...(form.moreOfRecipient ?? []),
    `Action: ${ACTIONS[facts.kind]}`,
    `Status: ${statusOf(facts)}`,
    ...(form.remote ? [`Remote-MTA: dns; ${form.remote}`] : []),
    ...(diagnostic === null ? [] : [`Diagnostic-Code: ${diagnostic}`]),
    '',
  ];
  return leaf(lines.join('\n'), { type: 'message/delivery-status', label: null });
}

/** The fields with which most reports begin. */
export function reportFields(
  facts: ReportFacts,
  from: string,
  subject: string | Buffer,
  more: readonly Line[] = [],
): Line[] {
  return [
    ['Return-Path', '<>'],
    [
      'Received',
      `from mx.example.net (mx.example.net [198.51.100.25])\r\n\tby bounce.example.jp with ESMTP id 7Hq2; ${DATE}`,
    ],
    ['Date', DATE],
    ['From', from],
    ['To', facts.sender],
    ['Subject', subject],
    ['Message-ID', '<20261124011530.7A1B2C3D@mx.example.net>'],
    ...more,
  ];
}

export interface ReportForm {
  from: string;
  subject: string | Buffer;
  text: string;
  textForm?: LeafForm;
  status: StatusForm;
  fields?: readonly Line[];
  boundary?: string;
  headersType?: string;
}

/** A report of three parts (RFC 3462): words, status, original. */
export function standardReport(facts: ReportFacts, form: ReportForm): Buffer {
  const parts = [
    leaf(form.text, form.textForm),
    deliveryStatus(facts, form.status),
    ...originalParts(facts, form.headersType),
  ];
  const fields = reportFields(facts, form.from, form.subject, form.fields);
  return mail(fields, multipart('report; report-type=delivery-status', parts, form.boundary));
}
