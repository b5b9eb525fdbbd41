import { sql } from 'kysely';
import { returnedLetterRoutes } from '../../src/http/api/returned-letters.routes.ts';
import { type TestServer, testServer } from './http.ts';
import { type PostedLetters, postedLetters } from './posted-letters.ts';

export const OSAKA = {
  ...{ postalCode: '530-0001', addressLines: ['大阪府大阪市北区梅田1-1', '梅田ビル5階'], reason: '本人から電話' },
};

/** A person of a notice, by their place in it. */
export function one({ persons }: PostedLetters, i = 0): PostedLetters['persons'][number] {
  const person = persons[i];
  if (!person) throw new Error('no such person');
  return person;
}

export type ReturnDesk = Awaited<ReturnType<typeof returnDesk>>;

/** A server with the desk for returned letters, and what its tests ask. */
export async function returnDesk() {
  const server: TestServer = await testServer({ routes: (services) => [returnedLetterRoutes(services)] });
  const { db } = server.services;
  return {
    server,
    ...{ services: server.services, db, close: () => server.close() },
    /** Posts so many letters of a new notice. */
    post: (count: number) => postedLetters(server.services, count),
    say: (body: unknown) => server.call('operator', 'POST', '/v1/letters/returned', body),
    readdress: (id: string, body: unknown) => server.call('operator', 'POST', `/v1/deliveries/${id}/readdress`, body),
    async stateOf(id: string) {
      const query = db.selectFrom('deliveries').select(['state', 'reason']).where('id', '=', id);
      const { state, reason } = await query.executeTakeFirstOrThrow();
      return [state, reason];
    },
    /** The outcomes of a notice's persons in their order, with the cause. */
    async outcomesOf(noticeId: string) {
      const { rows } = await sql<{ outcome: string }>`
        select trim(outcome || ' ' || coalesce(cause, '')) as outcome from notice_persons
        where notice_id = ${noticeId} order by person_id`.execute(db);
      return rows.map(({ outcome }) => outcome);
    },
    /** The last letter to the first person of a notice. */
    async lastOf(letters: PostedLetters) {
      const query = db.selectFrom('deliveries').select('id').where('notice_id', '=', letters.noticeId);
      const ofFirst = query.where('person_id', '=', one(letters).id).orderBy('generation', 'desc');
      return (await ofFirst.executeTakeFirstOrThrow()).id;
    },
  };
}
