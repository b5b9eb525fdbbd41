import type { Reading } from './reading/finding.ts';
import { readReport } from './reading/read-report.ts';
import type { ReportWay } from './reports.store.ts';
import { readWebhookEvent } from './webhooks/read-webhook-event.ts';

/** Reads what came by one of the ways. It gives at least one finding. */
export type ReportReader = (way: ReportWay, bytes: Buffer, envelope: string[]) => Reading;

/** Reads a mail, or the event of a provider, by the way by which it came. Pure. */
export const readAnyReport: ReportReader = (way, bytes, envelope) => {
  if (way === 'smtp' || way === 'imap' || way === 'api') return readReport(bytes, { envelope });
  return readWebhookEvent(way, bytes);
};
