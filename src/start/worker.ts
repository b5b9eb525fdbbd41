import { setPriority } from 'node:os';
import { type Alerts, makeAlerts } from '../alerts/alerts.ts';
import { startDispatcher } from '../delivery/dispatch/dispatcher.ts';
import { crashHook } from '../delivery/stages.ts';
import { pipeline } from '../pipeline.ts';
import type { Queues } from '../queue/queues.ts';
import { taskKinds } from '../queue/queues.ts';
import type { LetterPress } from '../rendering/types.ts';
import type { Services } from '../services.ts';
import { beginWorkerLife } from '../tasks/worker-life.ts';
import { webhookSigner } from '../vault/webhook-signature.ts';
import { type Mail, openPool, relayNames } from './mail.ts';

export interface WorkerRole {
  /** Takes nothing new, lets what is on its way end, and gives back the rest. */
  stop(): Promise<void>;
}

/** As `nice` counts. */
const BEHIND_THE_API = 5;

/** Messages under way get this long to end when the service stops; then their connections are cut. */
export const DRAIN_MS = 20_000;

/** Starts the worker role: heartbeat, consumers of every queue, and a dispatcher that waits for its lease. */
export async function startWorker(
  services: Services,
  queues: Queues,
  { mail, press }: { mail: Mail | null; press: LetterPress },
): Promise<WorkerRole> {
  const { config, db, log } = services;
  // Where a machine is busy, whoever looks at the figures comes first. An API in the same process has to share.
  if (!config.roles.has('api')) setPriority(BEHIND_THE_API);
  const stopping = new AbortController();
  const life = await beginWorkerLife(db, log);
  const pool = mail ? openPool(mail, services) : null;
  // Whoever has no heartbeat will be declared dead: not a byte may go out after that.
  life.onLost(() => pool?.cut());
  const consumers = pipeline(services, {
    ...{ life, press, pool, stopping: stopping.signal },
    onStage: crashHook(config.crashAt, () => process.kill(process.pid, 'SIGKILL')),
    mail: mail ?? { from: '', bounceDomain: '', signers: [], smime: null },
  });
  for (const kind of taskKinds) queues.consume(kind, consumers[kind].concurrency, consumers[kind].handle);
  const alerts = alertsOf(services, mail);
  const dispatcher = startDispatcher({ ...services, alerts, relays: relayNames(mail), holder: life.id() });
  return {
    async stop() {
      stopping.abort();
      await dispatcher.stop();
      await alerts.close();
      const cut = setTimeout(() => pool?.cut(), DRAIN_MS);
      await queues.closeConsumers();
      clearTimeout(cut);
      await pool?.close();
      await life.stop();
    },
  };
}

/** Tells the operators in the ways that are set; without a relay none is told by email. */
function alertsOf({ config, db, log }: Services, mail: Mail | null): Alerts {
  const { webhook, emails } = config.alerts;
  return makeAlerts({
    ...{ db, log },
    webhook: webhook && { url: webhook.url, sign: webhookSigner(webhook.secret) },
    mail: mail && emails.length > 0 ? { to: emails, sender: mail, relays: mail.urls } : null,
  });
}
