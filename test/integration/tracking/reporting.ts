import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../../src/db/database.ts';
import { bounceAddress, deliveryToken } from '../../../src/delivery/email/addresses.ts';
import { type AttemptResult, type ClaimedDelivery, writeSteps } from '../../../src/delivery/ledger.store.ts';
import { bounceRoutes } from '../../../src/http/api/bounces.routes.ts';
import { personRoutes } from '../../../src/http/api/persons.routes.ts';
import { reportRoutes } from '../../../src/http/api/reports.routes.ts';
import { emailKey } from '../../../src/intake/matching/match-keys.ts';
import { addressKeys } from '../../../src/notice/address-keys.ts';
import type { Services } from '../../../src/services.ts';
import { claimTask, createTask } from '../../../src/tasks/task.store.ts';
import { registerWorker } from '../../../src/tasks/worker-life.store.ts';
import type { ReportReader } from '../../../src/tracking/read-any-report.ts';
import { makeReadReports } from '../../../src/tracking/read-reports.job.ts';
import type { Finding, Marks } from '../../../src/tracking/reading/finding.ts';
import { type NewReport, storeReport } from '../../../src/tracking/reports.store.ts';
import { dataKeyStore } from '../../../src/vault/data-keys.store.ts';
import { type TestServer, testServer } from '../../support/http.ts';
import { type NoticeRows, sendingNotice } from '../../support/notice-rows.ts';
import { markAs } from '../../support/uncertain-rows.ts';

export type Event = Partial<Finding> & Pick<Finding, 'kind'>;

/** In these tests a report is its reading, as JSON: what cannot be parsed cannot be read. */
export const readJson: ReportReader = (_way, bytes) => JSON.parse(bytes.toString('utf8'));

export function finding(event: Event): Finding {
  return { recipient: null, status: null, class: null, words: null, rule: `test ${event.kind}`, ...event };
}

export const bounce = (over: Partial<Finding> = {}): Event => ({
  ...{ kind: 'bounce', status: '5.1.1', class: 'invalid_mailbox', words: '550 5.1.1 <taro@example.jp> unknown user' },
  ...over,
});

export interface Reporting {
  server: TestServer;
  db: TestServer['database']['db'];
  /** A notice that has begun to send, with one person for each address. */
  notice(addresses: string[], channels?: string): Promise<NoticeRows>;
  token(deliveryId: string): string;
  /** The address to which reports of a delivery come. */
  bounceAddress(deliveryId: string): string;
  /** A worker claims so many emails of a notice and marks them: their bodies go out. */
  mark(noticeId: string, amount?: number): Promise<ClaimedDelivery[]>;
  /** What became of an attempt. */
  end(claimed: ClaimedDelivery, state?: AttemptResult['state']): Promise<void>;
  /** A notice with emails that have all been submitted. */
  submitted(addresses: string[], channels?: string): Promise<NoticeRows>;
  /** Stores a report as it would come by one of the ways. */
  report(events: Event[], over?: Partial<NewReport> & { marks?: Partial<Marks> }): Promise<string>;
  /** Stores a report that came to the bounce address of a delivery. */
  about(deliveryId: string, ...events: Event[]): Promise<string>;
  /** One worker reads what is due. */
  read(reader?: ReportReader): Promise<void>;
  /** What was put off is due now, and is read. */
  readAgain(): Promise<void>;
  close(): Promise<void>;
}

export async function reporting(): Promise<Reporting> {
  const server = await testServer({
    routes: (services) => [
      reportRoutes({ ...services, read: readJson }),
      bounceRoutes({ ...services, read: readJson }),
      personRoutes(services),
    ],
  });
  const { services } = server;
  const { db, vault } = services;
  const token = (id: string) => deliveryToken(id, vault.bounceCode(id));
  const end: Reporting['end'] = async (claimed, state = 'submitted') => {
    const { id, attempt } = claimed;
    const result = { id, attempt, state, class: null, code: '250', reply: null, waitSeconds: 0 };
    await writeSteps(db, [], [state === 'uncertain' ? { ...result, class: 'no_reply', code: 'ECONNRESET' } : result]);
  };
  const mark: Reporting['mark'] = (noticeId, amount = 1) => markAs(db, noticeId, amount, `worker-${randomUUID()}`);
  const notice: Reporting['notice'] = (addresses, channels) => startedNotice(services, addresses, channels);
  const report: Reporting['report'] = async (events, { marks, ...over } = {}) => {
    const none: Marks = { bounceAddresses: [], envelopeIds: [], messageIds: [] };
    const reading = { findings: events.map(finding), marks: { ...none, ...marks } };
    return (await storeReport(services, { way: 'smtp', bytes: Buffer.from(JSON.stringify(reading)), ...over })).id;
  };
  const read: Reporting['read'] = (reader = readJson) => readOnce(services, reader);
  const addressOf = (id: string) => bounceAddress(token(id), 'bounce.example.jp');
  return {
    ...{ server, db, notice, token, mark, end, report, read, bounceAddress: addressOf },
    async submitted(addresses, channels) {
      const rows = await notice(addresses, channels);
      for (const claimed of await mark(rows.noticeId, addresses.length)) await end(claimed);
      return rows;
    },
    about: (id, ...events) => report(events, { envelope: [addressOf(id)] }),
    async readAgain() {
      await sql`update reports set due_at = now() where state = 'waiting'`.execute(db);
      await read();
    },
    close: () => server.close(),
  };
}

async function startedNotice({ db, vault }: Services, addresses: string[], channels?: string): Promise<NoticeRows> {
  const rows = await sendingNotice(db, addresses.length, channels);
  await vault.createDataKey(dataKeyStore(db), rows.incidentId);
  await sql`update notices set started_at = now() where id = ${rows.noticeId}`.execute(db);
  const sealed = (await vault.forIncident(rows.incidentId)).sealJson('person', SOMEBODY);
  await sql`update persons set sealed = ${sealed} where incident_id = ${rows.incidentId}`.execute(db);
  for (const [i, address] of addresses.entries())
    await giveAddress({ db, vault }, rows, rows.deliveries[i] ?? '', address);
  return rows;
}

const SOMEBODY = {
  ...{ name: '見本 太郎', kana: null, honorific: null, company: null, department: null, phone: null, locale: null },
  ...{ emails: [], postalCode: null, addressLines: [], country: 'JP', externalIds: [] },
  ...{ birth: null, minor: false, deceased: false },
};

async function giveAddress(
  { db, vault }: { db: Db; vault: Services['vault'] },
  { incidentId }: NoticeRows,
  deliveryId: string,
  address: string,
): Promise<void> {
  const incidentVault = await vault.forIncident(incidentId);
  const { domain, key } = addressKeys(address, incidentVault);
  await sql`update deliveries set domain = ${domain}, address_key = ${key}::uuid where id = ${deliveryId}`.execute(db);
  await sql`
    insert into person_keys (key, name, alike, person_id)
    select ${incidentVault.lookupKey('email', emailKey(address))}::uuid, ${key}::uuid, ${key}::uuid, person_id
    from deliveries where id = ${deliveryId}`.execute(db);
}

/** A worker of its own takes the task that waits, or a new one, and does it. */
async function readOnce(services: Services, read: ReportReader): Promise<void> {
  const { db } = services;
  const workerId = `reader-${randomUUID()}`;
  await registerWorker(db, workerId);
  const task = await claimTask(db, await createTask(db, 'read-reports', '0'), workerId);
  if (!task) throw new Error('the task was taken by another');
  await makeReadReports({ ...services, read, stopping: new AbortController().signal })(task);
}

/** The state of a report. */
export async function reportState(db: Db, id: string): Promise<string> {
  return (await db.selectFrom('reports').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state;
}

/** State, class and code of a delivery. */
export async function deliveryState(db: Db, id: string) {
  return await db
    .selectFrom('deliveries')
    .select(['state', 'class', 'code'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

/** The states through which a delivery went. */
export async function historyOf(db: Db, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('delivery_events')
    .select('to_state')
    .where('delivery_id', '=', id)
    .orderBy('id')
    .execute();
  return rows.map(({ to_state }) => to_state);
}

/** What was said of a delivery, in the order in which it was first said. */
export async function saidOfDelivery(db: Db, id: string) {
  return await db
    .selectFrom('delivery_reports')
    .select(['kind', 'class', 'status', 'matched_by', 'applied', 'forwarded', 'seen'])
    .where('delivery_id', '=', id)
    .orderBy('id')
    .execute();
}

/** The letter of the person of a delivery; null: there is none. */
export async function letterOf(db: Db, deliveryId: string) {
  const { rows } = await sql<{ state: string; reason: string | null }>`
    select l.state, l.reason from deliveries d
    join deliveries l on l.notice_id = d.notice_id and l.person_id = d.person_id and l.channel = 'letter'
    where d.id = ${deliveryId}`.execute(db);
  return rows[0] ?? null;
}
