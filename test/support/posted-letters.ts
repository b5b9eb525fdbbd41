import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { referenceFrom } from '../../src/intake/persons/reference.ts';
import { letterHash } from '../../src/notice/content-hash.ts';
import type { FrozenPerson } from '../../src/notice/frozen-person.ts';
import { type NoticeSnapshot, renderingsOf } from '../../src/notice/renderings.ts';
import { letterInputs } from '../../src/rendering/letter.ts';
import type { Services } from '../../src/services.ts';

export interface PostedLetters {
  incidentId: string;
  noticeId: string;
  persons: { id: string; reference: string; frozen: FrozenPerson; deliveryId: string }[];
}

type Needs = Pick<Services, 'db' | 'vault' | 'templates'>;

/** The references and ids of new persons of an incident; of a new one with its data key when none is named. */
export async function makePersons({ db, vault }: Needs, count: number, incidentId?: string) {
  const references = Array.from({ length: count }, () => referenceFrom(randomBytes(8)));
  const incident = incidentId ?? (await makeIncident(db));
  if (incidentId === undefined) {
    await vault.createDataKey(
      {
        insert: async (id, wrapped) =>
          void (await sql`insert into keys.data_keys (incident_id, wrapped) values (${id}, ${wrapped})`.execute(db)),
        find: async () => null,
      },
      incident,
    );
  }
  const incidentVault = await vault.forIncident(incident);
  const names = references.map((_, i) => `山田太郎${'一二三四五六七八九十'[i % 10]}`);
  const data = names.map((name) =>
    incidentVault.sealJson('person', {
      ...{ name, kana: null, honorific: null, company: null, department: null, emails: [], phone: null },
      ...{ postalCode: '1000001', addressLines: ['東京都千代田区千代田1-1'], country: 'JP', externalIds: [] },
      ...{ locale: 'ja', birth: null, minor: false, deceased: false },
    }),
  );
  const { rows } = await sql<{ id: string }>`
    insert into persons (incident_id, reference, sealed, has_email, has_address)
    select ${incident}, *, true, true from unnest(${references}::text[], ${data}::bytea[]) returning id`.execute(db);
  return { incidentId: incident, references, names, ids: rows.map(({ id }) => id) };
}

async function makeIncident(db: Needs['db']): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into incidents (title, locale, time_zone, facts, created_by)
    select 't', 'ja', 'Asia/Tokyo', '{}', min(id) from users returning id`.execute(db);
  return rows[0]?.id as string;
}

/**
 * A notice by letter as the freeze writes it, whose letters have all been posted in one batch.
 * @param of persons who are there already: their next notice
 */
export async function postedLetters(
  needs: Needs,
  count: number,
  of?: Awaited<ReturnType<typeof makePersons>>,
): Promise<PostedLetters> {
  const { db, vault, templates } = needs;
  const { incidentId, references, names, ids } = of ?? (await makePersons(needs, count));
  const facts = templates.get('apology')?.locales.get('ja')?.sampleFacts;
  if (!facts) throw new Error('no template');
  const snapshot: NoticeSnapshot = { template: 'apology', facts, timeZone: 'Asia/Tokyo', locale: 'ja', templates: {} };
  const { rows: notices } = await sql<{ id: string }>`
    insert into notices (incident_id, template, channels, audience, status, persons, snapshot, digest, created_by,
      approved_at, started_at)
    select ${incidentId}, 'apology', 'letter', '{"all": true}', 'sending', ${count}, ${JSON.stringify(snapshot)}, 'd', min(id),
      now(), now() from users returning id`.execute(db);
  const noticeId = notices[0]?.id as string;
  const incidentVault = await vault.forIncident(incidentId);
  // As it comes back from the database, which has an order of its own for the facts.
  const kept = await db.selectFrom('notices').select('snapshot').where('id', '=', noticeId).executeTakeFirstOrThrow();
  const prepared = renderingsOf(templates, kept.snapshot as unknown as NoticeSnapshot).letter('ja');
  const frozen = references.map(
    (reference, i): FrozenPerson => ({
      email: null,
      render: {
        ...{ reference, name: names[i] as string, honorific: null, company: null, department: null },
        ...{ postalCode: '1000001', addressLines: ['東京都千代田区千代田1-1'], country: 'JP', exposures: [] },
      },
    }),
  );
  const hashes = frozen.map(({ render }) => letterHash(prepared, letterInputs(prepared, render)));
  const { rows } = await sql<{ id: string }>`
    with frozen as (
      select * from unnest(${ids}::bigint[], ${references}::text[],
        ${frozen.map((one) => incidentVault.sealJson('notice-person', one))}::bytea[], ${hashes}::bytea[])
        as f (person_id, reference, sealed, hash)
    ), persons as (
      insert into notice_persons (notice_id, person_id, reference, locale, sealed, letter_hash, outcome)
      select ${noticeId}, person_id, reference, 'ja', sealed, hash, 'in_progress' from frozen returning person_id
    )
    insert into deliveries (notice_id, person_id, channel, state, content_hash)
    select ${noticeId}, person_id, 'letter', 'pending', hash from frozen join persons using (person_id)
    order by person_id returning id`.execute(db);
  const deliveries = rows.map(({ id }) => id);
  await postPending(db, noticeId);
  return {
    ...{ incidentId, noticeId },
    persons: ids.map((id, i) => ({
      ...{ id, reference: references[i] as string, frozen: frozen[i] as FrozenPerson },
      deliveryId: deliveries[i] as string,
    })),
  };
}

/** Puts every pending letter of a notice into a batch, and has it printed and posted. */
export async function postPending(db: Needs['db'], noticeId: string): Promise<void> {
  await sql`
    with due as (
      select id, row_number() over (order by id) as sequence from deliveries
      where notice_id = ${noticeId} and channel = 'letter' and state = 'pending'
    ), batch as (
      insert into letter_batches (notice_id, number, state, letters, posted_on)
      select ${noticeId}, 1 + (select count(*) from letter_batches where notice_id = ${noticeId}), 'posted', n, '2026-05-07'
      from (select count(*) as n from due) c where n > 0 returning id
    )
    update deliveries d set letter_batch_id = batch.id, sequence = due.sequence from due, batch where d.id = due.id`.execute(
    db,
  );
  for (const [from, to] of [
    ['pending', 'rendered'],
    ['rendered', 'handed_over'],
    ['handed_over', 'posted'],
  ]) {
    await sql`update deliveries set state = ${to}
      where notice_id = ${noticeId} and channel = 'letter' and state = ${from}`.execute(db);
  }
}
