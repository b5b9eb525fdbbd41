import type { Services } from '../services.ts';
import { type Mailbox, startMailbox } from '../tracking/mailbox/mailbox.ts';
import { readMailboxSetting } from '../tracking/mailbox/mailbox-setting.ts';
import { MOST_REPORT_BYTES, storeReport } from '../tracking/reports.store.ts';

/** Starts to read the mailbox for reports; null when none is set. */
export function openMailbox(services: Services): Mailbox | null {
  const { imapUrl } = services.config.reports;
  if (imapUrl === null) return null;
  return startMailbox({
    setting: readMailboxSetting(imapUrl),
    store: (report) => storeReport(services, { way: 'imap', ...report }),
    log: services.log,
    mostBytes: MOST_REPORT_BYTES,
  });
}
