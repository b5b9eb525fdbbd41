import type { Reading } from '../reading/finding.ts';
import { readMailgunEvent } from './mailgun.ts';
import { readPostmarkEvent } from './postmark.ts';
import { readSendgridEvent } from './sendgrid.ts';
import { readSesEvent } from './ses.ts';

const readers = {
  ses: readSesEvent,
  sendgrid: readSendgridEvent,
  mailgun: readMailgunEvent,
  postmark: readPostmarkEvent,
} satisfies Record<string, (bytes: Buffer) => Reading>;

/** The providers whose webhooks are taken. */
export type WebhookWay = keyof typeof readers;

/**
 * Reads one stored event of a provider. Never throws: what is not understood is one finding of the kind `other`.
 * @param bytes the event's JSON, as it was stored
 */
export function readWebhookEvent(way: WebhookWay, bytes: Buffer): Reading {
  return readers[way](bytes);
}
