import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeNotices } from '../../../src/delivery/notice-state.store.ts';
import { OwabiError } from '../../../src/errors.ts';
import { recount } from '../../../src/reporting/recount.store.ts';
import { readdress } from '../../../src/tracking/returns/readdress.store.ts';
import { takeReturns } from '../../../src/tracking/returns/take-returns.store.ts';
import { type TestServer, testServer } from '../../support/http.ts';
import { countsOf } from '../../support/notice-rows.ts';
import { type PostedLetters, postedLetters, postPending } from '../../support/posted-letters.ts';

let server: TestServer;
let userId: string;
beforeAll(async () => {
  server = await testServer();
  userId = (await server.services.db.selectFrom('users').select('id').limit(1).executeTakeFirstOrThrow()).id;
});
afterAll(() => server.close());

const PERSONS = 3;
type Op =
  | { what: 'post' | 'complete' }
  | { what: 'return'; persons: number[] }
  | { what: 'readdress'; person: number; again: boolean; times: number };
const person = fc.nat({ max: PERSONS - 1 });
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Op>({ what: 'post' }) },
  { weight: 1, arbitrary: fc.constant<Op>({ what: 'complete' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('return' as const),
      persons: fc.array(person, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('readdress' as const),
      ...{ person, again: fc.boolean(), times: fc.integer({ min: 1, max: 3 }) },
    }),
  },
);

/** The states of each person's letters, the first generation first: what the desk is expected to make of them. */
type Model = string[][];

function expectPost(model: Model): void {
  for (const letters of model)
    for (const [i, state] of letters.entries()) if (state === 'pending') letters[i] = 'posted';
}

async function playReturn({ persons }: PostedLetters, model: Model, said: number[]): Promise<void> {
  const given = said.map((i) => ({ reference: persons[i]?.reference ?? '', reason: 'moved' as const }));
  const taken = await takeReturns(server.services.db, given, userId);
  const expected = said.map((i) => {
    const letters = model[i] ?? [];
    const at = letters.indexOf('posted');
    if (at >= 0) letters[at] = 'returned';
    return at >= 0 ? 'returned' : 'already';
  });
  expect(taken.map(({ result }) => result)).toEqual(expected);
}

async function playReaddress(letters: PostedLetters, model: Model, one: Op & { what: 'readdress' }): Promise<void> {
  const { db } = server.services;
  const own = model[one.person] ?? [];
  const { id } = await db
    .selectFrom('deliveries')
    .select('id')
    .where('notice_id', '=', letters.noticeId)
    .where('person_id', '=', letters.persons[one.person]?.id ?? '')
    .orderBy('generation', 'desc')
    .executeTakeFirstOrThrow();
  const where = one.again
    ? { again: true }
    : { postalCode: '5300001', addressLines: [`大阪府大阪市北区梅田${own.length}-1`] };
  const tries = await Promise.all(
    Array.from({ length: one.times }, () =>
      readdress(server.services, id, { ...where, reason: 'x' }, userId).then(
        () => 'planned',
        (error: unknown) => (error instanceof OwabiError ? error.code : Promise.reject(error)),
      ),
    ),
  );
  const may = own.at(-1) === 'returned';
  expect(tries.filter((result) => result === 'planned')).toHaveLength(may ? 1 : 0);
  if (may) own.push('pending');
}

function outcomeOf(letters: string[]): string {
  if (letters.includes('posted')) return 'reached';
  return letters.includes('pending') ? 'in_progress' : 'unreached moved';
}

describe('letters that come back and go out again in whatever order', () => {
  it('end as they were said to, with outcomes, figures and history that add up', async () => {
    const { db } = server.services;
    await fc.assert(
      fc.asyncProperty(fc.array(op, { minLength: 6, maxLength: 25, size: 'max' }), async (ops) => {
        const letters = await postedLetters(server.services, PERSONS);
        const model: Model = letters.persons.map(() => ['posted']);
        for (const one of ops) {
          if (one.what === 'complete') await completeNotices(db);
          else if (one.what === 'return') await playReturn(letters, model, one.persons);
          else if (one.what === 'readdress') await playReaddress(letters, model, one);
          else {
            await postPending(db, letters.noticeId);
            expectPost(model);
          }
        }
        const { rows } = await sql<{ states: string[]; outcome: string }>`
          select array_agg(d.state order by d.generation) as states,
            trim(p.outcome || ' ' || coalesce(p.cause, '')) as outcome
          from notice_persons p join deliveries d using (notice_id, person_id)
          where p.notice_id = ${letters.noticeId} group by p.person_id, p.outcome, p.cause order by p.person_id`.execute(
          db,
        );
        expect(rows).toEqual(model.map((states) => ({ states, outcome: outcomeOf(states) })));
        const counts = await countsOf(db, letters.noticeId);
        const all = model.flat();
        for (const state of ['posted', 'returned', 'pending']) {
          expect(counts[`letter ${state}`] ?? 0).toBe(all.filter((other) => other === state).length);
        }
        expect(await recount(db, letters.noticeId)).toBe(true);
        await completeNotices(db);
        const { status } = await db
          .selectFrom('notices')
          .select('status')
          .where('id', '=', letters.noticeId)
          .executeTakeFirstOrThrow();
        expect(status).toBe(all.includes('pending') ? 'sending' : 'completed');
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
