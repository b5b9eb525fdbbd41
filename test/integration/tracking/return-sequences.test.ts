import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeNotices } from '../../../src/delivery/notice-state.store.ts';
import { OwabiError } from '../../../src/errors.ts';
import { markText } from '../../../src/rendering/barcode/inserter-mark.ts';
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
/** Somebody's letter that came back: typed, or one of their envelopes scanned. */
interface Said {
  person: number;
  envelope: number | null;
}
type Op =
  | { what: 'post' | 'complete' }
  | { what: 'return'; said: Said[] }
  | { what: 'readdress'; person: number; again: boolean; times: number };
const person = fc.nat({ max: PERSONS - 1 });
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Op>({ what: 'post' }) },
  { weight: 1, arbitrary: fc.constant<Op>({ what: 'complete' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('return' as const),
      said: fc.array(fc.record({ person, envelope: fc.option(fc.nat({ max: 5 })) }), { minLength: 1, maxLength: 4 }),
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

async function playReturn(letters: PostedLetters, model: Model, said: Said[]): Promise<void> {
  const given = await Promise.all(
    said.map(async (one) => ({ reference: await writtenOn(letters, model, one), reason: 'moved' as const })),
  );
  const taken = await takeReturns(server.services.db, given, userId);
  expect(taken.map(({ result }) => result)).toEqual(said.map((one) => expectReturn(model, one)));
}

const envelopesOf = (model: Model, person: number): string[] =>
  (model[person] ?? []).filter((state) => state !== 'pending');

/** The reference alone, or the mark of an envelope that has been out. */
async function writtenOn({ noticeId, persons }: PostedLetters, model: Model, said: Said): Promise<string> {
  const { id, reference } = persons[said.person] ?? { id: '', reference: '' };
  if (said.envelope === null) return reference;
  const generation = 1 + (said.envelope % envelopesOf(model, said.person).length);
  const { sequence } = await server.services.db
    .selectFrom('deliveries')
    .select('sequence')
    .where('notice_id', '=', noticeId)
    .where('person_id', '=', id)
    .where('generation', '=', generation)
    .executeTakeFirstOrThrow();
  return markText({ reference, sequence: sequence ?? 0, page: 1, last: 2, generation });
}

/** One envelope alone is known by its reference; where there are more, only by its mark while one is still out. */
function expectReturn(model: Model, { person, envelope }: Said): string {
  const out = envelopesOf(model, person);
  const posted = out.indexOf('posted');
  if (envelope === null && out.length > 1 && posted >= 0) return 'ambiguous';
  const at = envelope === null ? posted : envelope % out.length;
  if (out[at] !== 'posted') return 'already';
  (model[person] ?? [])[at] = 'returned';
  return 'returned';
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
          else if (one.what === 'return') await playReturn(letters, model, one.said);
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
