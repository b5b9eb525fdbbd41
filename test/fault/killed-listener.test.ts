import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { makeVault } from '../../src/vault/vault.ts';
import { BOUNCE_DOMAIN, bounceAddressOf, MASTER_KEY, shortReport } from '../support/listening.ts';
import { startService, type TestService } from '../support/service.ts';
import { greetedClient } from '../support/smtp-client.ts';
import { until } from '../support/until.ts';

const vault = makeVault({ masterKey: MASTER_KEY, keys: {} as never });
const addressOf = (id: number): string => bounceAddressOf(vault, String(id));

let dir: string;
let postgres: EmbeddedPostgres;
let service: TestService | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-listener-'));
  postgres = await startEmbeddedPostgres(dir);
});
afterEach(async () => {
  await service?.kill('SIGTERM');
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
});

/** The API alone: nobody reads what is stored. */
async function start(): Promise<{ port: number; service: TestService }> {
  service = await startService({
    ...{ ROLES: 'api', DATABASE_URL: postgres.url, DATA_DIR: join(dir, 'data'), MASTER_KEY },
    ...{ BLOB_URL: pathToFileURL(join(dir, 'blobs')).href, BOUNCE_LISTEN: '127.0.0.1:0', BOUNCE_DOMAIN },
    ...{ SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'notice@example.jp', PUBLIC_URL: 'https://example.jp' },
  });
  const port = /"event":"listener\.started","host":"127\.0\.0\.1","port":(\d+)/.exec(service.output())?.[1];
  return { port: Number(port), service };
}

async function storedEnvelopes(): Promise<string[]> {
  const client = new pg.Client(postgres.url);
  await client.connect();
  try {
    const { rows } = await client.query<{ envelope: string[] }>(`select envelope from reports where state = 'waiting'`);
    return rows.flatMap(({ envelope }) => envelope);
  } finally {
    await client.end();
  }
}

describe('the SMTP listener of a service', () => {
  it('has every report that it said 250 to when it is killed at that moment, again and again', async () => {
    const taken: string[] = [];
    for (let round = 1; round <= 3; round++) {
      const { port, service } = await start();
      const client = await greetedClient(port);
      for (let n = 1; n <= round; n++) {
        const to = addressOf(round * 10 + n);
        expect(await client.mail(to, shortReport(to))).toMatch(/^250 /);
        taken.push(to);
      }
      await service.kill('SIGKILL');
      expect((await storedEnvelopes()).toSorted()).toEqual(taken.toSorted());
    }
  });

  it('stores what is on its way when it is told to stop', async () => {
    const { port, service } = await start();
    const client = await greetedClient(port);
    for (const line of ['MAIL FROM:<>', `RCPT TO:<${addressOf(1)}>`, 'DATA']) await client.say(line);
    client.write(shortReport());
    const stopped = service.kill('SIGTERM');
    await until('it is stopping', () => service.output().includes('"service.stopping"'));
    expect(await client.say('\r\n.')).toMatch(/^250 /);
    expect(await stopped).toBe(0);
    expect(service.output()).toContain('"service.stopped"');
    expect(await storedEnvelopes()).toEqual([addressOf(1)]);
  });

  it('says 451 while PostgreSQL is down, loses nothing that it said 250 to, and goes on by itself', {
    timeout: 120_000,
  }, async () => {
    const { port, service } = await start();
    const postmaster = async (): Promise<number> =>
      Number((await readFile(join(dir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    const taken = new Set<string>();
    const refusals = new Set<string>();
    let next = 0;
    const send = async (): Promise<void> => {
      const client = await greetedClient(port);
      while (taken.size < 300) {
        const to = addressOf(++next);
        // As a mail system does: again, until it is taken.
        await until('it is taken', async () => {
          const reply = await client.mail(to, shortReport(to));
          if (reply.startsWith('250 ')) return true;
          refusals.add(reply.slice(0, 3));
          await client.say('RSET');
          return false;
        });
        taken.add(to);
      }
      client.close();
    };
    const sending = Promise.all([send(), send(), send()]);
    for (const share of [50, 150]) {
      await until('some are stored', () => taken.size > share);
      process.kill(await postmaster(), 'SIGINT');
    }
    await sending;
    const stored = await storedEnvelopes();
    // Each, and each once, though the answer to some may have been lost with the database.
    expect(stored.toSorted()).toEqual([...taken].toSorted());
    expect([...refusals]).toEqual(['451']);
    expect(service.output().match(/"listener\.refused"/g)?.length).toBe(1);
    expect(service.output()).not.toContain('b+');
  });
});
