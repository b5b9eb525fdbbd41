import { join } from 'node:path';
import { type Catcher, startCatcher } from '../catcher/catcher.ts';
import type { Config } from '../config.ts';
import { addressIn } from '../delivery/email/addresses.ts';
import { openRelayPool, type RelayPool } from '../delivery/email/relay-pool.ts';
import { heldRelays, holdRelay } from '../delivery/email/relays/held-relays.store.ts';
import { readRelay } from '../delivery/email/relays/relay-setting.ts';
import { makePreflight, type RunPreflight } from '../delivery/preflight/preflight.ts';
import type { Logger } from '../log.ts';
import type { Services } from '../services.ts';
import { loadSigningKeys, type SigningKey } from '../vault/signing-keys.ts';
import type { SmimeIdentity } from '../vault/smime-identity.ts';

/** Where mail goes and in whose name. */
export interface Mail {
  urls: string[];
  from: string;
  bounceDomain: string;
  signers: readonly SigningKey[];
  smime: SmimeIdentity | null;
  /** The built-in catcher is on: nothing leaves the machine. */
  simulated: boolean;
  close(): Promise<void>;
}

const CATCHER_FROM = '"お客様窓口" <notice@shop.example.jp>';
const CATCHER_BOUNCE_DOMAIN = 'bounce.shop.example.jp';

/** The relays of the settings, or the built-in catcher on the two ports after the API's; null when neither is set. */
export async function openMail(config: Config, log: Logger): Promise<Mail | null> {
  const { mail, dataDir, port } = config;
  if (mail.kind === 'none') return null;
  const signatures = await loadSignatures(config);
  if (mail.kind === 'relays') return { ...mail, ...signatures, simulated: false, close: async () => undefined };
  const catcher = await startOnFreePorts(join(dataDir, 'caught'), port, log);
  return {
    ...{ urls: [catcher.smtpUrl], from: CATCHER_FROM, bounceDomain: CATCHER_BOUNCE_DOMAIN },
    ...{ ...signatures, simulated: true },
    close: () => catcher.close(),
  };
}

async function loadSignatures({ mail, dkimKeys, smimeIdentity }: Config): Promise<Pick<Mail, 'signers' | 'smime'>> {
  const signers = await loadSigningKeys(dkimKeys);
  if (smimeIdentity === null) return { signers, smime: null };
  // Loaded when it is needed: it takes 30 MB.
  const { loadSmimeIdentity } = await import('../vault/smime-identity.ts');
  // The catcher's sender is nobody's.
  const address = mail.kind === 'relays' ? addressIn(mail.from) : null;
  return { signers, smime: await loadSmimeIdentity(smimeIdentity, address, new Date()) };
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
  return makePreflight({ ...mail, db, relays: mail.urls.map(readRelay) });
}

/** The relays as the log, the API and the database call them. */
export const relayNames = (mail: Mail | null): string[] => (mail?.urls ?? []).map((url) => readRelay(url).name);

/** Connections to the relays; lost ones are told to the log by name and code. */
export function openPool(mail: Mail, { config, db, log }: Pick<Services, 'config' | 'db' | 'log'>): RelayPool {
  return openRelayPool({
    ...{ relays: mail.urls.map(readRelay), size: config.smtpConnections },
    onDown: (relay, code) => log.warn({ event: 'relay.down', relay, code }),
    async onRefused(relay, refusal) {
      log.error({ event: 'relay.held', relay, ...refusal });
      await holdRelay(db, relay, refusal).catch((err: unknown) => log.error({ event: 'relay.hold_lost', relay, err }));
    },
    heldRelays: async () => new Set((await heldRelays(db)).map(({ name }) => name)),
  });
}
