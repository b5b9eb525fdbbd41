import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startImapServer, type TestImapServer } from '../support/imap-server.ts';
import { startService, type TestService } from '../support/service.ts';
import { type Sink, type SinkMessage, startSink } from '../support/smtp-sink.ts';
import {
  acceptList,
  cast,
  castAgain,
  csvOf,
  emailsSettled,
  openIncident,
  releaseNotice,
  statsWhen,
} from '../support/story.ts';
import { until } from '../support/until.ts';

const PERSONS = 30;

/** A report of RFC 3464 about a message that the sink took. */
const bounceOf = ({ from, to, messageId }: SinkMessage): string =>
  [
    ...['From: MAILER-DAEMON@mx.example.jp', `To: <${from}>`, 'Subject: Undelivered Mail', 'MIME-Version: 1.0'],
    ...['Content-Type: multipart/report; report-type=delivery-status; boundary="b"', ''],
    ...['--b', 'Content-Type: text/plain', '', `<${to}>: user unknown`, ''],
    ...['--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.jp', ''],
    ...[`Final-Recipient: rfc822; ${to}`, 'Action: failed', 'Status: 5.1.1'],
    ...['Diagnostic-Code: smtp; 550 5.1.1 user unknown', ''],
    ...['--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${messageId}`, `To: <${to}>`, '', '--b--', ''],
  ].join('\r\n');

describe('kill -9 while a mailbox is read', () => {
  let dir: string;
  let server: TestImapServer;
  let sink: Sink;
  let service: TestService | undefined;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'owabi-mailbox-'));
    server = await startImapServer();
    sink = await startSink();
  });
  afterEach(async () => {
    await service?.kill('SIGTERM');
    await sink.close();
    await server.close();
    await rm(dir, { recursive: true, force: true });
  });

  const start = () =>
    startService({
      ...{ DATA_DIR: dir, SMTP_URL: sink.url, BOUNCE_IMAP_URL: server.url },
      ...{ MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'bounce.example.jp', PUBLIC_URL: 'https://example.jp' },
    });

  it('between keeping the reports and moving them, none is lost and none is counted twice', {
    timeout: 240_000,
  }, async () => {
    let starting = start();
    service = await starting;
    const people = await cast(service.url);
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(PERSONS));
    const { id } = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' });
    await statsWhen(people, id, 'all is sent', emailsSettled);

    let moves = 0;
    server.whim = (command) => {
      if (!command.startsWith('UID MOVE') || moves++ > 1) return null;
      // Twice, before it is done: everything is kept, and still in the mailbox.
      void starting.then((started) => started.kill('SIGKILL'));
      return () => undefined;
    };
    for (const message of sink.accepted()) server.deliver(bounceOf(message));
    await service.exited;
    expect(server.bodies()).toHaveLength(PERSONS);
    starting = start();
    await (await starting).exited;
    service = await start();
    await until('the mailbox is empty', () => server.bodies().length === 0);
    expect(moves).toBeGreaterThan(2);
    expect(server.bodies('Owabi processed')).toHaveLength(PERSONS);

    const { operator } = castAgain(service.url, people.keys);
    const stats = await statsWhen({ operator }, id, 'all have bounced', ({ email }) => email.bounced === PERSONS);
    expect(stats).toMatchObject({ balanced: true, persons: { total: PERSONS, unreached: PERSONS } });
    const { items } = await operator.get<{ items: { way: string; state: string }[] }>('/v1/reports?limit=100');
    expect(items.map(({ way, state }) => `${way} ${state}`)).toEqual(Array(PERSONS).fill('imap applied'));
  });
});
