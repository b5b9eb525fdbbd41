import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bounceAddress, deliveryToken } from '../../src/delivery/email/addresses.ts';
import { writeSteps } from '../../src/delivery/ledger.store.ts';
import { recount } from '../../src/reporting/recount.store.ts';
import { storeReport } from '../../src/tracking/reports.store.ts';
import { dataKeyStore } from '../../src/vault/data-keys.store.ts';
import { makeVault } from '../../src/vault/vault.ts';
import { type Machines, openMachines } from '../support/machines.ts';
import { sendingNotice } from '../support/notice-rows.ts';
import type { TestService } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';
import { markAs } from '../support/uncertain-rows.ts';
import { until } from '../support/until.ts';

const PERSONS = 1_000;
const KILLS = 6;

let sink: Sink;
let machines: Machines;
beforeAll(async () => {
  sink = await startSink();
  machines = await openMachines({ smtpUrl: sink.url, connections: 2 });
}, 120_000);
afterAll(async () => {
  await machines.close();
  await sink.close();
});

/** A report after RFC 3464, as a mail system sends it. */
function failure(recipient: string, status: string): Buffer {
  const lines = [
    ...[
      'From: MAILER-DAEMON@mx.example.net',
      'To: b@bounce.example.jp',
      'Subject: Undelivered Mail',
      'MIME-Version: 1.0',
    ],
    ...['Content-Type: multipart/report; report-type=delivery-status; boundary="x"', '', '--x'],
    ...['Content-Type: text/plain', '', 'Your message could not be delivered.', '', '--x'],
    ...['Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.net', ''],
    ...[`Final-Recipient: rfc822; ${recipient}`, 'Action: failed', `Status: ${status}`],
    ...[`Diagnostic-Code: smtp; 550 ${status} <${recipient}>: User unknown`, '', '--x--', ''],
  ];
  return Buffer.from(lines.join('\r\n'));
}

/** A notice whose emails have all been submitted, and two reports of each that wait to be read. */
async function reportedNotice() {
  const { db } = machines;
  const vault = makeVault({ masterKey: Buffer.alloc(32, 7).toString('base64'), keys: dataKeyStore(db) });
  const { noticeId, incidentId, deliveries } = await sendingNotice(db, PERSONS);
  await vault.createDataKey(dataKeyStore(db), incidentId);
  await sql`update notices set started_at = now(), breaker_after = 1000000 where id = ${noticeId}`.execute(db);
  const claimed = await markAs(db, noticeId, PERSONS, 'sender');
  await writeSteps(
    db,
    [],
    claimed.map(({ id, attempt }) => ({
      ...{ id, attempt, state: 'submitted' as const, class: null, code: '250', reply: null, waitSeconds: null },
    })),
  );
  for (const [i, id] of deliveries.entries()) {
    const envelope = [bounceAddress(deliveryToken(id, vault.bounceCode(id)), 'bounce.example.jp')];
    const bytes = failure(`p${i}@example.jp`, '5.1.1');
    for (const way of ['smtp', 'imap'] as const) {
      await storeReport({ db, vault, hint: () => undefined }, { way, envelope, bytes });
    }
  }
  return { noticeId, deliveries };
}

const open = async () => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from reports where state = 'waiting'`.execute(machines.db);
  return rows[0]?.n ?? 0;
};

describe('kill -9 while reports are written down', () => {
  it(`applies each of them once, ${KILLS} times at random moments`, { timeout: 300_000 }, async () => {
    // The first one makes the tables.
    let worker: TestService = await machines.start('worker');
    await worker.kill('SIGKILL');
    const { noticeId, deliveries } = await reportedNotice();
    const all = await open();
    expect(all).toBe(2 * PERSONS);
    for (let kill = 1; kill <= KILLS; kill++) {
      worker = await machines.start('worker');
      const share = Math.floor(all / KILLS);
      const goal = all - kill * share + randomInt(1, share);
      await until('some more are read', async () => (await open()) <= goal);
      await worker.kill('SIGKILL');
      // A minute passes, and what the dead one had taken is due again.
      await sql`update reports set due_at = now() where state = 'waiting'`.execute(machines.db);
    }
    worker = await machines.start('worker');
    await until('every report is read', async () => (await open()) === 0, 120_000);

    const { db } = machines;
    const { rows } = await sql<{ bounced: number; events: number; said: number; seen: number; applied: number }>`
      select
        (select count(*)::int from deliveries where notice_id = ${noticeId} and state = 'bounced') as bounced,
        (select count(*)::int from delivery_events where notice_id = ${noticeId} and to_state = 'bounced') as events,
        (select count(*)::int from delivery_reports where notice_id = ${noticeId}) as said,
        (select count(*)::int from delivery_reports where notice_id = ${noticeId} and seen = 2) as seen,
        (select count(*)::int from reports where state = 'applied') as applied`.execute(db);
    const n = deliveries.length;
    expect(rows[0]).toEqual({ bounced: n, events: n, said: n, seen: n, applied: 2 * n });
    expect(await recount(db, noticeId)).toBe(true);
  });
});
