import type { Config } from '../config.ts';
import { checkDatabase } from '../db/check-database.ts';
import { lockDataDir } from '../db/data-dir-lock.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { startEmbeddedPostgres } from '../db/embedded-postgres.ts';
import { migrate } from '../db/migrate.ts';
import { freeLease } from '../delivery/dispatch/lease.store.ts';
import type { Logger } from '../log.ts';
import { buryAllWorkers } from '../tasks/worker-life.store.ts';

export interface Storage extends Database {
  url: string;
}

const POOL_SIZE = 20;
const PATIENCE_MS = 10_000;

/**
 * The migrated database: the one that is set, or the embedded one, for which the data directory is locked.
 * @throws Error with a sentence for the operator
 */
export async function openStorage(config: Config, log: Logger): Promise<Storage> {
  const onError = (err: Error) => log.warn({ event: 'database.connection_lost', err });
  if (config.databaseUrl !== null) {
    await checkDatabase(config.databaseUrl, PATIENCE_MS);
    const database = openDatabase(config.databaseUrl, POOL_SIZE, onError);
    await migrateOrClose(database, log);
    return { ...database, url: config.databaseUrl };
  }
  const lock = await lockDataDir(config.dataDir);
  const server = await startEmbeddedPostgres(config.dataDir).catch(async (error: unknown) => {
    await lock.release();
    throw error;
  });
  const database = openDatabase(server.url, POOL_SIZE, onError);
  const close = async (): Promise<void> => {
    await database.close();
    await server.stop();
    await lock.release();
  };
  await migrateOrClose({ ...database, close }, log);
  // The lock says that no other process uses this database: whoever worked on it, or decided when, is dead.
  await buryAllWorkers(database.db);
  await freeLease(database.db);
  return { ...database, url: server.url, close };
}

async function migrateOrClose(database: Database, log: Logger): Promise<void> {
  try {
    const names = await migrate(database.db);
    if (names.length > 0) log.info({ event: 'database.migrated', names });
  } catch (error) {
    await database.close();
    throw error;
  }
}
