import { sql } from 'kysely';
import pino from 'pino';
import { makeRefusals, type Refusals, webhookRoutes } from '../../src/http/api/webhooks.routes.ts';
import type { AskSns } from '../../src/tracking/webhooks/ask-sns.ts';
import { type TestServer, testServer } from './http.ts';
import type { ProviderPost } from './provider-posts.ts';

export interface WebhookServer extends TestServer {
  refusals: Refusals;
  /** The events of the log, in order, as objects. */
  logged: Record<string, unknown>[];
  /** Posts as a provider does: without a key of ours. */
  post(way: string, post: ProviderPost): ReturnType<TestServer['call']>;
  /** What was stored by a way, opened, in order. */
  stored(way: string): Promise<string[]>;
}

/** The server with the webhooks of these settings. */
export async function webhookServer(settings: Record<string, string>, ask?: AskSns): Promise<WebhookServer> {
  const refusals = makeRefusals();
  const logged: Record<string, unknown>[] = [];
  const server = await testServer({
    settings,
    log: pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) }),
    routes: (services) => [webhookRoutes({ ...services, refusals, ...(ask && { ask }) })],
  });
  return {
    ...{ ...server, refusals, logged },
    post: (way, { body, headers }) => server.call('nobody', 'POST', `/v1/webhooks/${way}`, body, headers),
    async stored(way) {
      const { rows } = await sql<{ sealed: Buffer }>`
        select sealed from reports where way = ${way} order by id`.execute(server.services.db);
      return rows.map(({ sealed }) => server.services.vault.reception.open('report', sealed).toString('utf8'));
    },
  };
}
