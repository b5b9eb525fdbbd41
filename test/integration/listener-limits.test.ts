import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ListenerLimits } from '../../src/tracking/listener/limits.ts';
import type { RefusalReason } from '../../src/tracking/listener/refusals.ts';
import { type Listening, listening, shortReport } from '../support/listening.ts';
import type { SmtpClient } from '../support/smtp-client.ts';
import { until } from '../support/until.ts';

let there: Listening;

beforeAll(async () => {
  there = await listening();
});
afterEach(() => there.reset());
afterAll(() => there.close());

const start = async (limits: Partial<ListenerLimits>) => {
  const listener = await there.listen(limits);
  const refused = (reason: RefusalReason) => listener.counts().refusals.get(reason);
  return { listener, refused, client: await there.client(listener) };
};

/** A mail up to 354. */
async function openMail(client: SmtpClient, to: string): Promise<void> {
  for (const line of ['MAIL FROM:<>', `RCPT TO:<${to}>`, 'DATA']) expect(await client.say(line)).toMatch(/^[23]/);
}

describe('the SMTP listener limits', () => {
  it('the size that a sender announces', async () => {
    const { client, refused } = await start({ messageBytes: 1000 });
    expect(await client.say('MAIL FROM:<> SIZE=1001')).toMatch(/^552 5\.3\.4 /);
    expect(await client.say('MAIL FROM:<> SIZE=1000')).toMatch(/^250 /);
    expect(refused('too_large')).toBe(1);
  });

  it('the size of what comes, to the byte, and goes on with the next mail', async () => {
    const { client, refused, listener } = await start({ messageBytes: 1000 });
    // Two for the line end before the dot.
    expect(await client.mail(there.addressOf('1'), 'x'.repeat(999))).toMatch(/^552 5\.3\.4 /);
    expect(await client.mail(there.addressOf('1'), 'x'.repeat(998))).toMatch(/^250 /);
    expect(await there.reports()).toHaveLength(1);
    expect({ refused: refused('too_large'), held: listener.counts().heldBytes }).toEqual({ refused: 1, held: 0 });
  });

  it('how long a message may be that never ends', async () => {
    const { client, refused, listener } = await start({ messageBytes: 100_000 });
    await openMail(client, there.addressOf('1'));
    const line = `${'x'.repeat(998)}\r\n`;
    const endless = async (): Promise<void> => {
      while (!client.socket.destroyed && client.socket.writable) {
        client.write(line.repeat(20));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([endless(), client.reply().then((reply) => expect(reply).toMatch(/^(552 .*)?$/))]);
    expect(await there.reports()).toEqual([]);
    await until('its room is free', () => listener.counts().heldBytes === 0 && listener.counts().connections === 0);
    expect(refused('too_large')).toBe(1);
  });

  it('recipients of a mail', async () => {
    const { client } = await start({ recipients: 2 });
    await client.say('MAIL FROM:<>');
    for (const id of ['1', '2']) expect(await client.say(`RCPT TO:<${there.addressOf(id)}>`)).toMatch(/^250 /);
    expect(await client.say(`RCPT TO:<${there.addressOf('3')}>`)).toMatch(/^452 4\.5\.3 /);
    await client.say('DATA');
    client.write(shortReport());
    expect(await client.say('\r\n.')).toMatch(/^250 /);
    expect((await there.reports())[0]?.envelope).toEqual([there.addressOf('1'), there.addressOf('2')]);
  });

  it('connections of one address', async () => {
    const { client, listener, refused } = await start({ connectionsPerAddress: 2 });
    const second = await there.client(listener);
    const third = await there.client(listener, false);
    expect(await third.reply()).toBe('421 4.7.0 Too many connections');
    await third.ended;
    expect(refused('too_many_connections')).toBe(1);
    second.close();
    await until('a place is free', () => listener.counts().connections === 1);
    const fourth = await there.client(listener);
    expect(await fourth.mail(there.addressOf('1'), shortReport())).toMatch(/^250 /);
    expect(await client.say('NOOP')).toMatch(/^250 /);
  });

  it('connections in all', async () => {
    const { listener, refused } = await start({ connections: 1 });
    const second = await there.client(listener, false);
    expect(await second.reply()).toMatch(/^421 /);
    expect(refused('too_many_connections')).toBe(1);
  });

  it('mails of one connection', async () => {
    const { client, listener } = await start({ messagesPerConnection: 2 });
    for (const id of ['1', '2']) expect(await client.mail(there.addressOf(id), shortReport(id))).toMatch(/^250 /);
    expect(await client.say('MAIL FROM:<>')).toMatch(/^421 /);
    expect(await client.reply()).toBe('');
    const next = await there.client(listener);
    expect(await next.mail(there.addressOf('3'), shortReport('3'))).toMatch(/^250 /);
  });

  it('mails of one address in a minute', async () => {
    const { client, refused } = await start({ mailsPerMinute: 3 });
    const replies: string[] = [];
    // Whichever minute it is, one of seven in a row is the fourth of a minute.
    for (let id = 1; id <= 7; id++)
      replies.push(await client.mail(there.addressOf(String(id)), shortReport(String(id))));
    expect(replies.some((reply) => /^451 4\.3\.0 Too many mails/.test(reply))).toBe(true);
    expect(refused('too_many_mails')).toBeGreaterThan(0);
    expect((await there.reports()).length).toBe(replies.filter((reply) => reply.startsWith('250')).length);
  });

  it('mails for one of our addresses in a minute', async () => {
    const { client } = await start({ mailsPerRecipientAndMinute: 2 });
    const replies: string[] = [];
    for (let n = 1; n <= 5; n++) {
      replies.push(await client.mail(there.addressOf('1'), shortReport(String(n))));
      await client.say('RSET');
    }
    expect(replies.some((reply) => reply.startsWith('451 '))).toBe(true);
    expect(await client.mail(there.addressOf('2'), shortReport())).toMatch(/^250 /);
  });

  it('refused commands and recipients of one connection', async () => {
    const { client, refused } = await start({ errorsPerConnection: 3 });
    const said = ['DATA', 'MAIL TO:<>', 'RCPT TO:<a@b.example>', 'DATA'];
    const replies: string[] = [];
    for (const line of said) replies.push((await client.say(line)).slice(0, 3));
    expect(replies).toEqual(['503', '501', '503', '421']);
    expect(await client.reply()).toBe('');
    expect(refused('too_many_errors')).toBe(1);
  });

  it('talk in which no mail comes', async () => {
    const { client, refused } = await start({ repliesWithoutMessage: 10 });
    let replies = 0;
    while ((await client.say('NOOP')).startsWith('250 ')) replies += 1;
    expect(replies).toBeLessThan(10);
    expect(refused('too_many_errors')).toBe(1);
  });

  it('a line', async () => {
    const { client } = await start({});
    client.write('x'.repeat(5000));
    expect(await client.reply()).toMatch(/^421 /);
  });

  it('silence', async () => {
    const { client, listener } = await start({ idleMs: 300 });
    expect(await client.reply()).toMatch(/^421 4\.4\.2 Timeout/);
    const inBody = await there.client(listener);
    await openMail(inBody, there.addressOf('1'));
    inBody.write('half a');
    expect(await inBody.reply()).toMatch(/^421 4\.4\.2 Timeout/);
    await until('its room is free', () => listener.counts().heldBytes === 0);
    expect(await there.reports()).toEqual([]);
  });

  it('the time for a message that trickles in', async () => {
    const { client, refused, listener } = await start({ messageMs: 700, idleMs: 500 });
    await openMail(client, there.addressOf('1'));
    const drip = setInterval(() => client.write('x'), 50);
    try {
      expect(await client.reply()).toBe('421 4.4.2 Too slow');
      await client.ended;
    } finally {
      clearInterval(drip);
    }
    expect(refused('too_slow')).toBe(1);
    await until('its room is free', () => listener.counts().heldBytes === 0);
    expect(await there.reports()).toEqual([]);
  });

  it('bytes held of all connections together, and has room again afterwards', async () => {
    const { client, refused, listener } = await start({ heldBytes: 256 * 1024 });
    await openMail(client, there.addressOf('1'));
    client.write('x'.repeat(200_000));
    await until('the first holds its part', () => listener.counts().heldBytes >= 200_000);
    const second = await there.client(listener);
    expect(await second.mail(there.addressOf('2'), 'y'.repeat(100_000))).toBe('452 4.3.1 No room for this now');
    expect(refused('no_room')).toBe(1);
    expect(await client.say('\r\n.')).toMatch(/^250 /);
    expect(await second.mail(there.addressOf('2'), 'y'.repeat(100_000))).toMatch(/^250 /);
    expect(listener.counts().heldBytes).toBe(0);
  });

  it('nobody who is slow but comes to an end', async () => {
    const { client } = await start({});
    await openMail(client, there.addressOf('1'));
    for (const byte of shortReport('byte by byte')) {
      client.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.say('\r\n.')).toMatch(/^250 /);
    expect((await there.reports())[0]?.text).toBe(`${shortReport('byte by byte')}\r\n`);
  });

  it('a message as large as is announced is taken whole', async () => {
    const { client, listener } = await start({});
    const line = `${'x'.repeat(998)}\r\n`;
    const body = line.repeat((32 * 1024 * 1024) / line.length - 1);
    expect(await client.mail(there.addressOf('1'), body)).toMatch(/^250 /);
    expect((await there.reports())[0]?.text.length).toBe(body.length + 2);
    expect(listener.counts().heldBytes).toBe(0);
  });
});
