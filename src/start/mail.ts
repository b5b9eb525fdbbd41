import { join } from 'node:path';
import { type Catcher, startCatcher } from '../catcher/catcher.ts';
import type { Config } from '../config.ts';
import { openRelayPool, type RelayPool, relayOptions } from '../delivery/email/relay-pool.ts';
import { makePreflight, type RunPreflight } from '../delivery/preflight/preflight.ts';
import type { Logger } from '../log.ts';
import type { Services } from '../services.ts';
import { loadSigningKeys, type SigningKey } from '../vault/signing-keys.ts';

/** Where mail goes and in whose name. */
export interface Mail {
  urls: string[];
  from: string;
  bounceDomain: string;
  signers: readonly SigningKey[];
  /** The built-in catcher is on: nothing leaves the machine. */
  simulated: boolean;
  close(): Promise<void>;
}

const CATCHER_FROM = '"お客様窓口" <notice@shop.example.jp>';
const CATCHER_BOUNCE_DOMAIN = 'bounce.shop.example.jp';

/** The relays of the settings, or the built-in catcher on the two ports after the API's; null when neither is set. */
export async function openMail({ mail, dataDir, port, dkimKeys }: Config, log: Logger): Promise<Mail | null> {
  if (mail.kind === 'none') return null;
  const signers = await loadSigningKeys(dkimKeys);
  if (mail.kind === 'relays') return { ...mail, signers, simulated: false, close: async () => undefined };
  const catcher = await startOnFreePorts(join(dataDir, 'caught'), port, log);
  return {
    ...{ urls: [catcher.smtpUrl], from: CATCHER_FROM, bounceDomain: CATCHER_BOUNCE_DOMAIN },
    ...{ signers, simulated: true },
    close: () => catcher.close(),
  };
}

/** The web page stands at PORT + 1 so that it can be found; where that is taken, at any free port. */
async function startOnFreePorts(dir: string, port: number, log: Logger): Promise<Catcher> {
  const httpPort = port === 0 ? 0 : port + 1;
  try {
    return await startCatcher({ dir, smtpPort: 0, httpPort, log });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await startCatcher({ dir, smtpPort: 0, httpPort: 0, log });
  }
}

/** Preflights of these relays, this sender and these keys. */
export function preflightOf(mail: Mail, { db }: Pick<Services, 'db'>): RunPreflight {
  const relays = mail.urls.map((url) => ({ name: new URL(url).host, options: relayOptions(url) }));
  return makePreflight({ ...mail, db, relays });
}

/** Connections to the relays; lost ones are told to the log by host and code. */
export function openPool(mail: Mail, size: number, log: Logger): RelayPool {
  return openRelayPool({
    ...{ urls: mail.urls, size },
    onDown: (relay, code) => log.warn({ event: 'relay.down', relay, code }),
  });
}
