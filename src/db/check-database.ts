import pg from 'pg';

const OLDEST_VERSION = 150_000;
const ANSWER_MS = 5_000;

/**
 * Checks that a database can carry Owabi, before anything is done to it. It may still be starting: it is tried for
 * `patienceMs`.
 * @throws Error with a sentence: not reachable, too old, or behind a pooler that loses LISTEN
 */
export async function checkDatabase(url: string, patienceMs: number): Promise<void> {
  const client = await connectPatiently(url, patienceMs);
  try {
    const { rows } = await client.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    );
    if ((rows[0]?.version ?? 0) < OLDEST_VERSION) {
      throw new Error('DATABASE_URL names a PostgreSQL older than 15: Owabi needs 15 or newer.');
    }
    await checkListen(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connectPatiently(url: string, patienceMs: number): Promise<pg.Client> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_MS });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (performance.now() > end) {
        const { host } = new URL(url);
        const code = (error as { code?: string }).code ?? 'no answer';
        throw new Error(`The database at ${host} cannot be reached (${code}). Start it, or correct DATABASE_URL.`);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** BullMQ waits with LISTEN, which a pooler in transaction mode silently loses. */
async function checkListen(client: pg.Client): Promise<void> {
  const heard = new Promise<boolean>((resolve) => {
    client.once('notification', () => resolve(true));
    setTimeout(resolve, ANSWER_MS, false).unref();
  });
  await client.query('listen owabi_start');
  await client.query('notify owabi_start');
  // Another round trip: a pooler may have put the NOTIFY on another server connection.
  await client.query('select 1');
  if (!(await heard)) {
    throw new Error(
      'DATABASE_URL goes through a pooler in transaction mode, which loses LISTEN: use a direct or session-mode connection.',
    );
  }
}
