import { autoReplyKinds } from './auto-replies.ts';
import { carrierKinds } from './carriers.ts';
import { charsetKinds } from './charsets.ts';
import { forwardedKinds } from './forwarded.ts';
import { gatewayKinds } from './gateways.ts';
import { japaneseGatewayKinds } from './gateways-japan.ts';
import type { JapanKind } from './japan-kind.ts';
import { moreKinds } from './more-systems.ts';
import { otherReportKinds } from './other-reports.ts';
import { providerKinds } from './providers.ts';
import { remoteKinds } from './remote-words.ts';
import { serverKinds } from './servers.ts';
import { transportKinds } from './transports.ts';

/** Systems of Japan and gateways of the world, and the ways in which their mails are written and broken. */
export const japanKinds: readonly JapanKind[] = [
  ...[...carrierKinds, ...providerKinds, ...japaneseGatewayKinds, ...gatewayKinds, ...serverKinds, ...transportKinds],
  ...[...moreKinds, ...remoteKinds, ...charsetKinds, ...forwardedKinds, ...otherReportKinds, ...autoReplyKinds],
];
