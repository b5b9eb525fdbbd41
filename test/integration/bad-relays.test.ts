import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readRelay } from '../../src/delivery/email/relays/relay-setting.ts';
import type { Submission } from '../../src/delivery/email/submit-message.ts';
import { drop, type RawRelay, type RawStep, silence, startRawRelay, thenClose } from '../support/raw-relay.ts';
import { allowed, messageTo, type TestPool, testPool } from '../support/relay-pool.ts';

// What is silent for so long has failed, so that a test need not wait for minutes.
const QUICK = 'connectionTimeout=500&greetingTimeout=400&socketTimeout=300';

let relay: RawRelay;
let pool: TestPool;
afterEach(async () => {
  await pool.close();
  await relay.close();
});

type Steps = Parameters<RawRelay['behave']>[0];

async function start(steps: Steps, { size = 1, timeouts = '' } = {}): Promise<void> {
  relay = await startRawRelay({ steps });
  pool = testPool([readRelay(`${relay.url}?${timeouts}`)], size);
}

const submit = (to = 'taro@example.jp', mayGoOut = allowed): Promise<Submission> =>
  pool.submit(messageTo(to), mayGoOut);

/** Submits one message to a relay that does this; `asked` tells whether it ever asked for the body. */
async function submitTo(steps: Steps, timeouts = ''): Promise<{ submission: Submission; asked: boolean }> {
  await start(steps, { timeouts });
  let asked = false;
  const submission = await submit('taro@example.jp', async () => {
    asked = true;
    return true;
  });
  return { submission, asked };
}

const failed = (stage: string, reply: number | null = null) => ({ kind: 'failed', failure: { stage, reply } });

/** Writes these bytes one by one, every few milliseconds, for as long as there is a socket. */
const slowly = (text: string, everyMs: number) => (socket: Socket) => {
  const bytes = [...text];
  const timer = setInterval(() => {
    const next = bytes.shift();
    if (next === undefined || socket.destroyed) clearInterval(timer);
    else socket.write(next);
  }, everyMs);
};

const ENDLESS = 'x'.repeat(100_000);

describe('a relay that', () => {
  it('speaks garbage gets nothing', async () => {
    const { submission, asked } = await submitTo({ GREETING: 'HTTP/1.1 400 Bad Request\r\n\r\n' });
    expect(submission).toMatchObject(failed('connect'));
    expect(asked).toBe(false);
    expect(pool.down).toEqual([`127.0.0.1:${relay.port} EPROTOCOL`]);
    expect(relay.commands).toEqual([]);
  });

  it('greets byte by byte gets its message, as long as it does so in time', async () => {
    const { submission } = await submitTo({ GREETING: slowly('220 relay\r\n', 5) });
    expect(submission.kind).toBe('submitted');
  });

  it.each([
    ['the greeting', { GREETING: slowly(ENDLESS, 20) }, 'connect'],
    ['the reply to EHLO', { EHLO: slowly(ENDLESS, 20) }, 'connect'],
    ['the reply to MAIL', { MAIL: slowly(ENDLESS, 20) }, 'connect'],
  ] as const)('never ends %s is not waited for for ever', async (_what, steps, stage) => {
    const began = performance.now();
    const { submission, asked } = await submitTo(steps, QUICK);
    expect(submission).toMatchObject(failed(stage));
    expect(asked).toBe(false);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('never ends the reply to the final dot leaves it uncertain', async () => {
    const { submission } = await submitTo({ DOT: slowly(ENDLESS, 20) }, QUICK);
    expect(submission.kind).toBe('uncertain');
  });

  it('answers with ten megabytes without a line end is dropped before they are in memory', async () => {
    let written = 0;
    const flood = (socket: Socket): void => {
      const piece = Buffer.alloc(64 * 1024, 'x');
      const push = (): void => {
        while (!socket.destroyed && written < 10_000_000) {
          written += piece.length;
          if (!socket.write(piece)) return void socket.once('drain', push);
        }
      };
      push();
    };
    const { submission } = await submitTo({ MAIL: flood });
    expect(submission).toMatchObject(failed('connect'));
    // What is beyond the limit of a reply was on its way in the buffers of the two sockets.
    expect(written).toBeLessThan(10_000_000);
  });

  it.each<[string, RawStep, string]>([
    ['at the greeting', 'GREETING', 'connect'],
    ['at EHLO', 'EHLO', 'connect'],
    ['at MAIL', 'MAIL', 'connect'],
    ['at RCPT', 'RCPT', 'connect'],
    ['at DATA', 'DATA', 'connect'],
  ])('closes %s leaves it as safe to try again, and nothing was marked', async (_when, step, stage) => {
    const { submission, asked } = await submitTo({ [step]: drop });
    expect(submission).toMatchObject(failed(stage));
    expect(asked).toBe(false);
    expect(pool.down.length).toBe(1);
  });

  it('closes in the body leaves it as safe to try again', async () => {
    await start({ BODY: drop });
    const large = { ...messageTo('taro@example.jp'), pieces: [Buffer.alloc(20_000_000, 'line of the body\r\n')] };
    expect(await pool.submit(large, allowed)).toMatchObject(failed('body'));
    expect(relay.bodies).toEqual([]);
  });

  it.each<[string, Steps]>([
    ['closes after the final dot', { DOT: drop }],
    ['is silent after the final dot', { DOT: silence }],
    ['answers garbage to the final dot', { DOT: 'hello' }],
    ['answers another question after the final dot', { DOT: '354 go on' }],
    ['breaks off in the middle of its refusal', { DOT: (socket) => void socket.end('550 5.7.1 re') }],
  ])('%s leaves it uncertain', async (_what, steps) => {
    expect((await submitTo(steps, QUICK)).submission.kind).toBe('uncertain');
  });

  it('says 250 and closes has taken it', async () => {
    await start({ DOT: thenClose('250 2.0.0 taken') });
    expect(await submit()).toEqual({ kind: 'submitted', reply: '250 2.0.0 taken' });
    expect(pool.down).toEqual([]);
  });

  it('says 250 before the final dot has not taken it', async () => {
    await start({ BODY: '250 2.0.0 taken' });
    const large = { ...messageTo('taro@example.jp'), pieces: [Buffer.alloc(20_000_000, 'line of the body\r\n')] };
    expect(await pool.submit(large, allowed)).toMatchObject(failed('body'));
  });

  it('refuses in the middle of the body is not asked to go on in the middle of it', async () => {
    await start({ BODY: '552 5.3.4 too much' });
    const large = { ...messageTo('taro@example.jp'), pieces: [Buffer.alloc(20_000_000, 'line of the body\r\n')] };
    expect(await pool.submit(large, allowed)).toMatchObject({ ...failed('body', 552), connectionUsable: false });
    expect(relay.commands).not.toContain('RSET');
  });

  it('never says 354 is left, and nothing was marked', async () => {
    const { submission, asked } = await submitTo({ DATA: silence }, QUICK);
    expect(submission).toMatchObject(failed('connect'));
    expect(asked).toBe(false);
  });

  it('takes its time to judge a whole message is waited for longer than for anything else', async () => {
    await start({ DOT: (socket) => void setTimeout(() => socket.write('250 ok\r\n'), 600) }, { timeouts: QUICK });
    expect((await submit()).kind).toBe('submitted');
    relay.behave({ RCPT: silence });
    const began = performance.now();
    expect(await submit()).toMatchObject(failed('connect'));
    expect(performance.now() - began).toBeLessThan(1_200);
  });

  it('answers in many lines is understood', async () => {
    const { submission } = await submitTo({
      ...{ GREETING: '220-relay\r\n220-of ours\r\n220 welcome', EHLO: '250-relay\r\n250-SIZE 1000000\r\n250 HELP' },
      ...{ MAIL: '250-well\r\n250 yes', RCPT: '250-\r\n250 2.1.5 ok', DATA: '354-go\r\n354 on' },
      DOT: '250-2.0.0 taken\r\n250 2.0.0 as 42',
    });
    expect(submission).toEqual({ kind: 'submitted', reply: '250-2.0.0 taken\n250 2.0.0 as 42' });
    relay.behave({ RCPT: '550-5.1.1 this user\r\n550 5.1.1 is not known' });
    expect(await submit()).toMatchObject({ failure: { stage: 'rcpt', reply: 550, enhanced: '5.1.1' } });
  });

  it('closes after each message works as fast as it can connect, and counts as no failure', async () => {
    await start({ DOT: thenClose('250 2.0.0 taken') }, { size: 2 });
    const began = performance.now();
    const kinds = await Promise.all(Array.from({ length: 100 }, async () => (await submit()).kind));
    expect(new Set(kinds)).toEqual(new Set(['submitted']));
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(pool.down).toEqual([]);
    expect(relay.bodies.length).toBe(100);
    expect(relay.connections.opened).toBe(100);
  });

  it('takes a few messages on a connection and then says 421 counts as no failure', async () => {
    const carried = new WeakMap<Socket, number>();
    await start({
      MAIL(socket) {
        const n = (carried.get(socket) ?? 0) + 1;
        carried.set(socket, n);
        if (n > 3) socket.end('421 4.7.0 enough for one connection\r\n');
        else socket.write('250 ok\r\n');
      },
    });
    for (let i = 0; i < 10; i++) expect((await submit()).kind).toBe('submitted');
    expect(pool.down).toEqual([]);
    expect(relay.connections.opened).toBe(4);
  });
});

describe('what a relay is told', () => {
  it('begins anew, on the same connection, after it has refused a recipient', async () => {
    await start({ RCPT: '550 5.1.1 unknown' });
    expect(await submit()).toMatchObject(failed('rcpt', 550));
    relay.behave({});
    expect((await submit('hanako@example.jp')).kind).toBe('submitted');
    expect(relay.commands.slice(1).map((line) => line.split(' ')[0])).toEqual([
      ...['MAIL', 'RCPT', 'RSET', 'MAIL', 'RCPT', 'DATA'],
    ]);
    expect(relay.connections.opened).toBe(1);
  });

  it('asks for reports where it offers them', async () => {
    await start({ EHLO: '250-relay\r\n250 DSN' });
    await submit();
    expect(relay.commands.slice(1, 3)).toEqual([
      'MAIL FROM:<b+token@bounce.example.jp> RET=HDRS ENVID=token',
      'RCPT TO:<taro@example.jp> NOTIFY=FAILURE,DELAY ORCPT=rfc822;taro@example.jp',
    ]);
  });

  it('writes an address in a request for reports as RFC 3461 wants it', async () => {
    await start({ EHLO: '250-relay\r\n250 DSN' });
    await submit('taro..a+b@example.jp');
    expect(relay.commands[2]).toBe(
      'RCPT TO:<"taro..a+b"@example.jp> NOTIFY=FAILURE,DELAY ORCPT=rfc822;"taro..a+2Bb"@example.jp',
    );
  });

  it('asks for nothing where it offers nothing', async () => {
    await start({});
    await submit();
    expect(relay.commands.slice(1, 3)).toEqual(['MAIL FROM:<b+token@bounce.example.jp>', 'RCPT TO:<taro@example.jp>']);
  });

  it.each([
    ['taro..yamada@docomo.ne.jp', '<"taro..yamada"@docomo.ne.jp>'],
    ['hanako.@ezweb.ne.jp', '<"hanako."@ezweb.ne.jp>'],
    ['.jiro@docomo.ne.jp', '<".jiro"@docomo.ne.jp>'],
    ['"taro..yamada"@docomo.ne.jp', '<"taro..yamada"@docomo.ne.jp>'],
    ['a+b/c_d@example.jp', '<a+b/c_d@example.jp>'],
  ])('names %s as carriers want it', async (address, named) => {
    await start({});
    await submit(address);
    expect(relay.commands).toContain(`RCPT TO:${named}`);
  });

  it.each([
    ['a line break', 'taro\r\nRCPT TO:<x@example.jp>@example.jp'],
    ['a NUL', 'ta\0ro@example.jp'],
    ['a bracket', 'taro@example.jp> SIZE=1'],
    ['a space in its domain', 'taro@example.jp x'],
    ['400 characters', `${'a'.repeat(388)}@example.jp`],
    ['no domain', 'taro@'],
    ['letters that not every server takes', '太郎@example.jp'],
  ])('never holds an address with %s: that is about this recipient alone', async (_what, address) => {
    await start({});
    expect(await submit(address)).toMatchObject({
      kind: 'failed',
      failure: { stage: 'rcpt', reply: 553, enhanced: '5.1.3' },
    });
    expect((await submit()).kind).toBe('submitted');
    expect(relay.commands.filter((line) => line.startsWith('RCPT'))).toEqual(['RCPT TO:<taro@example.jp>']);
    expect(pool.down).toEqual([]);
    expect(relay.connections.opened).toBe(1);
  });

  it('is not given a message that is larger than it has said it takes', async () => {
    await start({ EHLO: '250-relay\r\n250 SIZE 10' });
    expect(await submit()).toMatchObject({ kind: 'failed', failure: { stage: 'data', reply: 552, enhanced: '5.3.4' } });
    expect(relay.commands.some((line) => line.startsWith('MAIL'))).toBe(false);
    expect([pool.down, pool.refused]).toEqual([[], []]);
  });
});
