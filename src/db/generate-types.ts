import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';

/**
 * Writes `schema.ts` from the migrated schema (`npm run types`); with `--verify` it only says whether the file still
 * matches, and ends with 1 when it does not.
 */
const dir = await mkdtemp(join(tmpdir(), 'owabi-types-'));
const server = await startEmbeddedPostgres(dir);
try {
  const { db, close } = openDatabase(server.url, 1, (error) => console.error(error.message));
  await migrate(db);
  await close();
  execFileSync(
    'kysely-codegen',
    [
      ...['--dialect', 'postgres', '--url', server.url],
      ...['--out-file', fileURLToPath(new URL('./schema.ts', import.meta.url))],
      ...['--include-pattern', '{public,keys}.*', '--exclude-pattern', '*.kysely_*'],
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit' },
  );
} finally {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}
