import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type RelaySetting, readRelay } from '../../src/delivery/email/relays/relay-setting.ts';
import type { Submission } from '../../src/delivery/email/submit-message.ts';
import { drop, type RawRelay, silence, startRawRelay, thenClose } from '../support/raw-relay.ts';
import { allowed, messageTo, type TestPool, testPool } from '../support/relay-pool.ts';
import { until } from '../support/until.ts';

// For a relay that is silent, so that a test need not wait for minutes.
const QUICK = 'socketTimeout=300';
const relays: RawRelay[] = [];
let pool: TestPool;

afterEach(async () => {
  await pool.close();
  for (const relay of relays.splice(0)) await relay.close();
});

async function relay(...options: Parameters<typeof startRawRelay>): Promise<RawRelay> {
  const started = await startRawRelay(...options);
  relays.push(started);
  return started;
}

const setting = (of: RawRelay, parameters = ''): RelaySetting => readRelay(`${of.url}?${parameters}`);
const nameOf = ({ port }: RawRelay): string => `127.0.0.1:${port}`;

/** Submits `n` messages at once; the kinds of their ends. */
async function submitAll(n: number): Promise<Submission['kind'][]> {
  const all = Array.from({ length: n }, (_, i) => pool.submit(messageTo(`${i}@example.jp`), allowed));
  return (await Promise.all(all)).map(({ kind }) => kind);
}

function tally(kinds: string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const kind of kinds) sums[kind] = (sums[kind] ?? 0) + 1;
  return sums;
}

const ready = () => pool.ready(new AbortController().signal);

describe('several relays', () => {
  it('share the connections by their weights', async () => {
    // A relay that takes its time keeps every connection in use.
    const slow = { DOT: (socket: Socket) => void setTimeout(() => socket.write('250 ok\r\n'), 30) };
    const [heavy, light] = [await relay({ steps: slow }), await relay({ steps: slow })];
    pool = testPool([setting(heavy, 'weight=3'), setting(light)], 8);
    expect(tally(await submitAll(80))).toEqual({ submitted: 80 });
    expect([heavy.connections.opened, light.connections.opened]).toEqual([6, 2]);
    expect(heavy.bodies.length + light.bodies.length).toBe(80);
    expect(heavy.bodies.length).toBeGreaterThan(2 * light.bodies.length);
  });

  it('open no more connections than they are allowed; the others take the rest, or it waits', async () => {
    const [small, other] = [await relay(), await relay()];
    pool = testPool([setting(small, 'connections=2'), setting(other, 'connections=3')], 10);
    expect(tally(await submitAll(60))).toEqual({ submitted: 60 });
    expect([small.connections.opened, other.connections.opened]).toEqual([2, 3]);
  });

  it('get a new connection after so many messages, and not before', async () => {
    const one = await relay();
    pool = testPool([setting(one, 'messages=4')], 1);
    expect(tally(await submitAll(12))).toEqual({ submitted: 12 });
    expect(one.connections.opened).toBe(3);
  });

  it.each([
    ['is down', null],
    ['speaks garbage', { GREETING: 'hello' }],
    ['does not know EHLO', { EHLO: '502 5.5.1 what', HELO: '500 5.5.1 what' }],
    ['says 421 at once', { GREETING: thenClose('421 4.3.2 later') }],
    ['refuses our mail for now', { MAIL: '451 4.7.1 later' }],
    ['says 421 to our mail', { MAIL: thenClose('421 4.7.0 later') }],
    ['closes at MAIL', { MAIL: drop }],
    ['closes at RCPT', { RCPT: drop }],
    ['closes at DATA', { DATA: drop }],
    ['is silent at RCPT', { RCPT: silence }],
  ])('stand in at once for one that %s, and nobody gets a message twice', async (_what, steps) => {
    const [bad, good] = [await relay(steps ? { steps } : {}), await relay()];
    if (!steps) await bad.close();
    pool = testPool([setting(bad, `weight=5&${QUICK}`), setting(good)], 4);
    await ready();
    expect(tally(await submitAll(40))).toEqual({ submitted: 40 });
    expect(good.bodies.length).toBe(40);
    expect(bad.bodies).toEqual([]);
    expect(pool.down.length).toBeGreaterThan(0);
    expect(pool.refused).toEqual([]);
    if (!steps) relays.splice(relays.indexOf(bad), 1);
  });

  it('do not stand in for one that has asked for the body: nobody would know of the mark', async () => {
    const [bad, good] = [await relay({ steps: { BODY: drop } }), await relay()];
    pool = testPool([setting(bad), setting(good)], 1);
    let asked = 0;
    const large = { ...messageTo('taro@example.jp'), pieces: [Buffer.alloc(20_000_000, 'line of the body\r\n')] };
    const submission = await pool.submit(large, async () => ++asked > 0);
    expect(submission).toMatchObject({ kind: 'failed', failure: { stage: 'body', reply: null } });
    expect([asked, good.connections.opened]).toEqual([1, 0]);
  });

  it('do not stand in for one that has refused a recipient', async () => {
    const [strict, other] = [await relay({ steps: { RCPT: '550 5.1.1 unknown' } }), await relay()];
    pool = testPool([setting(strict), setting(other)], 1);
    const submission = await pool.submit(messageTo('taro@example.jp'), allowed);
    expect(submission).toMatchObject({ kind: 'failed', failure: { stage: 'rcpt', reply: 550 } });
    expect([other.connections.opened, pool.down, pool.refused]).toEqual([0, [], []]);
  });
});

describe('a relay that has failed', () => {
  it('is left alone for a while, longer each time, and told of once for each', async () => {
    const one = await relay({ steps: { GREETING: drop } });
    pool = testPool([setting(one)], 5);
    const stop = new AbortController();
    const waiting = pool.ready(stop.signal).catch(() => 'stopped');
    await until('three tries', () => pool.down.length === 3);
    expect(one.connections.opened).toBe(3);
    expect(pool.down).toEqual(Array(3).fill(`${nameOf(one)} ECONNECTION`));
    stop.abort();
    expect(await waiting).toBe('stopped');
  });

  it('gives back at once what it could not be asked about, and takes it when it is well again', async () => {
    const one = await relay({ steps: { MAIL: drop } });
    pool = testPool([setting(one)], 2);
    await ready();
    const kinds = tally(await submitAll(50));
    // Only what was on its way has failed; the rest was not tried.
    expect(kinds.failed).toBeLessThanOrEqual(2);
    expect(kinds.not_allowed).toBe(50 - (kinds.failed ?? 0));
    expect(pool.down.length).toBe(1);
    one.behave({});
    await ready();
    expect(tally(await submitAll(50))).toEqual({ submitted: 50 });
  });

  it('is tried anew when it has been well: its next failure is its first', async () => {
    const one = await relay({ steps: { GREETING: drop } });
    pool = testPool([setting(one)], 1);
    const waiting = ready();
    await until('two failures', () => pool.down.length === 2);
    one.behave({});
    await waiting;
    expect(tally(await submitAll(1))).toEqual({ submitted: 1 });
    one.behave({ MAIL: drop });
    expect(tally(await submitAll(1))).toEqual({ failed: 1 });
    one.behave({});
    const began = performance.now();
    await ready();
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it('lets the others wait for its open connections, which still work', async () => {
    const one = await relay();
    pool = testPool([setting(one)], 2);
    await ready();
    one.behave({ GREETING: thenClose('421 4.7.0 too many connections') });
    expect(tally(await submitAll(30))).toEqual({ submitted: 29, failed: 1 });
  });
});

describe('a relay that refuses us as sender', () => {
  const login = (of: RawRelay) => readRelay(`smtp://owabi:secret@127.0.0.1:${of.port}`);

  it.each([
    ['greets with 554', { GREETING: thenClose('554 5.7.1 no service for you') }, 'sender_blocked', '554 5.7.1'],
    ['answers 550 to EHLO', { EHLO: '550 5.7.1 not you', HELO: '550 5.7.1 nor you' }, 'sender_blocked', '550 5.7.1'],
    ['refuses our address', { MAIL: '550 5.7.1 not your address' }, 'sender_blocked', '550 5.7.1'],
    ['says that our domain is not authenticated', { MAIL: '550 5.7.26 no SPF' }, 'sender_auth', '550 5.7.26'],
  ])('is held when it %s; the others go on', async (_what, steps, because, code) => {
    const [strict, other] = [await relay({ steps }), await relay()];
    pool = testPool([setting(strict), setting(other)], 2);
    expect(tally(await submitAll(20))).toEqual({ submitted: 20 });
    expect(pool.refused).toEqual([{ relay: nameOf(strict), because, code }]);
    expect(pool.down).toEqual([]);
    expect(strict.bodies).toEqual([]);
    const { opened } = strict.connections;
    expect(tally(await submitAll(20))).toEqual({ submitted: 20 });
    expect(strict.connections.opened).toBe(opened);
  });

  it('is held when it does not know our login, whatever its code', async () => {
    const one = await relay({ steps: { EHLO: '250-relay\r\n250 AUTH PLAIN', AUTH: '535 wrong' } });
    pool = testPool([login(one)], 3);
    // The message is put off, not bounced, and those that met nobody go back.
    const { submitted, ...rest } = tally(await submitAll(20));
    expect(submitted).toBeUndefined();
    expect((rest.failed ?? 0) + (rest.not_allowed ?? 0)).toBe(20);
    expect(pool.refused).toEqual([{ relay: nameOf(one), because: 'sender_auth', code: '535' }]);
    expect(tally(await submitAll(5))).toEqual({ not_allowed: 5 });
    expect(one.commands.some((line) => line.startsWith('MAIL'))).toBe(false);
  });

  it.each([
    ['cannot check our login now', { EHLO: '250-relay\r\n250 AUTH PLAIN', AUTH: '454 4.7.0 later' }, '454 4.7.0'],
    [
      'has too many connections, whatever the code',
      { GREETING: thenClose('554 5.7.0 too many connections') },
      '554 5.7.0',
    ],
  ])('is not held when it %s', async (_what, steps, code) => {
    const one = await relay({ steps });
    pool = testPool([login(one)], 1);
    expect(tally(await submitAll(1))).toEqual({ failed: 1 });
    expect([pool.down, pool.refused]).toEqual([[`${nameOf(one)} ${code}`], []]);
  });

  it('lets nothing be claimed until it is released', async () => {
    const one = await relay({ steps: { MAIL: '550 5.7.1 not you' } });
    pool = testPool([setting(one)], 1);
    expect(tally(await submitAll(1))).toEqual({ failed: 1 });
    const waiting = ready();
    one.behave({});
    expect(await Promise.race([waiting.then(() => 'ready'), until('the hold was read', () => pool.reads > 1)])).toBe(
      true,
    );
    pool.held.clear();
    await waiting;
    expect(tally(await submitAll(3))).toEqual({ submitted: 3 });
  });

  it('is left by the other workers too, as soon as they look', async () => {
    const [held, other] = [await relay(), await relay()];
    pool = testPool([setting(held, 'weight=9'), setting(other)], 2);
    await ready();
    expect(tally(await submitAll(4))).toEqual({ submitted: 4 });
    pool.held.add(nameOf(held));
    await until('it has looked', async () => {
      await ready();
      return held.connections.open === 0;
    });
    const before = held.bodies.length;
    expect(tally(await submitAll(10))).toEqual({ submitted: 10 });
    expect(held.bodies.length).toBe(before);
  });
});

describe('a pool that is cut', () => {
  it('sends away who waits, cuts what opens, blames no relay, and tries no other', async () => {
    const [one, other] = [await relay({ steps: { GREETING: silence } }), await relay()];
    pool = testPool([setting(one, 'weight=9'), setting(other, 'connections=1')], 2);
    other.behave({ RCPT: silence });
    const all = submitAll(10);
    await until('both are under way', () => one.connections.opened + other.connections.opened === 2);
    pool.cut();
    expect(tally(await all)).toEqual({ failed: 2, not_allowed: 8 });
    expect(pool.down).toEqual([]);
    expect(one.connections.opened + other.connections.opened).toBe(2);
    one.behave({});
    other.behave({});
    expect(tally(await submitAll(10))).toEqual({ submitted: 10 });
  });

  it('is closed with a QUIT, and takes nothing more', async () => {
    const one = await relay();
    pool = testPool([setting(one)], 1);
    expect(tally(await submitAll(2))).toEqual({ submitted: 2 });
    await pool.close();
    await until('it was left', () => one.commands.includes('QUIT'));
    expect(tally(await submitAll(2))).toEqual({ not_allowed: 2 });
    expect(one.bodies.length).toBe(2);
  });
});
