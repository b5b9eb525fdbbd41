import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openListener } from '../../src/start/listener.ts';
import { loadTlsIdentity } from '../../src/vault/tls-identity.ts';
import { makeCertificate } from '../support/certificates.ts';
import { type Listening, listening, shortReport } from '../support/listening.ts';
import { until } from '../support/until.ts';

let there: Listening;

beforeAll(async () => {
  there = await listening();
});
afterEach(async () => {
  await letGo();
  await there.reset();
});
afterAll(() => there.close());

let letGo = async (): Promise<void> => undefined;

/** Nobody can write a report until it is let go. */
async function lockReports(): Promise<void> {
  const client = await there.database.pool.connect();
  await client.query('begin');
  await client.query('lock table reports in access exclusive mode');
  letGo = async () => {
    letGo = async () => undefined;
    await client.query('rollback');
    client.release();
  };
}

/** Until somebody waits for that lock. */
const waiting = () =>
  until('a report waits to be stored', async () => {
    const { rows } = await sql`select from pg_stat_activity where wait_event_type = 'Lock'`.execute(there.database.db);
    return rows.length > 0;
  });

describe('when a report cannot be stored', () => {
  it('says 451, and takes it when its sender tries again', async () => {
    const listener = await there.listen();
    const client = await there.client(listener);
    await sql`alter table reports rename to reports_away`.execute(there.database.db);
    try {
      expect(await client.mail(there.addressOf('1'), shortReport())).toBe('451 4.3.0 Cannot be stored now');
    } finally {
      await sql`alter table reports_away rename to reports`.execute(there.database.db);
    }
    expect(listener.counts().refusals.get('not_stored')).toBe(1);
    expect(there.logged.find(({ reason }) => reason === 'not_stored')).toMatchObject({ event: 'listener.refused' });
    expect(await client.mail(there.addressOf('1'), shortReport())).toMatch(/^250 /);
    expect(await there.reports()).toHaveLength(1);
  });

  it('says nothing while it is being stored, however long the sender has been silent', async () => {
    const client = await there.client(await there.listen({ idleMs: 1000, messageMs: 1500 }));
    await lockReports();
    const answer = client.mail(there.addressOf('1'), shortReport());
    await waiting();
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 2500))]);
    expect(first).toBeUndefined();
    await letGo();
    expect(await answer).toMatch(/^250 /);
  });

  it('does not let its sender wait for ever, and keeps it once when both come true', async () => {
    const listener = await there.listen({ storeMs: 300 });
    const client = await there.client(listener);
    await lockReports();
    expect(await client.mail(there.addressOf('1'), shortReport())).toMatch(/^451 /);
    expect(listener.counts().heldBytes).toBeGreaterThan(0);
    await letGo();
    await until('it is stored after all', () => listener.counts().reports.get('stored') === 1);
    expect(await client.mail(there.addressOf('1'), shortReport())).toMatch(/^250 /);
    expect(await there.reports()).toHaveLength(1);
    expect(listener.counts().heldBytes).toBe(0);
  });

  it('forgets a message whose sender went away in the middle of it', async () => {
    const listener = await there.listen();
    const client = await there.client(listener);
    for (const line of ['MAIL FROM:<>', `RCPT TO:<${there.addressOf('1')}>`, 'DATA']) await client.say(line);
    client.write('half of a rep');
    await until('it holds that', () => listener.counts().heldBytes > 0);
    client.close();
    await until('it holds nothing', () => listener.counts().heldBytes === 0 && listener.counts().connections === 0);
    expect(await there.reports()).toEqual([]);
  });
});

describe('when the listener closes', () => {
  it('sends idle senders away, ends what is on its way, and waits until that is stored', async () => {
    const listener = await there.listen();
    const idle = await there.client(listener);
    const busy = await there.client(listener);
    const late = await there.client(listener);
    await lockReports();
    const stored = busy.mail(there.addressOf('1'), shortReport());
    await waiting();
    for (const line of ['MAIL FROM:<>', `RCPT TO:<${there.addressOf('2')}>`, 'DATA']) await late.say(line);
    late.write(shortReport('the other'));
    let over = false;
    const closed = listener.close().then(() => {
      over = true;
    });
    expect(await idle.reply()).toMatch(/^421 .*Shutting down/);
    const stranger = there.client(listener, false);
    await expect(stranger).rejects.toThrow('ECONNREFUSED');
    expect(over).toBe(false);
    const also = late.say('\r\n.');
    await letGo();
    expect([await stored, await also].map((reply) => reply.slice(0, 3))).toEqual(['250', '250']);
    await closed;
    expect(await there.reports()).toHaveLength(2);
  });

  it('waits for what is still being stored, though its sender has been told 451', async () => {
    const listener = await there.listen({ storeMs: 200 });
    const client = await there.client(listener);
    await lockReports();
    expect(await client.mail(there.addressOf('1'), shortReport())).toMatch(/^451 /);
    client.close();
    const closed = listener.close().then(() => 'closed');
    expect(await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1000))])).toBeUndefined();
    await letGo();
    await closed;
    expect(listener.counts().reports.get('stored')).toBe(1);
  });
});

describe('when the service starts', () => {
  it('says what is missing when it should listen and has no domain to listen for', async () => {
    const config = readConfig({ BOUNCE_LISTEN: '127.0.0.1:0' });
    await expect(openListener({ config } as never, null)).rejects.toThrow('BOUNCE_LISTEN takes reports for');
  });
});

describe('STARTTLS', () => {
  it('is offered with a certificate of ours, and a report is taken over it', async () => {
    const { cert, key } = await makeCertificate(30);
    const path = join(there.database.dir, 'listener.pem');
    await writeFile(path, `${key}${cert}`);
    const identity = await loadTlsIdentity('BOUNCE_TLS_IDENTITY', path);
    const listener = await there.listen({}, { identity });
    const client = await there.client(listener);
    // What is written before the handshake is nobody's: it could come from somebody in between.
    client.write('STARTTLS\r\nMAIL FROM:<>\r\n');
    expect(await client.reply()).toMatch(/^220 /);
    await client.upgrade(cert);
    const offer = await client.say('EHLO mx.example.com');
    expect(offer).not.toContain('STARTTLS');
    expect(await client.say(`RCPT TO:<${there.addressOf('1')}>`)).toMatch(/^503 /);
    expect(await client.mail(there.addressOf('1'), shortReport())).toMatch(/^250 /);
    expect(await there.reports()).toHaveLength(1);
    const plain = await there.client(listener);
    expect(await plain.say('EHLO again.example.com')).toContain('STARTTLS');
  });

  it('needs a file with the key and its certificate', async () => {
    const one = await makeCertificate(30);
    const other = await makeCertificate(30);
    const path = join(there.database.dir, 'bad.pem');
    await expect(loadTlsIdentity('BOUNCE_TLS_IDENTITY', path)).rejects.toThrow(/BOUNCE_TLS_IDENTITY: .*ENOENT/);
    for (const pem of [one.cert, one.key, `${one.key}${other.cert}`, 'nonsense']) {
      await writeFile(path, pem);
      await expect(loadTlsIdentity('BOUNCE_TLS_IDENTITY', path)).rejects.toThrow(/must hold a private key/);
    }
  });
});
