import Type, { type Static } from 'typebox';
import { OwabiError } from '../../errors.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import type { Services } from '../../services.ts';
import { type KnownLetter, returnReasons } from '../../tracking/returns/decide-return.ts';
import { readdress } from '../../tracking/returns/readdress.store.ts';
import { pageReturned, type ReturnedLetter, returnedStates } from '../../tracking/returns/returned-letters.store.ts';
import { type GivenReturn, type TakenReturn, takeReturns } from '../../tracking/returns/take-returns.store.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { CalendarDay, closed, Id, IdParams, Nullable, OneOf, Page, pageFields, Reason, Time } from '../schemas.ts';

type Needs = Pick<Services, 'db' | 'vault' | 'templates' | 'postal'>;

const tags = ['letters'];
const operators = { roles: ['operator'] as const };
/** Given at once. */
const MOST = 1_000;

const GivenOne = closed({
  reference: Type.String({
    ...{ minLength: 1, maxLength: 200 },
    description: 'As typed, or the whole text of the code that was scanned.',
  }),
  reason: OneOf(...returnReasons),
  notice: Type.Optional(Id),
  delivery: Type.Optional(Id),
});
const results = ['returned', 'already', 'unknown_reference', 'not_posted', 'ambiguous'] as const;
const Choice = Type.Object({
  ...{ deliveryId: Type.String(), noticeId: Type.String(), generation: Type.Integer(), state: Type.String() },
  ...{ sequence: Nullable(Type.Integer()), postedOn: Nullable(CalendarDay), returnedAt: Nullable(Time) },
});
const Taken = Type.Object({
  ...{ reference: Type.String(), result: OneOf(...results), deliveryId: Nullable(Type.String()) },
  choices: Type.Array(Choice, { description: 'Letters of this person, to say which with `delivery`.' }),
  mistyped: Type.Boolean({ description: 'A character is wrong, missing or too many.' }),
  near: Type.Array(Type.String(), { description: 'References of posted letters that it may have been meant as.' }),
});
const TakenAll = Type.Object({
  items: Type.Array(Taken, { description: 'In the order of the request.' }),
  counts: Type.Object(Object.fromEntries(results.map((result) => [result, Type.Integer()]))),
});
const Returned = Type.Object({
  ...{ deliveryId: Type.String(), noticeId: Type.String(), personId: Type.String(), reference: Type.String() },
  ...{ generation: Type.Integer(), reason: Type.String(), state: OneOf(...returnedStates) },
  ...{ postedOn: Nullable(CalendarDay), returnedAt: Time, outcome: Type.String() },
  next: Nullable(Type.Object({ deliveryId: Type.String(), state: Type.String(), reason: Nullable(Type.String()) })),
});
const Readdress = closed({
  addressLines: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 4 })),
  postalCode: Type.Optional(Nullable(Type.String({ maxLength: 20 }))),
  country: Type.Optional(Type.String({ minLength: 2, maxLength: 2 })),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  reason: Reason,
  again: Type.Optional(Type.Boolean({ description: 'To the same address once more.' })),
  confirmed: Type.Optional(Type.Boolean({ description: 'Although the postal data contradict the address.' })),
  correctPerson: Type.Optional(Type.Boolean({ description: 'The person gets the address too, for later notices.' })),
});
const Readdressed = Type.Object({
  ...{ deliveryId: Type.String(), noticeId: Type.String(), personId: Type.String(), reference: Type.String() },
  ...{ generation: Type.Integer(), replaces: Type.String(), warnings: Type.Array(Type.String()) },
});

/** Letters that came back: said by reference, listed, and sent to a new address. */
export const returnedLetterRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    takingRoute(app, services);
    listRoute(app, services);
    readdressRoute(app, services);
  };

function takingRoute(app: App, { db }: Needs): void {
  app.post(
    '/v1/letters/returned',
    {
      schema: {
        ...{ tags, summary: 'Say that a letter came back and why, or many at once' },
        body: Type.Union([GivenOne, Type.Array(GivenOne, { minItems: 1, maxItems: MOST })]),
        response: { 200: Type.Union([Taken, TakenAll]) },
      },
      // Of a body that may be two things, the validator says no more than that it is neither.
      preValidation: async ({ body }: { body: unknown }) => {
        if (Array.isArray(body)) refuseCount(body.length);
      },
    },
    async ({ body, user }): Promise<Static<typeof Taken> | Static<typeof TakenAll>> => {
      const many = Array.isArray(body);
      const taken = await takeReturns(db, (many ? body : [body]) as GivenReturn[], user.id);
      if (many) return { items: taken, counts: countsOf(taken) };
      return orRefused(taken[0] as TakenReturn);
    },
  );
}

/** @throws OwabiError `invalid_body` */
function refuseCount(items: number): void {
  if (items >= 1 && items <= MOST) return;
  const message = `must be one letter, or an array of at least 1 and at most ${MOST.toLocaleString('en')}; it has ${items}`;
  throw new OwabiError('invalid_body', `The body ${message}.`, { errors: [{ path: '', message }] });
}

function countsOf(taken: readonly TakenReturn[]): Record<string, number> {
  return Object.fromEntries(results.map((name) => [name, taken.filter(({ result }) => result === name).length]));
}

/** Of one letter alone, what cannot be taken is an error. */
function orRefused(taken: TakenReturn): TakenReturn {
  const { choices, near } = taken;
  switch (taken.result) {
    case 'unknown_reference':
      throw taken.mistyped
        ? new OwabiError('mistyped_reference', undefined, { near })
        : new OwabiError('unknown_reference');
    case 'not_posted':
      throw new OwabiError('letter_not_posted', notPosted(choices), { choices });
    case 'ambiguous':
      throw new OwabiError('ambiguous_letter', undefined, { choices });
    default:
      return taken;
  }
}

function notPosted(letters: readonly KnownLetter[]): string {
  const states = [...new Set(letters.map(({ state }) => state))].join(', ');
  if (states === '') return 'This person has no letter.';
  return `No letter of this person that fits stands as posted; there are: ${states}. If it was posted, say so of its batch first.`;
}

function listRoute(app: App, { db }: Needs): void {
  app.get(
    '/v1/letters/returned',
    {
      schema: {
        ...{ tags, summary: 'Letters that came back' },
        querystring: Type.Object({
          ...pageFields,
          notice: Type.Optional(Id),
          reason: Type.Optional(OneOf(...returnReasons)),
          state: Type.Optional(OneOf(...returnedStates)),
        }),
        response: { 200: Page(Returned) },
      },
    },
    async ({ query }) => {
      const page = pageRequest(query);
      const rows = await pageReturned(db, query, page.after ?? '0', page.limit + 1);
      return pageOf(rows, page, ({ id }) => id, showReturned);
    },
  );
}

function showReturned({ id, reference, returnedAt, ...row }: ReturnedLetter): Static<typeof Returned> {
  return { ...row, deliveryId: id, reference: formatReference(reference), returnedAt: returnedAt.toISOString() };
}

function readdressRoute(app: App, services: Needs): void {
  app.post(
    '/v1/deliveries/:id/readdress',
    {
      schema: {
        ...{ tags, summary: 'Send a letter that came back, or could not be printed, to another address' },
        ...{ params: IdParams, body: Readdress, response: { 201: Readdressed } },
      },
      // It makes a letter: said again because the answer was lost, it must not make another.
      config: { ...operators, creates: true },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { reference, ...letter } = await readdress(services, id, request.body, request.user.id);
      return reply.code(201).send({ ...letter, reference: formatReference(reference), replaces: id });
    },
  );
}
