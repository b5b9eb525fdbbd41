import type { Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { drop, startImapServer, type TestImapServer } from '../support/imap-server.ts';
import { reportRows, type TestMailbox } from '../support/mailbox.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let reports: ReturnType<typeof reportRows>;
let server: TestImapServer;
const mailboxes: TestMailbox[] = [];
beforeAll(async () => {
  database = await testDatabase();
  reports = reportRows(database.db);
});
beforeEach(async () => {
  await reports.clear();
  server = await startImapServer();
});
afterEach(async () => {
  server.whim = () => null;
  await Promise.all(mailboxes.splice(0).map((mailbox) => mailbox.stop()));
  await server.close();
});
afterAll(() => database.close());

const PROCESSED = 'Owabi processed';
const TOO_LARGE = 'Owabi too large';
const MAIL = (n: number | string) => `Subject: report ${n}\r\n\r\nDelivery has failed.\r\n`;

function open(options: Parameters<typeof reports.open>[1] = {}): TestMailbox {
  const mailbox = reports.open(server.url, options);
  mailboxes.push(mailbox);
  return mailbox;
}
async function startOther(options: Parameters<typeof startImapServer>[0]): Promise<void> {
  await server.close();
  server = await startImapServer(options);
}
const isEmpty = () => server.bodies().length === 0;
const count = (pattern: RegExp): number => server.commands.filter((command) => pattern.test(command)).length;

describe('a mailbox', () => {
  it('is emptied: each report is kept, byte for byte, and then moved, never deleted', async () => {
    const mails = [MAIL(1), MAIL(2), `Subject: =?ISO-2022-JP?B?GyRCRX5DZBsoQg==?=\r\n\r\n\0\xff`];
    for (const mail of mails) server.deliver(mail);
    const mailbox = open();
    await until('the mailbox is empty', isEmpty);
    expect(await reports.all()).toEqual(mails);
    expect(server.bodies(PROCESSED)).toEqual(mails);
    await until('it is read', () => mailbox.isRead());
    expect(mailbox.told('mailbox.read')).toEqual([{ event: 'mailbox.read', stored: 3, repeated: 0 }]);
  });

  it('gives its mail as it comes in, and is asked meanwhile only once in a while', async () => {
    const mailbox = open();
    await until('it idles', () => server.commands.at(-1) === 'IDLE');
    expect(mailbox.isRead()).toBe(true);
    for (const n of [1, 2, 3]) {
      server.deliver(MAIL(n));
      await until('it is kept', async () => (await reports.all()).length === n, 5_000);
    }
    await until('it is moved', () => server.bodies(PROCESSED).length === 3);
  });

  it.each([
    ['that does not know IDLE', ['MOVE', 'UIDPLUS']],
    ['that has forgotten who idles', ['IDLE', 'MOVE', 'UIDPLUS']],
  ])('of a server %s is looked at again and again', async (_what, capabilities) => {
    await startOther({ capabilities });
    server.tellsIdlers = false;
    open({ pollMs: 100 });
    await until('it was looked at', () => count(/^UID SEARCH/) > 0);
    server.deliver(MAIL(1));
    await until('it is moved', () => server.bodies(PROCESSED).length === 1);
  });

  it('with more than one group in it is read to its end', async () => {
    const mails = Array.from({ length: 120 }, (_, n) => MAIL(n));
    for (const mail of mails) server.deliver(mail);
    open();
    await until('the mailbox is empty', isEmpty);
    expect(await reports.all()).toEqual(mails);
    expect(server.bodies(PROCESSED)).toEqual(mails);
  });

  it('that two processes read gives each report once', async () => {
    const mails = Array.from({ length: 60 }, (_, n) => MAIL(n));
    for (const mail of mails) server.deliver(mail);
    const both = [open(), open()];
    await until('the mailbox is empty', () => isEmpty() && both.every((one) => one.isRead()));
    expect((await reports.all()).toSorted()).toEqual(mails.toSorted());
    expect(server.bodies(PROCESSED).toSorted()).toEqual(mails.toSorted());
  });
});

describe('a server without MOVE', () => {
  it.each([
    ['that expunges single messages', ['UIDPLUS'], ['left'], ['left', MAIL(1)]],
    ['that would expunge all that is marked', [], ['left', MAIL(1)], [MAIL(1)]],
  ])('%s loses nothing that others have marked as deleted', async (_what, capabilities, remain, processed) => {
    await startOther({ capabilities: ['IDLE', ...capabilities] });
    const marked = server.deliver('left');
    const folder = server.folders.get('INBOX');
    folder?.messages[0]?.flags.add('\\DELETED');
    server.deliver(MAIL(1));
    const mailbox = open({ pollMs: 50 });
    const all = () => server.folders.get('INBOX')?.messages ?? [];
    const rounds = () => count(/^UID SEARCH/);
    await until('several rounds', () => mailbox.isRead() && rounds() > 4);
    if (capabilities.length > 0) {
      // Marked, and still there: nobody has taken it away, so it counts.
      expect(await reports.all()).toEqual(['left', MAIL(1)]);
      expect(all()).toEqual([]);
    } else {
      expect(await reports.all()).toEqual([MAIL(1)]);
      expect(all().map(({ bytes }) => bytes.toString())).toEqual(remain);
    }
    expect(marked).toBe(1);
    expect(server.bodies(PROCESSED)).toEqual(processed);
    expect(count(/^EXPUNGE/)).toBe(0);
  });
});

describe('when the server fails', () => {
  it('the service starts without it, and reads when it is there', async () => {
    const { port } = server;
    server.deliver(MAIL(1));
    const { folders } = server;
    await server.close();
    const mailbox = open();
    await until('tried twice', () => mailbox.told('mailbox.down').length >= 2);
    expect(mailbox.told('mailbox.down')[0]).toMatchObject({ mailbox: `127.0.0.1:${port}`, code: 'ECONNREFUSED' });
    expect(mailbox.isRead()).toBe(false);
    server = await startImapServer({ port });
    for (const [name, folder] of folders) server.folders.set(name, folder);
    await until('it is moved', () => server.bodies(PROCESSED).length === 1);
    expect(await reports.all()).toEqual([MAIL(1)]);
  });

  it('waits longer and longer, and starts again from the shortest wait', async () => {
    server.whim = (command) => (command.startsWith('SELECT') ? drop : null);
    const mailbox = open();
    await until('tried four times', () => mailbox.told('mailbox.down').length >= 4);
    expect(mailbox.told('mailbox.down').map(({ waitMs }) => waitMs)).toMatchObject([20, 40, 80, 160]);
    server.whim = () => null;
    await until('it is read', () => mailbox.isRead());
    server.drop();
    await until('told', () => mailbox.events.at(-1)?.event === 'mailbox.down' || !mailbox.isRead());
    await until('it is read again', () => mailbox.isRead());
    expect(mailbox.told('mailbox.down').at(-1)).toMatchObject({ waitMs: 20, code: 'closed' });
  });

  it('a refused login is told as such, without the account, and tried only now and then', async () => {
    server.password = 'another';
    const mailbox = open({ refusedWaitMs: 300 });
    await until('tried twice', () => mailbox.told('mailbox.login_refused').length >= 2);
    expect(mailbox.told('mailbox.login_refused')[0]).toMatchObject({ code: 'AUTHENTICATIONFAILED', waitMs: 300 });
    expect(mailbox.told('mailbox.login_refused')[1]).toMatchObject({ waitMs: 600 });
    expect(mailbox.told('mailbox.down')).toEqual([]);
    const told = JSON.stringify(mailbox.events, (_key, value: unknown) => (value instanceof Error ? '' : value));
    expect(told).not.toMatch(/bounces|example|secret/);
    server.password = 'secret';
    await until('it is read', () => mailbox.isRead());
  });

  it('while it is only unwell, it is not the password that is blamed', async () => {
    server.whim = (command) => (/^AUTHENTICATE/.test(command) ? 'NO [UNAVAILABLE] later' : null);
    const mailbox = open();
    await until('told', () => mailbox.told('mailbox.down').length > 0);
    expect(mailbox.told('mailbox.login_refused')).toEqual([]);
  });

  it('between keeping and moving, nothing is kept twice', async () => {
    for (const n of [1, 2]) server.deliver(MAIL(n));
    let cuts = 0;
    server.whim = (command) => (command.startsWith('UID MOVE') && cuts++ < 3 ? drop : null);
    const mailbox = open();
    await until('the mailbox is empty', isEmpty);
    expect(await reports.all()).toEqual([MAIL(1), MAIL(2)]);
    expect(server.bodies(PROCESSED)).toEqual([MAIL(1), MAIL(2)]);
    expect(mailbox.told('mailbox.read')).toEqual([{ event: 'mailbox.read', stored: 2, repeated: 0 }]);
  });

  it('between keeping and moving, another process finds what is kept and moves it', async () => {
    for (const n of [1, 2]) server.deliver(MAIL(n));
    server.whim = (command) => (/^(UID MOVE|CREATE)/.test(command) ? drop : null);
    const first = open();
    await until('kept', () => first.told('mailbox.read').length > 0);
    await first.stop();
    server.whim = () => null;
    const second = open();
    await until('the mailbox is empty', isEmpty);
    expect(await reports.all()).toEqual([MAIL(1), MAIL(2)]);
    expect(second.told('mailbox.read')).toEqual([{ event: 'mailbox.read', stored: 0, repeated: 2 }]);
  });

  it('to move, all is kept once, told, and downloaded once', async () => {
    for (const n of [1, 2, 3]) server.deliver(MAIL(n));
    server.whim = (command) => (/^UID MOVE/.test(command) ? 'NO [OVERQUOTA] full' : null);
    const mailbox = open({ pollMs: 50 });
    await until('several rounds', () => mailbox.told('mailbox.not_moved').length > 2);
    expect(await reports.all()).toHaveLength(3);
    expect(count(/^UID FETCH/)).toBe(3);
    expect(server.bodies()).toHaveLength(3);
    expect(mailbox.told('mailbox.not_moved')[0]).toEqual({ event: 'mailbox.not_moved', reports: 3, tooLarge: 0 });
    server.whim = () => null;
    await until('it is moved', isEmpty);
  });

  it('to remember its numbers, other mail under the same numbers is kept too', async () => {
    server.deliver(MAIL('before'));
    server.whim = (command) => (/^UID MOVE/.test(command) ? 'NO not now' : null);
    const mailbox = open({ pollMs: 50 });
    await until('kept', () => mailbox.told('mailbox.read').length > 0);
    server.folders.set('INBOX', { uidValidity: 7, nextUid: 1, messages: [] });
    server.deliver(MAIL('after'));
    await until('kept', async () => (await reports.all()).length === 2);
    expect(await reports.all()).toEqual([MAIL('before'), MAIL('after')]);
  });

  it('and gives old numbers to other mail, against RFC 9051, that mail is kept too', async () => {
    server.deliver(MAIL('before'));
    open({ pollMs: 50 });
    await until('it is moved', isEmpty);
    const uidValidity = server.folders.get('INBOX')?.uidValidity ?? 0;
    server.folders.set('INBOX', { uidValidity, nextUid: 1, messages: [] });
    server.deliver(MAIL('after'));
    await until('it is moved', () => server.bodies(PROCESSED).length === 2);
    expect(await reports.all()).toEqual([MAIL('before'), MAIL('after')]);
  });
});

describe('one message', () => {
  it('that vanishes holds up no other', async () => {
    for (const n of [1, 2, 3]) server.deliver(MAIL(n));
    server.whim = (command) => {
      const folder = server.folders.get('INBOX');
      if (command.startsWith('UID FETCH 2 ') && folder)
        folder.messages = folder.messages.filter(({ uid }) => uid !== 2);
      return null;
    };
    const mailbox = open();
    await until('the mailbox is empty', isEmpty);
    expect(await reports.all()).toEqual([MAIL(1), MAIL(3)]);
    expect(mailbox.events.map(({ event }) => event)).toEqual(['mailbox.open', 'mailbox.read']);
  });

  it('that is too large is put aside unread, and told once', async () => {
    const limit = 100_000;
    server.deliver(MAIL(1));
    server.deliver('x'.repeat(limit + 1));
    server.deliver('y'.repeat(limit));
    const mailbox = open({ mostBytes: limit, pollMs: 50 });
    await until('the mailbox is empty', isEmpty);
    expect(await reports.all()).toEqual([MAIL(1), 'y'.repeat(limit)]);
    expect(server.bodies(TOO_LARGE)).toEqual(['x'.repeat(limit + 1)]);
    expect(mailbox.told('mailbox.report_too_large')).toEqual([
      { event: 'mailbox.report_too_large', uid: 2, bytes: limit + 1 },
    ]);
  });

  it.each([
    ['breaks the connection', drop],
    [
      'is sent whole where a part was asked for',
      (socket: Socket) => void socket.write(`* 1 FETCH (UID 1 BODY[] {${1e9}}\r\n`),
    ],
  ])('that %s holds up no other', async (_what, act) => {
    server.deliver('Subject: poison\r\n\r\n');
    for (const n of [2, 3]) server.deliver(MAIL(n));
    server.whim = (command) => (command.startsWith('UID FETCH 1 ') ? act : null);
    const mailbox = open();
    await until('the others are moved', () => server.bodies(PROCESSED).length === 2);
    await until('it was tried again', () => mailbox.told('mailbox.down').length > 1);
    expect(await reports.all()).toEqual([MAIL(2), MAIL(3)]);
    expect(server.bodies()).toHaveLength(1);
  });

  it('that the server does not give out stays, is told once, and holds up no other', async () => {
    for (const n of [1, 2, 3]) server.deliver(MAIL(n));
    server.whim = (command) => (command.startsWith('UID FETCH 2 ') ? 'NO [SERVERBUG] cannot' : null);
    const mailbox = open({ pollMs: 50 });
    await until('several rounds', () => count(/^UID FETCH 2 /) > 3);
    expect(await reports.all()).toEqual([MAIL(1), MAIL(3)]);
    expect(server.bodies()).toEqual([MAIL(2)]);
    expect(mailbox.told('mailbox.report_unreadable')).toEqual([
      { event: 'mailbox.report_unreadable', uid: 2, code: 'NO' },
    ]);
    server.whim = () => null;
    await until('the mailbox is empty', isEmpty);
  });

  it('that cannot be kept stays in the mailbox and holds up no other', async () => {
    const poison = `${MAIL(1)}poison`;
    const bytes = Buffer.byteLength(poison);
    await sql`alter table reports add constraint poison check (bytes <> ${sql.lit(bytes)})`.execute(database.db);
    server.deliver(poison);
    for (const n of [2, 3]) server.deliver(MAIL(n));
    const mailbox = open();
    await until('the others are moved', () => server.bodies(PROCESSED).length === 2);
    expect(server.bodies()).toEqual([poison]);
    expect(mailbox.told('mailbox.down')[0]).toMatchObject({ code: '23514' });
    await sql`alter table reports drop constraint poison`.execute(database.db);
    await until('it is moved too', isEmpty);
    expect(await reports.all()).toEqual([MAIL(2), MAIL(3), poison]);
  });
});

describe('while the database is away', () => {
  it('everything stays in the mailbox', async () => {
    await sql`alter table reports rename to reports_away`.execute(database.db);
    for (const n of [1, 2]) server.deliver(MAIL(n));
    const mailbox = open();
    await until('tried', () => mailbox.told('mailbox.down').length >= 2);
    expect(server.bodies()).toHaveLength(2);
    expect(server.bodies(PROCESSED)).toEqual([]);
    expect(mailbox.isRead()).toBe(false);
    await sql`alter table reports_away rename to reports`.execute(database.db);
    await until('the mailbox is empty', isEmpty);
    expect((await reports.all()).toSorted()).toEqual([MAIL(1), MAIL(2)]);
  });
});

describe('over a network', () => {
  it('the password is not told to a server that does not encrypt', async () => {
    const mailbox = open({ isLoopback: false });
    await until('told', () => mailbox.told('mailbox.down').length > 0);
    expect(count(/LOGIN|AUTHENTICATE/)).toBe(0);
  });

  it('nor to one whose certificate nobody knows', async () => {
    await startOther({ tls: await makeCertificate(30) });
    const mailbox = open({ isLoopback: false });
    await until('told', () => mailbox.told('mailbox.down').length > 0);
    expect(mailbox.told('mailbox.down')[0]).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(count(/LOGIN|AUTHENTICATE/)).toBe(0);
  });

  it('imaps:// speaks TLS from the first byte', async () => {
    await startOther({ tls: { ...(await makeCertificate(30)), implicit: true } });
    server.deliver(MAIL(1));
    open();
    await until('it is moved', () => server.bodies(PROCESSED).length === 1);
    expect(count(/^STARTTLS/)).toBe(0);
    const demanding = open({ isLoopback: false });
    await until('told', () => demanding.told('mailbox.down').length > 0);
    expect(demanding.told('mailbox.down')[0]).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('STARTTLS comes before the login', async () => {
    await startOther({ tls: await makeCertificate(30) });
    server.deliver(MAIL(1));
    open();
    await until('it is moved', () => server.bodies(PROCESSED).length === 1);
    const first = (pattern: RegExp) => server.commands.findIndex((command) => pattern.test(command));
    expect(first(/^STARTTLS/)).toBeGreaterThanOrEqual(0);
    expect(first(/^STARTTLS/)).toBeLessThan(first(/LOGIN|AUTHENTICATE/));
  });
});

describe('stopping', () => {
  it('logs out and leaves no connection behind', async () => {
    const mailbox = open();
    await until('it idles', () => server.commands.at(-1) === 'IDLE');
    await mailbox.stop();
    expect(server.commands.at(-1)).toBe('LOGOUT');
    await until('closed', () => server.connections() === 0);
    expect(mailbox.isRead()).toBe(false);
    expect(mailbox.told('mailbox.down')).toEqual([]);
  });

  it('does not wait for a server that says nothing any more, nor for the next try', async () => {
    server.whim = (command) => (command.startsWith('UID SEARCH') ? () => undefined : null);
    const silent = open();
    await until('it hangs', () => count(/^UID SEARCH/) > 0);
    const begin = performance.now();
    await silent.stop();
    expect(performance.now() - begin).toBeLessThan(10_000);
    server.password = 'another';
    const waiting = open();
    await until('it waits', () => waiting.told('mailbox.login_refused').length > 0);
    const again = performance.now();
    await waiting.stop();
    expect(performance.now() - again).toBeLessThan(2_000);
  });
});
