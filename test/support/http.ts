import { fileURLToPath } from 'node:url';
import type { InjectOptions } from 'fastify';
import { readConfig } from '../../src/config.ts';
import { isMigrated } from '../../src/db/migrate.ts';
import { incidentRoutes } from '../../src/http/api/incidents.routes.ts';
import { templateRoutes } from '../../src/http/api/templates.routes.ts';
import { userRoutes } from '../../src/http/api/users.routes.ts';
import type { RateLimits } from '../../src/http/plugins/rate-limit.ts';
import type { App, RoutePlugin } from '../../src/http/route.ts';
import { buildServer } from '../../src/http/server.ts';
import { type Logger, makeLog } from '../../src/log.ts';
import { openQueues } from '../../src/queue/queues.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import type { BarcodeFor } from '../../src/rendering/types.ts';
import type { Services } from '../../src/services.ts';
import { openBlobs } from '../../src/start/blobs.ts';
import { createUser, ensureFirstAdmin, type UserRole } from '../../src/users/users.store.ts';
import { dataKeyStore } from '../../src/vault/data-keys.store.ts';
import { loadMasterKey } from '../../src/vault/master-key.ts';
import { makeVault } from '../../src/vault/vault.ts';
import { type TestDatabase, testDatabase } from './database.ts';

type Caller = UserRole | 'nobody';

interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read whatever came back
  body: any;
}

export interface TestServer {
  app: App;
  database: TestDatabase;
  services: Services;
  keys: Record<UserRole, string>;
  /** The tasks that were hinted at, in order. */
  hints: { kind: string; taskId: string }[];
  /** One request without a socket. A body that is no string or Buffer goes as JSON. */
  call(
    who: Caller,
    method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

export interface TestServerOptions {
  /** Further routes beside those of users, incidents and templates. */
  routes?: (services: Services) => RoutePlugin[];
  settings?: Record<string, string>;
  rateLimits?: RateLimits;
  shutdownMs?: number;
  log?: Logger;
  /** Without it letters have none. */
  barcode?: BarcodeFor;
  /** Without it nobody knows any postal code. */
  postal?: Services['postal'];
}

/** The HTTP server on a real PostgreSQL and real queues, with a user of each role; hints are recorded, not sent. */
export async function testServer(options: TestServerOptions = {}): Promise<TestServer> {
  const database = await testDatabase();
  const { db } = database;
  const log = options.log ?? makeLog('silent');
  const hints: TestServer['hints'] = [];
  const services = await makeServices(database, log, hints, options);
  const queues = await openQueues({ redisUrl: null, databaseUrl: database.url }, () => undefined);
  const own = [userRoutes(services), incidentRoutes(services), templateRoutes(services)];
  const closeRest = async (): Promise<void> => {
    await queues.close();
    await database.close();
  };
  const build = async (): Promise<App> => {
    const app = buildServer({
      services,
      routes: [...own, ...(options.routes?.(services) ?? [])],
      health: {
        database: () => db.selectFrom('users').select('id').limit(1).execute(),
        queue: () => queues.ping(),
        migrations: () => isMigrated(db),
      },
      ...(options.rateLimits && { rateLimits: options.rateLimits }),
      ...(options.shutdownMs && { shutdownMs: options.shutdownMs }),
    });
    await app.ready();
    return app;
  };
  const app = await build().catch(async (error: unknown) => {
    await closeRest();
    throw error;
  });
  const keys = await makeKeys(services);
  return {
    ...{ app, database, services, keys, hints },
    call: (who, method, url, body, headers) =>
      call(app, who === 'nobody' ? null : keys[who], method, url, body, headers),
    async close() {
      await app.close();
      await closeRest();
    },
  };
}

async function makeServices(
  { db, dir }: TestDatabase,
  log: Logger,
  hints: TestServer['hints'],
  { settings = {}, barcode, postal = () => null }: TestServerOptions,
): Promise<Services> {
  const config = readConfig({ DATA_DIR: dir, ...settings });
  return {
    ...{ config, db, log },
    vault: makeVault({ masterKey: await loadMasterKey(null, dir), keys: dataKeyStore(db) }),
    blobs: await openBlobs(config),
    templates: await loadTemplates(fileURLToPath(new URL('../../templates', import.meta.url)), barcode),
    hint: (kind, taskId) => void hints.push({ kind, taskId }),
    postal,
    simulated: config.mail.kind === 'catcher',
  };
}

async function makeKeys({ db }: Services): Promise<Record<UserRole, string>> {
  const admin = await ensureFirstAdmin(db, null);
  if (!admin) throw new Error('no first administrator was made');
  const by = (await db.selectFrom('users').select('id').executeTakeFirstOrThrow()).id;
  const make = async (role: UserRole) => (await createUser(db, { name: `a ${role}`, roles: [role], by })).apiKey;
  return { admin, operator: await make('operator'), approver: await make('approver'), staff: await make('staff') };
}

async function call(
  app: App,
  key: string | null,
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const request: InjectOptions = {
    method,
    url,
    headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
  };
  if (body !== undefined) request.payload = body as NonNullable<InjectOptions['payload']>;
  const response = await app.inject(request);
  const type = String(response.headers['content-type'] ?? '');
  return {
    status: response.statusCode,
    headers: response.headers as Answer['headers'],
    body: type.includes('json') && response.body !== '' ? response.json() : response.body,
  };
}
