import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openDatabase } from '../../src/db/database.ts';
import { emptyDatabase, type TestDatabase, testDatabase } from './database.ts';
import { startService, type TestService } from './service.ts';

/** Processes on one outside PostgreSQL, as machines of their own: nothing else is shared but the place of files. */
export interface Machines {
  db: TestDatabase['db'];
  /** Starts a process with these roles. */
  start(roles: 'api' | 'worker'): Promise<TestService>;
  /** Ends every process and the database. */
  close(): Promise<void>;
}

interface Setup {
  smtpUrl: string;
  connections: number;
  /** Null: the queues lie on the same PostgreSQL. */
  redisUrl?: string | null;
  /** Null: a folder that they share. */
  blobUrl?: string | null;
  /** Further ones, of every process. */
  settings?: Record<string, string>;
}

export async function openMachines({
  smtpUrl,
  connections,
  redisUrl = null,
  blobUrl = null,
  settings,
}: Setup): Promise<Machines> {
  const server = await testDatabase();
  const url = await emptyDatabase(server.url);
  const dir = await mkdtemp(join(tmpdir(), 'owabi-machines-'));
  const { db, close } = openDatabase(url, 2, () => undefined);
  const services: TestService[] = [];
  return {
    db,
    async start(roles) {
      const service = await startService({
        ...{ DATA_DIR: join(dir, String(services.length)), ROLES: roles, DATABASE_URL: url },
        ...{
          BLOB_URL: blobUrl ?? pathToFileURL(join(dir, 'blobs')).href,
          MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
        },
        ...{ SMTP_URL: smtpUrl, SMTP_CONNECTIONS: String(connections), ...(redisUrl && { REDIS_URL: redisUrl }) },
        ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
        ...settings,
      });
      services.push(service);
      return service;
    },
    async close() {
      for (const service of services) {
        await service.kill('SIGCONT');
        await service.kill('SIGKILL');
      }
      await close();
      await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
