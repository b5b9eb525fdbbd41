import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { inTransaction } from '../../../src/db/database.ts';
import type { ListKind } from '../../../src/intake/columns/list-kind.ts';
import type { PostalTable } from '../../../src/intake/fields/postal-table.ts';
import { makeAcceptList } from '../../../src/intake/lists/accept-list.job.ts';
import { makeCheckList } from '../../../src/intake/lists/check-list.job.ts';
import {
  findList,
  finishReceiving,
  type ListOptions,
  type ListRow,
  startAccepting,
  startReceiving,
  uploadName,
} from '../../../src/intake/lists/list.store.ts';
import { rowOpener } from '../../../src/intake/lists/row.store.ts';
import { storeUpload } from '../../../src/intake/lists/uploads.store.ts';
import type { PersonData } from '../../../src/intake/persons/person-data.ts';
import { makeLog } from '../../../src/log.ts';
import { claimTask, type Task } from '../../../src/tasks/task.store.ts';
import { fileBlobs } from '../../../src/vault/blobs.ts';
import { dataKeyStore } from '../../../src/vault/data-keys.store.ts';
import { makeVault } from '../../../src/vault/vault.ts';
import { testDatabase } from '../../support/database.ts';

export interface UploadWish extends Partial<ListOptions> {
  kind?: ListKind;
  source?: string;
  releaseOn?: string;
  auto?: boolean;
}

/** One incident on a real database, and what the intake does with lists given to it. */
export async function intakeDesk() {
  const database = await testDatabase();
  const { db } = database;
  const blobs = fileBlobs(`${database.dir}/blobs`);
  const vault = makeVault({ masterKey: randomBytes(32).toString('base64'), keys: dataKeyStore(db) });
  const log = makeLog('silent');
  const hints: string[] = [];
  const hint = (_kind: string, taskId: string) => void hints.push(taskId);
  const postal = (): PostalTable | null => null;
  const services = { db, blobs, vault, log, hint, postal };
  const { id: userId } = await db
    .insertInto('users')
    .values({ name: 'operator', roles: ['operator'] })
    .returning('id')
    .executeTakeFirstOrThrow();

  async function newIncident(locale = 'ja', facts: object = {}): Promise<string> {
    return inTransaction(db, async (trx) => {
      const { id } = await trx
        .insertInto('incidents')
        .values({ title: 'test', locale, time_zone: 'Asia/Tokyo', facts: JSON.stringify(facts), created_by: userId })
        .returning('id')
        .executeTakeFirstOrThrow();
      await vault.createDataKey(dataKeyStore(trx), id);
      return id;
    });
  }

  /** Stores the file; the list is then `checking`. */
  async function upload(
    incidentId: string,
    file: Buffer | string,
    wish: UploadWish = {},
  ): Promise<{ listId: string; taskId: string }> {
    const incidentVault = await vault.forIncident(incidentId);
    const listId = await startReceiving(db, incidentId, userId);
    const stored = await storeUpload({ blobs, vault: incidentVault, listId, maxBytes: 2 ** 30 }, pieces(file));
    const { mapping = {}, encoding = null, sheet = null, notCards = [] } = wish;
    const { kind = 'affected', source = '', releaseOn = null, auto = false } = wish;
    const optionsSealed = incidentVault.sealJson('list-columns', { mapping, encoding, sheet, notCards });
    const received = { kind, source, optionsSealed, releaseOn, acceptWhenReady: auto, ...stored };
    const { taskId } = await finishReceiving(db, listId, received);
    return { listId, taskId };
  }

  async function claim(taskId: string): Promise<Task> {
    const worker = randomUUID();
    await db.insertInto('workers').values({ id: worker }).execute();
    const task = await claimTask(db, taskId, worker);
    if (!task) throw new Error('the task was taken');
    return task;
  }

  const listOf = async (listId: string): Promise<ListRow> => {
    const list = await findList(db, listId);
    if (!list) throw new Error('no such list');
    return list;
  };

  async function check(incidentId: string, file: Buffer | string, wish: UploadWish = {}): Promise<ListRow> {
    const { listId, taskId } = await upload(incidentId, file, wish);
    await makeCheckList(services)(await claim(taskId));
    return listOf(listId);
  }

  async function accept(listId: string): Promise<ListRow> {
    const taskId = await inTransaction(db, (trx) => startAccepting(trx, listId));
    if (!taskId) throw new Error('the list is not ready');
    await makeAcceptList(services)(await claim(taskId));
    return listOf(listId);
  }

  return {
    ...{ db, blobs, vault, services, hints, newIncident, upload, claim, check, accept, listOf, userId },
    close: database.close,
    async checkAndAccept(incidentId: string, file: Buffer | string, wish: UploadWish = {}): Promise<ListRow> {
      const list = await check(incidentId, file, wish);
      if (list.status !== 'ready') throw new Error(`the list is ${list.status}: ${JSON.stringify(list.problem)}`);
      return accept(list.id);
    },
    /** Rows of a list, opened. */
    async rows(listId: string) {
      const incidentVault = await vault.forIncident((await listOf(listId)).incident_id);
      const rows = await db
        .selectFrom('list_rows')
        .selectAll()
        .where('list_id', '=', listId)
        .orderBy('ordinal')
        .execute();
      const data = await rowOpener(db, listId, incidentVault)(rows);
      return rows.map((row, i) => ({ ...row, data: data[i] ?? { cells: [], fields: null } }));
    },
    /** Persons of an incident, opened, with their exposures. */
    async persons(incidentId: string) {
      const incidentVault = await vault.forIncident(incidentId);
      const persons = await db
        .selectFrom('persons')
        .selectAll()
        .where('incident_id', '=', incidentId)
        .where('merged_into', 'is', null)
        .orderBy('id')
        .execute();
      const all = await db.selectFrom('exposures').selectAll().where('incident_id', '=', incidentId).execute();
      const exposures = Map.groupBy(all, (exposure) => exposure.person_id);
      return persons.map((person) => ({
        ...person,
        data: incidentVault.openJson<PersonData>('person', person.sealed),
        exposures: exposures.get(person.id) ?? [],
      }));
    },
    uploadExists: (listId: string) => blobs.exists(uploadName(listId)),
  };
}

/** A file as it comes from a connection: in pieces that know nothing of characters. */
function pieces(file: Buffer | string): AsyncIterable<Buffer> {
  const bytes = Buffer.from(file);
  const size = 4099;
  return Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  );
}
