import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { migrate } from '../../src/db/migrate.ts';

export interface TestDatabase extends Database {
  url: string;
  dir: string;
}

/** A real, migrated PostgreSQL for one test file; `close` stops it and removes its files. */
export async function testDatabase(): Promise<TestDatabase> {
  const dir = await mkdtemp(join(tmpdir(), 'owabi-test-'));
  const server = await startEmbeddedPostgres(dir);
  const database = openDatabase(server.url, 10, () => undefined);
  await migrate(database.db);
  return {
    ...database,
    url: server.url,
    dir,
    async close() {
      await database.close();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Another, empty database on the same server. */
export async function emptyDatabase(url: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
