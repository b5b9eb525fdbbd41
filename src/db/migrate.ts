import { readdir, readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import type { DB } from './schema.ts';

const MIGRATIONS = new URL('../../migrations/', import.meta.url);

/** Plain SQL files, forward only, in the order of their names. */
const provider: MigrationProvider = {
  async getMigrations() {
    const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
    const migrations: Record<string, Migration> = {};
    for (const file of files) {
      const text = await readFile(new URL(file, MIGRATIONS), 'utf8');
      migrations[file.replace(/\.sql$/, '')] = { up: async (db) => void (await sql.raw(text).execute(db)) };
    }
    return migrations;
  },
};

function migrator(db: Kysely<DB>): Migrator {
  return new Migrator({ db, provider });
}

/**
 * Brings the schema up to date, under Kysely's advisory lock: many processes may start at once.
 * @returns the names of the migrations that ran now
 * @throws the error of the migration that failed; nothing of it remains
 */
export async function migrate(db: Kysely<DB>): Promise<string[]> {
  const { error, results } = await migrator(db).migrateToLatest();
  if (error) throw error;
  return (results ?? []).map((result) => result.migrationName);
}

/** Whether every migration of this version has run. */
export async function isMigrated(db: Kysely<DB>): Promise<boolean> {
  const migrations = await migrator(db).getMigrations();
  return migrations.every((migration) => migration.executedAt !== undefined);
}
