import { setTimeout as after } from 'node:timers/promises';
import Type from 'typebox';
import type { Logger } from '../../log.ts';
import type { App } from '../route.ts';
import { OneOf } from '../schemas.ts';

const healthChecks = ['database', 'queue', 'migrations'] as const;
type HealthCheck = (typeof healthChecks)[number];

/** Each rejects, or says false, when its part is not fit for work. */
export type Health = Record<HealthCheck, () => Promise<unknown>>;

const PATIENCE_MS = 3_000;

const Result = OneOf('ok', 'failed');
const Readiness = Type.Object({
  status: OneOf('ready', 'not_ready'),
  checks: Type.Object({ database: Result, queue: Result, migrations: Result }),
});
const liveSchema = {
  summary: 'Whether the process answers',
  response: { 200: Type.Object({ status: OneOf('live') }) },
};
const readySchema = {
  summary: 'Whether database, queue and migrations are fit for work',
  response: { 200: Readiness, 503: Readiness },
};

/** `/health/live`: the process answers. `/health/ready`: what it needs answers too, and the schema is this version's. */
export function addHealth(app: App, health: Health, log: Logger): void {
  const config = { public: true, unlimited: true };
  app.get('/health/live', { config, schema: liveSchema }, async () => ({ status: 'live' as const }));
  app.get('/health/ready', { config, schema: readySchema }, async (_request, reply) => {
    const results = await Promise.all(healthChecks.map((name) => check(name, health[name], log)));
    const checks = Object.fromEntries(results) as Record<HealthCheck, 'ok' | 'failed'>;
    if (results.every(([, result]) => result === 'ok')) return { status: 'ready' as const, checks };
    return reply.code(503).send({ status: 'not_ready' as const, checks });
  });
}

async function check(
  name: HealthCheck,
  run: () => Promise<unknown>,
  log: Logger,
): Promise<[HealthCheck, 'ok' | 'failed']> {
  const timer = new AbortController();
  try {
    const late = after(PATIENCE_MS, false, { signal: timer.signal });
    late.catch(() => undefined);
    return [name, (await Promise.race([run(), late])) === false ? 'failed' : 'ok'];
  } catch (err) {
    log.warn({ event: 'health.failed', check: name, err });
    return [name, 'failed'];
  } finally {
    timer.abort();
  }
}
