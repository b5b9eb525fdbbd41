import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { raiseAlerts } from '../../src/alerts/alerts.store.ts';
import {
  type DomainTally,
  forgetMinutes,
  noteDomainTallies,
} from '../../src/delivery/dispatch/domain-minutes.store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let said: Record<string, unknown>[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line)) });

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  said = [];
  await sql`delete from domain_minutes`.execute(database.db);
  await sql`delete from mail_domains`.execute(database.db);
  await sql`delete from alert_tellings`.execute(database.db);
  await sql`delete from alerts`.execute(database.db);
});

const note = (...tallies: Partial<DomainTally>[]) =>
  noteDomainTallies(
    { db: database.db, log, simulated: false },
    tallies.map((tally) => ({ domain: 'docomo', tried: 0, invalid: 0, ...tally })),
  );
const limits = async (domain = 'docomo') =>
  (
    await sql<{ slowed: number | null; because: string | null }>`
      select slowed_to as slowed, held_because as because
      from mail_domains where domain = ${domain}`.execute(database.db)
  ).rows[0];
const age = (minutes: number) =>
  sql`update domain_minutes set minute = minute - make_interval(mins => ${minutes})`.execute(database.db);
const events = () => said.map(({ event }) => event);

describe('many addresses of a mail domain that nobody has', () => {
  it('change nothing while they are few of many', async () => {
    await note({ tried: 1_000, invalid: 60 });
    expect(await limits()).toBeUndefined();
    expect(said).toEqual([]);
  });

  it('slow it to half, once a minute at most, and tell the operators before it gets worse', async () => {
    await note({ tried: 100, invalid: 15 });
    await note({ invalid: 4 });
    expect(await limits()).toBeUndefined();
    await note({ invalid: 1 });
    expect((await limits())?.slowed).toBe(1500);
    await note({ invalid: 1 });
    expect((await limits())?.slowed).toBe(1500);
    expect(events()).toEqual(['domain.slowed']);
    const raised = await raiseAlerts(database.db, []);
    expect(raised).toMatchObject([{ kind: 'invalid_mailboxes', subject: { domain: 'docomo' } }]);
  });

  it('hold it when they are three in ten, until an operator releases it', async () => {
    await note({ tried: 200, invalid: 59 });
    await note({ invalid: 1 });
    expect(await limits()).toMatchObject({ because: 'invalid_mailboxes' });
    await note({ invalid: 5 });
    expect(events()).toEqual(['domain.slowed', 'domain.held']);
    const raised = await raiseAlerts(database.db, []);
    expect(raised.map(({ kind }) => kind)).toEqual(['domain_held']);
  });

  it('count over all who tell of it at once, however many', async () => {
    await Promise.all(Array.from({ length: 30 }, () => note({ tried: 4, invalid: 2 })));
    expect(await limits()).toMatchObject({ because: 'invalid_mailboxes' });
    expect(events().filter((event) => event === 'domain.held')).toHaveLength(1);
  });

  it('are held against an hour when the reports come late, and tell of the past after that', async () => {
    await note({ tried: 500 });
    await age(30);
    await note({ tried: 10, invalid: 60 });
    expect((await limits())?.slowed).toBeGreaterThan(0);
    await sql`delete from domain_minutes`.execute(database.db);
    await sql`delete from mail_domains`.execute(database.db);
    await note({ tried: 500 });
    await age(70);
    await note({ invalid: 100 });
    expect(await limits()).toBeUndefined();
  });

  it('are forgotten after two hours', async () => {
    await note({ tried: 5 });
    await age(121);
    await note({ tried: 7 });
    await forgetMinutes(database.db);
    const { rows } = await sql<{ tried: number }>`select tried from domain_minutes`.execute(database.db);
    expect(rows).toEqual([{ tried: 7 }]);
  });
});
