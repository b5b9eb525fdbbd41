import { autoReplyKinds } from './auto-replies.ts';
import { complaintKinds } from './complaints.ts';
import { exchangeKinds } from './exchange.ts';
import { oldExchangeKinds } from './exchange-old.ts';
import type { ReportKind } from './facts.ts';
import { googleKinds } from './google.ts';
import { microsoftKinds } from './office365.ts';
import { passingKinds } from './passing.ts';
import { postfixKinds } from './postfix.ts';
import { providerKinds } from './providers.ts';
import { sendmailKinds } from './sendmail.ts';
import { standardKinds } from './standard.ts';
import { unixKinds } from './unix.ts';

/** Every kind of report by a standard or a Western mail system that can be made. */
export const reportKinds: readonly ReportKind[] = [
  ...standardKinds,
  ...postfixKinds,
  ...sendmailKinds,
  ...unixKinds,
  ...oldExchangeKinds,
  ...exchangeKinds,
  ...microsoftKinds,
  ...googleKinds,
  ...providerKinds,
  ...complaintKinds,
  ...autoReplyKinds,
  ...passingKinds,
];
