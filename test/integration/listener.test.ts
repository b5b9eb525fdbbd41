import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listenerGauges } from '../../src/tracking/listener/listener-gauges.ts';
import { type Listening, listening, shortReport } from '../support/listening.ts';
import { until } from '../support/until.ts';

let there: Listening;

beforeAll(async () => {
  there = await listening();
});
afterEach(() => there.reset());
afterAll(() => there.close());

const start = async (parts: Parameters<Listening['listen']>[0] = {}) => {
  const listener = await there.listen(parts);
  return { listener, client: await there.client(listener) };
};

describe('the SMTP listener', () => {
  it('greets with its domain, and offers what senders of reports need', async () => {
    const listener = await there.listen();
    const client = await there.client(listener, false);
    expect(await client.reply()).toBe('220 bounce.example.jp ESMTP');
    const offer = await client.say('EHLO mx.example.com');
    expect(offer).toContain(`250 SIZE ${32 * 1024 * 1024}`);
    for (const word of ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES']) expect(offer).toContain(word);
    expect(offer).not.toMatch(/AUTH|STARTTLS|XCLIENT|XFORWARD/);
    expect(there.logged).toContainEqual({
      ...{ event: 'listener.started', host: '127.0.0.1', port: listener.port, tls: false },
    });
  });

  it('has stored a report, byte for byte and sealed, when it says 250', async () => {
    const { client } = await start();
    const body = Buffer.from('Subject: \x1b$B$3\x1b(B\r\n\r\n\xff\xfe\x80 8 bits\r\n..a dot\r\n.', 'latin1');
    const stuffed = Buffer.from(body.toString('latin1').replaceAll('\r\n.', '\r\n..'), 'latin1');
    const address = there.addressOf('12');
    expect(await client.mail(address, stuffed)).toMatch(/^250 2\.6\.0 /);
    expect(await there.reports()).toEqual([
      { envelope: [address], text: `${body.toString('latin1')}\r\n`, waiting: true },
    ]);
    expect(there.hints).toEqual(['read-reports']);
    expect(there.logged.filter(({ event }) => event === 'listener.stored')).toHaveLength(1);
  });

  it('takes tokens and domain in any case, and writes them in lower case', async () => {
    const { client } = await start();
    const address = there.addressOf('987654321');
    expect(await client.mail(address.toUpperCase(), shortReport())).toMatch(/^250 /);
    expect((await there.reports()).map(({ envelope }) => envelope)).toEqual([[address]]);
  });

  it('takes mail for its postmaster', async () => {
    const { client } = await start();
    for (const to of ['Postmaster', 'postmaster@bounce.example.jp']) {
      expect(await client.mail(to, shortReport(to)), to).toMatch(/^250 /);
    }
    const envelopes = (await there.reports()).map(({ envelope }) => envelope);
    expect(envelopes).toEqual([['postmaster@bounce.example.jp'], ['postmaster@bounce.example.jp']]);
  });

  it.each([
    '<"taro..yamada"@docomo.ne.jp> BODY=8BITMIME',
    '<.taro.@docomo.ne.jp>',
    '<"taro@yamada"@example.jp>',
    '<"taro yamada"@example.jp> SIZE=100',
    '<> RET=HDRS ENVID= AUTH=<> BODY=BINARYMIME REQUIRETLS SIZE=many X-ODD=1 X-ODD=2',
    '<太郎@example.jp> SMTPUTF8',
    ' <> ',
    'taro@example.jp',
  ])('loses no report because of its sender or parameters: %s', async (from) => {
    const { client } = await start();
    const to = `${there.addressOf('5')}> NOTIFY=SOMETIMES ORCPT=<x`;
    expect(await client.mail(to, shortReport(), from)).toMatch(/^250 /);
    expect(await there.reports()).toHaveLength(1);
  });

  it('keeps once what comes twice, as when its 250 was not heard', async () => {
    const { client, listener } = await start();
    for (let i = 0; i < 3; i++) expect(await client.mail(there.addressOf('5'), shortReport())).toMatch(/^250 /);
    expect(await client.mail(there.addressOf('6'), shortReport())).toMatch(/^250 /);
    expect(await there.reports()).toHaveLength(2);
    expect([...listener.counts().reports]).toEqual([
      ['stored', 2],
      ['repeated', 2],
    ]);
  });

  it('relays nothing and knows nobody else', async () => {
    const { client, listener } = await start();
    const token = there.addressOf('5').split('@')[0];
    const strangers = ['taro@example.jp', `${token}@example.jp`, 'taro@bounce.example.jp', 'root'];
    for (const to of strangers) {
      expect(await client.mail(to, shortReport()), to).toBe('550 5.1.1 No such address here');
      await client.say('RSET');
    }
    expect(await there.reports()).toEqual([]);
    expect(listener.counts().refusals.get('unknown_address')).toBe(strangers.length);
  });

  it('answers a thousand forged tokens like any unknown address; they change nothing and are counted', async () => {
    const { listener } = await start();
    for (let sent = 0; sent < 1000; ) {
      const client = await there.client(listener);
      await client.say('MAIL FROM:<>');
      for (let i = 0; i < 20; i++, sent++) {
        const forged = `b+${'a'.repeat(14)}${there.addressOf(String(sent)).slice(16)}`;
        expect(await client.say(`RCPT TO:<${forged}>`)).toBe('550 5.1.1 No such address here');
      }
      client.close();
    }
    expect(await there.reports()).toEqual([]);
    expect(there.hints).toEqual([]);
    expect(listener.counts().refusals.get('forged_token')).toBe(1000);
    const lines = there.logged.filter(({ event }) => event === 'listener.refused');
    // Once a minute at most, and no address in it.
    expect(lines.length).toBeLessThan(3);
    expect(lines[0]).toEqual({ event: 'listener.refused', reason: 'forged_token', count: 1 });
  });

  it('takes a report for the address that is ours beside one that is not', async () => {
    const { client } = await start();
    await client.say('MAIL FROM:<>');
    expect(await client.say('RCPT TO:<nobody@bounce.example.jp>')).toMatch(/^550 /);
    expect(await client.say(`RCPT TO:<${there.addressOf('8')}>`)).toMatch(/^250 /);
    expect(await client.say('DATA')).toMatch(/^354 /);
    client.write(shortReport());
    expect(await client.say('\r\n.')).toMatch(/^250 /);
    expect((await there.reports()).map(({ envelope }) => envelope)).toEqual([[there.addressOf('8')]]);
  });

  it('takes mails one after another that were written without waiting, and the first command of the next with them', async () => {
    const { client } = await start();
    const mail = (id: number): string =>
      `MAIL FROM:<>\r\nRCPT TO:<${there.addressOf(String(id))}>\r\nDATA\r\n${shortReport(`number ${id}`)}\r\n.\r\n`;
    client.write(`${[1, 2, 3].map(mail).join('')}QUIT\r\n`);
    const replies: string[] = [];
    for (let reply = await client.reply(); reply !== ''; reply = await client.reply()) replies.push(reply.slice(0, 3));
    expect(replies).toEqual([...Array(3).fill(['250', '250', '354', '250']).flat(), '221']);
    expect((await there.reports()).map(({ text }) => text.trim().at(-1))).toEqual(['1', '2', '3']);
  });

  it('lets nobody hide a second mail in a first by a bare line end', async () => {
    const { client } = await start();
    const hidden = `one\n.\nMAIL FROM:<>\r\nRCPT TO:<${there.addressOf('2')}>\r\nDATA\r\ntwo`;
    expect(await client.mail(there.addressOf('1'), hidden)).toMatch(/^250 /);
    expect(await there.reports()).toHaveLength(1);
  });

  it('takes from many at once', async () => {
    const { listener } = await start({ connectionsPerAddress: 60 });
    const one = async (id: number): Promise<string> => {
      const client = await there.client(listener);
      return await client.mail(there.addressOf(String(id)), shortReport(`number ${id}`));
    };
    const replies = await Promise.all(Array.from({ length: 50 }, (_, i) => one(i + 1)));
    expect(replies.filter((reply) => !reply.startsWith('250 '))).toEqual([]);
    expect(await there.reports()).toHaveLength(50);
    expect(listener.counts().heldBytes).toBe(0);
  });

  it('shows its figures to Prometheus', async () => {
    const { listener, client } = await start();
    await client.mail(there.addressOf('5'), shortReport());
    const figures = Object.fromEntries(
      await Promise.all(listenerGauges(listener.counts).map(async ({ name, read }) => [name, await read()])),
    );
    expect(figures.owabi_listener_reports_total).toContainEqual({ labels: { outcome: 'stored' }, value: 1 });
    expect(figures.owabi_listener_refusals_total).toContainEqual({ labels: { reason: 'too_large' }, value: 0 });
    expect(figures.owabi_listener_connections).toEqual([{ labels: {}, value: 1 }]);
    expect(figures.owabi_listener_held_bytes).toEqual([{ labels: {}, value: 0 }]);
  });

  it('does not take a browser for a mail system', async () => {
    const { client, listener } = await start();
    expect(await client.say('POST / HTTP/1.1')).toMatch(/^421 /);
    expect(await client.reply()).toBe('');
    const early = await there.client(listener, false);
    early.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await early.ended;
    expect(await there.reports()).toEqual([]);
    await until('nobody is connected', () => listener.counts().connections === 0);
  });

  it.each(['AUTH PLAIN AGEAYg==', 'STARTTLS', 'XCLIENT NAME=x', 'WIZ x', 'BDAT 5 LAST', 'TURN'])(
    'does not know %s',
    async (command) => {
      const { client } = await start();
      expect(await client.say(command)).toMatch(/^50[02] /);
      expect(await client.mail(there.addressOf('5'), shortReport())).toMatch(/^250 /);
    },
  );
});
