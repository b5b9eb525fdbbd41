import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCheckList } from '../../../src/intake/lists/check-list.job.ts';
import { discardList, findList, startReceiving, uploadName } from '../../../src/intake/lists/list.store.ts';
import { sweepUploads } from '../../../src/intake/lists/uploads.store.ts';
import { excludePerson } from '../../../src/intake/persons/exclusion.store.ts';
import { bytesAsSource } from '../../../src/vault/blobs.ts';
import { intakeDesk } from './lists.ts';

let desk: Awaited<ReturnType<typeof intakeDesk>>;
let incidentId: string;
beforeAll(async () => {
  desk = await intakeDesk();
  incidentId = await desk.newIncident();
});
afterAll(() => desk.close());

const csv = '会員ID,氏名,メール\n1,山田 太郎,taro@example.jp\n';

describe('sweeping up uploads', () => {
  it('removes what a killed process left, and only that', async () => {
    const { listId: waiting } = await desk.upload(incidentId, csv);
    const { id: ready } = await desk.check(incidentId, csv);
    const { id: read } = await desk.checkAndAccept(incidentId, csv);
    const vault = await desk.vault.forIncident(incidentId);
    const fresh = await startReceiving(desk.db, incidentId, desk.userId);
    const old = await startReceiving(desk.db, incidentId, desk.userId);
    for (const id of [read, fresh, old]) await desk.blobs.put(uploadName(id), bytesAsSource(Buffer.from(csv)), vault);
    await desk.db.updateTable('affected_lists').set({ upload_kept: true }).where('id', '=', read).execute();
    await desk.db
      .updateTable('affected_lists')
      .set({ updated_at: new Date(0) })
      .where('id', '=', old)
      .execute();
    await sweepUploads(desk.services);
    const left = await Promise.all([waiting, ready, read, fresh, old].map(desk.uploadExists));
    expect(left).toEqual([true, true, false, true, false]);
    expect(await findList(desk.db, old)).toBeNull();
    expect(await findList(desk.db, fresh)).not.toBeNull();
  });
});

describe('discarding', () => {
  it('wins over a worker that is still checking', async () => {
    const { listId, taskId } = await desk.upload(incidentId, csv);
    const task = await desk.claim(taskId);
    expect(await discardList(desk.db, listId)).toBe(true);
    await expect(makeCheckList(desk.services)(task)).rejects.toThrow('no longer ours');
    expect(await desk.listOf(listId)).toMatchObject({ status: 'discarded' });
    expect(await desk.rows(listId)).toEqual([]);
  });
});

describe('a notice that is frozen and has not started', () => {
  const newNotice = async (personId: string): Promise<string> => {
    const { id } = await desk.db
      .insertInto('notices')
      .values({
        ...{ incident_id: incidentId, template: 'warning', channels: 'email', audience: '{"all":true}' },
        ...{ status: 'awaiting_approval', digest: 'abc', persons: 1, created_by: desk.userId },
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await desk.db
      .insertInto('notice_persons')
      .values({
        ...{ notice_id: id, person_id: personId, reference: 'X', locale: 'ja', sealed: Buffer.alloc(0) },
        outcome: 'in_progress',
      })
      .execute();
    return id;
  };
  const statusOf = async (id: string) =>
    (await desk.db.selectFrom('notices').select('status').where('id', '=', id).executeTakeFirst())?.status;

  it('stays when a list brings new persons, and is a draft again when one of its persons is excluded', async () => {
    await desk.checkAndAccept(incidentId, csv, { source: 'a' });
    const [person] = await desk.persons(incidentId);
    const notice = await newNotice(person?.id ?? '');
    await desk.checkAndAccept(incidentId, '氏名,メール\n佐藤 花子,hanako@example.jp\n');
    expect(await statusOf(notice)).toBe('awaiting_approval');
    await excludePerson(desk.services, person?.id ?? '', { reason: 'test', userId: desk.userId });
    expect(await statusOf(notice)).toBe('draft');
  });

  it('is a draft again when two of the persons turn out to be one', async () => {
    await desk.checkAndAccept(incidentId, '会員ID,氏名,メール\n9,鈴木 一郎,one@example.jp\n', { source: 'b' });
    await desk.checkAndAccept(incidentId, '氏名,メール\n鈴木 一郎,two@example.jp\n', { source: 'c' });
    const persons = await desk.persons(incidentId);
    const notice = await newNotice(persons.at(-1)?.id ?? '');
    await desk.checkAndAccept(incidentId, '会員ID,氏名,メール\n9,鈴木 一郎,two@example.jp\n', { source: 'b' });
    expect(await statusOf(notice)).toBe('draft');
    expect(await desk.persons(incidentId)).toHaveLength(persons.length - 1);
  });
});
