import type { Services } from '../services.ts';
import type { Alert, AlertWay } from './alert.ts';
import { claimTellings, noteTold, raiseAlerts, type Telling } from './alerts.store.ts';
import { type AlertMail, mailAlert } from './mail-alert.ts';
import { postAlert, type Webhook } from './post-alert.ts';

/** What keeps the operators told: for the dispatcher, once a second. */
export interface Alerts {
  /** Raises alerts for what has come up, and ends those of what is over. */
  raise(): Promise<void>;
  /** Begins to tell what is due, beside whatever its caller does next; one round at a time. */
  tell(): void;
  /** Cuts what is being told. It is told again after the next start. */
  close(): Promise<void>;
}

interface AlertsDeps extends Pick<Services, 'db' | 'log'> {
  webhook: Webhook | null;
  mail: AlertMail | null;
  /** Before the second try of a telling; then it trebles. */
  firstWaitSeconds?: number;
  /** For one answer of the webhook. */
  webhookTimeoutMs?: number;
}

const FIRST_WAIT_SECONDS = 15;
const WEBHOOK_TIMEOUT_MS = 10_000;
const MAIL_TIMEOUT_MS = 30_000;

/** Makes what tells the operators: by a webhook, by email, by both, or by nothing but the list of alerts and the log. */
export function makeAlerts(deps: AlertsDeps): Alerts {
  const { db, log, webhook, mail } = deps;
  const ways: AlertWay[] = [...(webhook ? (['webhook'] as const) : []), ...(mail ? (['email'] as const) : [])];
  const stopping = new AbortController();
  let telling: Promise<void> | null = null;

  async function tellOne(one: Telling): Promise<void> {
    const { alert, way, tries, last } = one;
    const told = { alertId: alert.id, kind: alert.kind, way, tries };
    try {
      const id = messageIdOf(alert);
      const within = (ms: number) => AbortSignal.any([stopping.signal, AbortSignal.timeout(ms)]);
      if (way === 'webhook' && webhook) {
        await postAlert(webhook, alert, id, within(deps.webhookTimeoutMs ?? WEBHOOK_TIMEOUT_MS));
      }
      if (way === 'email' && mail) {
        const refused = await mailAlert(mail, alert, { id, tries, signal: within(MAIL_TIMEOUT_MS) });
        if (refused > 0) log.warn({ event: 'alert.not_told', ...told, code: 'some_addresses', refused });
      }
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ event: 'alert.not_told', ...told, code: codeOf(error), last });
      return;
    }
    await noteTold(db, one);
  }

  async function tellDue(): Promise<void> {
    const due = await claimTellings(db, ways, deps.firstWaitSeconds ?? FIRST_WAIT_SECONDS);
    await Promise.all(due.map(tellOne));
  }

  return {
    async raise() {
      for (const { id, kind, subject } of await raiseAlerts(db, ways))
        log.warn({ event: 'alert.raised', alertId: id, kind, subject });
    },
    tell() {
      telling ??= tellDue()
        .catch((err: unknown) => log.warn({ event: 'alert.not_told', err }))
        .finally(() => {
          telling = null;
        });
    },
    async close() {
      stopping.abort();
      await telling;
    },
  };
}

/** Of one alert of one installation, also after its database was restored and counts on from before. */
const messageIdOf = ({ id, raisedAt }: Alert): string => `alert-${id}-${raisedAt.getTime()}`;

/** The code alone: what mail servers and drivers say in words may quote an address. */
function codeOf(error: unknown): string {
  const { name, code, responseCode, cause } = error as Error & { code?: unknown; responseCode?: number };
  if (name === 'TimeoutError') return 'timeout';
  return String(
    responseCode ?? (typeof code === 'string' ? code : (cause as { code?: string } | undefined)?.code) ?? name,
  );
}
