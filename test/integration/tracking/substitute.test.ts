import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeLedger } from '../../../src/delivery/ledger.store.ts';
import { substituteRoutes } from '../../../src/http/api/substitute.routes.ts';
import { formatReference } from '../../../src/intake/persons/reference.ts';
import { takeReturns } from '../../../src/tracking/returns/take-returns.store.ts';
import { type TestServer, testServer } from '../../support/http.ts';
import { sendingNotice } from '../../support/notice-rows.ts';
import { makePersons, postedLetters } from '../../support/posted-letters.ts';

let server: TestServer;
let userId: string;
beforeAll(async () => {
  server = await testServer({ routes: (services) => [substituteRoutes(services)] });
  userId = (await server.services.db.selectFrom('users').select('id').limit(1).executeTakeFirstOrThrow()).id;
});
afterAll(() => server.close());

const returned = (references: string[]) =>
  takeReturns(
    server.services.db,
    references.map((reference) => ({ reference, reason: 'moved' as const })),
    userId,
  );
const get = (who: 'staff' | 'operator' | 'nobody', url: string) => server.call(who, 'GET', url);

describe('the list for substitute notice', () => {
  it('holds everybody whom nothing has reached, each with the cause, and nobody else', async () => {
    const letters = await postedLetters(server.services, 4);
    const [a, b] = letters.persons;
    await returned([a?.reference ?? '', b?.reference ?? '']);
    const { status, body } = await get('staff', `/v1/notices/${letters.noticeId}/substitute`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ noticeId: letters.noticeId, status: 'sending', unreached: 2, inProgress: 0, byCause: { moved: 2 } },
      ...{ reachedOtherwise: 0, nextCursor: null },
    });
    expect(body.items).toEqual(
      [a, b].map((person) => ({
        ...{ personId: person?.id, reference: formatReference(person?.reference ?? ''), cause: 'moved' },
        ...{ email: null, emailCause: null, letter: 'returned', letterCause: 'moved', letters: 1, reachedBy: null },
      })),
    );
  });

  it('tells bounced, suppressed and unprintable ones apart, and its causes add up', async () => {
    const { db } = server.services;
    const { noticeId, deliveries } = await sendingNotice(db, 4, 'email');
    const [bounced, suppressed, cancelled] = deliveries;
    await sql`update deliveries set state = 'claimed' where id = ${bounced}`.execute(db);
    await sql`update deliveries set state = 'bounced', class = 'invalid_mailbox' where id = ${bounced}`.execute(db);
    await sql`update deliveries set state = 'suppressed', reason = 'owner_changed' where id = ${suppressed}`.execute(
      db,
    );
    await sql`update deliveries set state = 'cancelled', reason = 'notice_cancelled' where id = ${cancelled}`.execute(
      db,
    );
    await sql`
      insert into deliveries (notice_id, person_id, channel, state, reason)
      select notice_id, person_id, 'letter', 'unprintable', 'missing_glyph' from deliveries where id = ${suppressed}`.execute(
      db,
    );
    const { body } = await get('staff', `/v1/notices/${noticeId}/substitute`);
    expect(body).toMatchObject({
      ...{ unreached: 3, inProgress: 1 },
      byCause: { invalid_mailbox: 1, missing_glyph: 1, notice_cancelled: 1 },
      items: [
        { cause: 'invalid_mailbox', email: 'bounced', emailCause: 'invalid_mailbox', letter: null, letters: 0 },
        { email: 'suppressed', emailCause: 'owner_changed', letter: 'unprintable', letterCause: 'missing_glyph' },
        { cause: 'notice_cancelled', email: 'cancelled' },
      ],
    });
  });

  it('says who was reached by another notice, under whatever person they are now', async () => {
    const { db } = server.services;
    const persons = await makePersons(server.services, 3);
    const first = await postedLetters(server.services, 3, persons);
    const [a, b] = persons.ids;
    await returned(persons.references);
    // Only the first is told again, and the second has become the first.
    const second = await postedLetters(server.services, 1, {
      ...{ ...persons, ids: persons.ids.slice(0, 1), references: persons.references.slice(0, 1) },
    });
    await sql`update persons set merged_into = ${a} where id = ${b}`.execute(db);
    const { body } = await get('staff', `/v1/notices/${first.noticeId}/substitute`);
    expect(body).toMatchObject({ unreached: 3, reachedOtherwise: 2 });
    expect(body.items.map(({ reachedBy }: { reachedBy: string | null }) => reachedBy)).toEqual([
      ...[second.noticeId, second.noticeId, null],
    ]);
  });

  it('is given page by page, and as CSV in one stream', async () => {
    const letters = await postedLetters(server.services, 2_500);
    // As after each freeze: without it the database takes the tables for empty.
    await sql`analyze persons`.execute(server.services.db);
    await analyzeLedger(server.services.db);
    const references = letters.persons.map(({ reference }) => reference);
    for (let i = 0; i < references.length; i += 1_000) await returned(references.slice(i, i + 1_000));
    const csv = await get('staff', `/v1/notices/${letters.noticeId}/substitute.csv`);
    const [header, ...lines] = csv.body.trimEnd().split('\r\n');
    expect(header).toBe('reference,person_id,cause,email,email_cause,letter,letter_cause,letters,reached_by');
    expect(lines.map((line: string) => line.slice(0, 11))).toEqual(references.map(formatReference));
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await get('staff', `/v1/notices/${letters.noticeId}/substitute?limit=500${cursor}`);
      expect(body).toMatchObject({ status: 'sending', unreached: 2_500, inProgress: 0 });
      const whole = paged.length === 0 ? { byCause: { moved: 2_500 }, reachedOtherwise: 0 } : {};
      expect({ byCause: body.byCause, reachedOtherwise: body.reachedOtherwise }).toEqual(whole);
      paged.push(...body.items.map(({ reference }: { reference: string }) => reference));
      cursor = body.nextCursor === null ? null : `&cursor=${body.nextCursor}`;
    }
    expect(paged).toEqual(references.map(formatReference));
  }, 60_000);

  it('names persons to operators only, and writes down who read them', async () => {
    const { db } = server.services;
    const letters = await postedLetters(server.services, 1);
    const [person] = letters.persons;
    await returned([person?.reference ?? '']);
    const url = `/v1/notices/${letters.noticeId}/substitute`;
    expect((await get('staff', `${url}?names=true`)).body.code).toBe('forbidden');
    expect((await get('staff', `${url}.csv?names=true`)).body.code).toBe('forbidden');
    expect((await get('staff', url)).body.items[0]).not.toHaveProperty('name');
    expect((await get('operator', `${url}?names=true`)).body.items[0].name).toBe(person?.frozen.render.name);
    expect((await get('operator', `${url}.csv?names=true`)).body).toContain(`\n${person?.frozen.render.name},`);
    const { rows } = await sql`
      select from audit_events where action = 'substitute.names_read' and subject_id = ${letters.noticeId}`.execute(db);
    expect(rows).toHaveLength(2);
  });

  it('is written down with who took the whole of it, with names or without', async () => {
    const { db } = server.services;
    const letters = await postedLetters(server.services, 1);
    await returned(letters.persons.map(({ reference }) => reference));
    const url = `/v1/notices/${letters.noticeId}/substitute`;
    await get('staff', url);
    await get('staff', `${url}.csv`);
    await get('operator', `${url}.csv?names=true`);
    expect((await get('staff', `${url}.csv?names=true`)).status).toBe(403);
    const { rows } = await sql<{ role: string[]; detail: object }>`
      select u.roles as role, e.detail from audit_events e join users u on u.id = e.user_id
      where e.action = 'substitute.list_read' and e.subject_id = ${letters.noticeId} order by e.id`.execute(db);
    expect(rows.map(({ detail }) => detail)).toEqual([{ names: false }, { names: true }]);
    expect(rows.map(({ role }) => role.includes('operator'))).toEqual([false, true]);
  });

  it('is not found for a notice that is not there', async () => {
    expect((await get('staff', '/v1/notices/999999/substitute')).status).toBe(404);
    expect((await get('staff', '/v1/notices/999999/substitute.csv')).status).toBe(404);
  });
});
