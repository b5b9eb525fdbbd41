import { connect, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Sink, type SinkMoment, type SinkOptions, startSink } from '../support/smtp-sink.ts';

let sink: Sink | undefined;
const sockets: Socket[] = [];

async function start(options: SinkOptions = {}): Promise<Sink> {
  sink = await startSink(options);
  return sink;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await sink?.close();
  sink = undefined;
});

/** A telnet that remembers what it heard. */
function dial(port: number): { send(text: string): void; heard(): string; closed(): boolean } {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  sockets.push(socket);
  let text = '';
  let closed = false;
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  return { send: (line) => socket.write(line), heard: () => text, closed: () => closed };
}

function send(to: string, relay: Sink) {
  const transport = createTransport({ host: '127.0.0.1', port: relay.port, secure: false, ignoreTLS: true });
  const mail = { from: 'a@example.com', to, subject: '件名', text: '.dot\n本文', messageId: '<1@example.com>' };
  return transport.sendMail({ ...mail, envelope: { from: 'a@example.com', to } });
}

const at = (stage: SinkMoment['stage'], behaviour: ReturnType<NonNullable<SinkOptions['behaviour']>>) => ({
  behaviour: (moment: SinkMoment) => (moment.stage === stage ? behaviour : 'accept'),
});

describe('the test sink', () => {
  it('takes a mail and remembers it', async () => {
    const relay = await start({ keepRaw: true });
    await send('taro..yamada@example.jp', relay);
    const [message] = relay.accepted();
    expect(message).toMatchObject({
      to: 'taro..yamada@example.jp',
      from: 'a@example.com',
      messageId: '<1@example.com>',
    });
    expect(message?.raw?.toString()).toContain('Subject: =?UTF-8?');
    expect(relay.received()).toHaveLength(1);
    expect(relay.attemptsFor('taro..yamada@example.jp')).toBe(1);
    expect(relay.connections().opened).toBe(1);
  });

  it('answers pipelined commands in order and several mails on one connection', async () => {
    const relay = await start();
    const line = dial(relay.port);
    const mail = 'MAIL FROM:<>\r\nRCPT TO:<a@example.jp>\r\nRCPT TO:<b@example.jp>\r\nDATA\r\n';
    line.send(`EHLO me\r\n${mail}Message-Id: <x>\r\n\r\n..\r\n.\r\n${mail}.\r\nNOOP\r\nRSET\r\nVRFY a\r\nQUIT\r\n`);
    await vi.waitFor(() => expect(line.closed()).toBe(true));
    const codes = line
      .heard()
      .split('\r\n')
      .filter((text) => /^\d{3} /.test(text));
    expect(codes.map((text) => text.slice(0, 3)).join(' ')).toBe(
      '220 250 250 250 250 354 250 250 250 250 354 250 250 250 252 221',
    );
    expect(relay.accepted().map((message) => [message.messageId, message.size])).toEqual([
      ['<x>', 22],
      ['', 0],
    ]);
    expect(relay.accepted()[0]?.recipients).toEqual(['a@example.jp', 'b@example.jp']);
  });

  it.each(['connect', 'mail', 'rcpt', 'data', 'dot'] as const)('refuses at %s with the given reply', async (stage) => {
    const relay = await start(at(stage, { reply: '450 4.2.0 Later' }));
    await expect(send('a@example.jp', relay)).rejects.toMatchObject({ responseCode: 450 });
    expect(relay.accepted()).toHaveLength(0);
    expect(relay.received()).toHaveLength(stage === 'dot' ? 1 : 0);
  });

  it.each(['connect', 'mail', 'rcpt', 'data', 'body', 'dot'] as const)(
    'hangs up without a word at %s',
    async (stage) => {
      const relay = await start(at(stage, 'drop'));
      await expect(send('a@example.jp', relay)).rejects.toThrow();
      expect(relay.accepted()).toHaveLength(0);
      expect(relay.received()).toHaveLength(stage === 'dot' ? 1 : 0);
    },
  );

  it('says 250 and hangs up', async () => {
    const relay = await start(at('dot', { reply: '250 2.0.0 OK', thenDrop: true }));
    await send('a@example.jp', relay);
    expect(relay.accepted()).toHaveLength(1);
  });

  it('hangs after the dot until it is closed', async () => {
    const relay = await start(at('dot', 'hang'));
    const line = dial(relay.port);
    line.send('EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.jp>\r\nDATA\r\nx\r\n.\r\n');
    await vi.waitFor(() => expect(relay.received()).toHaveLength(1));
    expect(relay.accepted()).toHaveLength(0);
    expect(line.heard()).toMatch(/354 [^\n]*\n$/);
    await relay.close();
    await vi.waitFor(() => expect(line.closed()).toBe(true));
  });

  it('counts the attempts for one address, so that a test can refuse the first and take the second', async () => {
    const relay = await start({
      behaviour: ({ stage, attemptForAddress }) =>
        stage === 'rcpt' && attemptForAddress === 1 ? { reply: '451 4.2.0 Later' } : 'accept',
    });
    await expect(send('a@example.jp', relay)).rejects.toMatchObject({ responseCode: 451, command: 'RCPT TO' });
    await send('a@example.jp', relay);
    expect(relay.attemptsFor('a@example.jp')).toBe(2);
    expect(relay.accepted()).toHaveLength(1);
  });

  it('answers late, and counts as accepted only what it really answered', async () => {
    const relay = await start(at('dot', { delayMs: 50, thenDo: 'accept' }));
    const line = dial(relay.port);
    line.send('EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.jp>\r\nDATA\r\nx\r\n.\r\nNOOP\r\n');
    await vi.waitFor(() => expect(relay.received()).toHaveLength(1));
    expect(relay.accepted()).toHaveLength(0);
    await vi.waitFor(() => expect(relay.accepted()).toHaveLength(1));
    await vi.waitFor(() => expect(line.heard().match(/^250 2/gm)).toHaveLength(4));
  });

  it('refuses what no mail client says, and a browser at once', async () => {
    const relay = await start();
    const line = dial(relay.port);
    line.send('RCPT TO:<a@example.jp>\r\nDATA\r\nMAIL FROM:<a@example.jp> X=1\r\nFOO\r\nMAIL a\r\n');
    await vi.waitFor(() => expect(line.heard()).toMatch(/220 .*503 .*503 .*555 .*502 .*501 /s));
    const browser = dial(relay.port);
    browser.send('POST / HTTP/1.1\r\nHost: x\r\n\r\nMAIL FROM:<a@example.jp>\r\n');
    await vi.waitFor(() => expect(browser.closed()).toBe(true));
    expect(browser.heard()).not.toContain('250');
  });

  it('refuses a message over the announced size and takes the next one', async () => {
    const relay = await start();
    const line = dial(relay.port);
    const start2 = 'MAIL FROM:<>\r\nRCPT TO:<a@example.jp>\r\nDATA\r\n';
    line.send(`EHLO me\r\nMAIL FROM:<> SIZE=99999999\r\n${start2}`);
    await vi.waitFor(() => expect(line.heard()).toContain('354'));
    line.send(`${`${'x'.repeat(998)}\r\n`.repeat(27_000)}.\r\n${start2}.\r\n`);
    await vi.waitFor(() => expect(relay.accepted()).toHaveLength(1), { timeout: 10_000 });
    expect(line.heard().match(/^552 5\.3\.4/gm)).toHaveLength(2);
  });
});
