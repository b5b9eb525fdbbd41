import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { inTransaction } from '../../db/database.ts';
import { cancelBatch } from '../../delivery/letter/cancel-batch.store.ts';
import { closeBatchNow } from '../../delivery/letter/close-batches.store.ts';
import {
  type BatchRow,
  batchesAlike,
  getBatch,
  handOver,
  noteDifference,
  post,
  statesOf,
} from '../../delivery/letter/hand-over.store.ts';
import { reprint, reprintReasons } from '../../delivery/letter/reprint.store.ts';
import { OwabiError } from '../../errors.ts';
import { getNotice } from '../../notice/notices.store.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { CalendarDay, closed, IdParams, Nullable, OneOf, Page, PageQuery, Reason, Time } from '../schemas.ts';

const Batch = Type.Object({
  ...{ id: Type.String(), noticeId: Type.String(), number: Type.Integer(), letters: Type.Integer() },
  ...{ pages: Nullable(Type.Integer()), sha256: Nullable(Type.String({ description: 'Of letters.pdf, hex.' })) },
  state: OneOf('rendering', 'rendered', 'handed_over', 'posted', 'cancelled'),
  locale: Nullable(Type.String({ description: 'Of all its letters, as are country and weight.' })),
  country: Nullable(Type.String()),
  sheets: Nullable(Type.Integer({ description: 'Of each letter.' })),
  weightGrams: Nullable(Type.Integer({ description: 'Of each letter with its envelope, estimated.' })),
  ...{ createdAt: Time, handedOverAt: Nullable(Time), postedOn: Nullable(CalendarDay), cancelledAt: Nullable(Time) },
  deliveredAt: Nullable({ ...Time, description: 'When its bundle was put into the printer’s folder.' }),
  fetchedAt: Nullable({
    ...Time,
    description: 'When its letters were first read by the API: a printer may have them.',
  }),
  deliveryUncertainAt: Nullable({ ...Time, description: 'Since when nobody can tell whether the printer has it.' }),
});
const BatchFile = Type.Object({
  ...Batch.properties,
  states: Type.Record(Type.String(), Type.Integer(), {
    description:
      'Its letters by the states that they are in now; `replaced` were printed again, and stay in letters.pdf.',
  }),
});

const Acknowledged = Type.Object({
  ...Batch.properties,
  sameFigures: Type.Array(Type.Object({ id: Type.String(), number: Type.Integer() }), {
    description: 'Without `sha256`: other batches of the notice that await just these figures, and may be meant.',
  }),
});

function show(row: BatchRow): Static<typeof Batch> {
  return {
    ...{ id: row.id, noticeId: row.notice_id, number: row.number, letters: row.letters },
    ...{ pages: row.pages, sha256: row.sha256, state: row.state as Static<typeof Batch>['state'] },
    ...{ locale: row.locale, country: row.country, sheets: row.sheets, weightGrams: row.weight_g },
    createdAt: row.created_at.toISOString(),
    cancelledAt: row.cancelled_at?.toISOString() ?? null,
    deliveredAt: row.delivered_at?.toISOString() ?? null,
    fetchedAt: row.fetched_at?.toISOString() ?? null,
    deliveryUncertainAt: row.drop_uncertain_at?.toISOString() ?? null,
    handedOverAt: row.handed_over_at?.toISOString() ?? null,
    postedOn: row.posted_on === null ? null : String(row.posted_on),
  };
}

type Needs = Pick<Services, 'db' | 'vault' | 'hint'>;
const tags = ['letters'];

/** Letter batches: what becomes of them, by the words of printer, post and operators. */
export const letterBatchRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    listRoutes(app, services);
    acknowledgementRoutes(app, services);
    cancelRoute(app, services);
    reprintRoute(app, services);
  };

function listRoutes(app: App, { db, hint }: Needs): void {
  app.get(
    '/v1/notices/:id/letter-batches',
    {
      schema: {
        ...{ tags, summary: 'The letter batches of a notice', params: IdParams, querystring: PageQuery },
        response: { 200: Page(Batch) },
      },
    },
    async (request) => {
      await getNotice(db, request.params.id);
      const page = pageRequest(request.query);
      const rows = await db
        .selectFrom('letter_batches')
        .selectAll()
        .where('notice_id', '=', request.params.id)
        .where('id', '>', page.after ?? '0')
        .orderBy('id')
        .limit(page.limit + 1)
        .execute();
      return pageOf(rows, page, (row) => row.id, show);
    },
  );
  app.post(
    '/v1/notices/:id/letter-batches',
    {
      schema: {
        ...{ tags, summary: 'Close the open letters into batches now', params: IdParams },
        response: { 202: Type.Object({ closing: Type.Boolean() }) },
      },
      config: { roles: ['operator'], creates: true },
    },
    async (request, reply) => {
      const { id } = request.params;
      await getNotice(db, id);
      const taskId = await inTransaction(db, async (trx) => {
        await audit(trx, request.user.id, 'letter_batch.closing_asked', 'notice', id);
        return await closeBatchNow(trx, id);
      });
      if (taskId === null) {
        throw new OwabiError('wrong_state', 'There is no open letter to close, or the notice is not sending.');
      }
      hint('render-letters', taskId);
      return reply.code(202).send({ closing: true });
    },
  );
  app.get(
    '/v1/letter-batches/:id',
    {
      schema: {
        tags,
        summary: 'A letter batch, with its letters by state',
        params: IdParams,
        response: { 200: BatchFile },
      },
    },
    async (request) => {
      const { id } = request.params;
      return { ...show(await getBatch(db, id)), states: await statesOf(db, id) };
    },
  );
}

function acknowledgementRoutes(app: App, { db }: Needs): void {
  app.post(
    '/v1/letter-batches/:id/handed-over',
    {
      schema: {
        ...{ tags, summary: 'The printer acknowledged the batch', params: IdParams },
        body: closed({
          at: Type.String({ format: 'date-time' }),
          ...{ letters: Type.Integer({ minimum: 0 }), pages: Type.Integer({ minimum: 0 }) },
          sha256: Type.Optional(
            Type.String({ pattern: '^[0-9A-Fa-f]{64}$', description: 'Of the letters.pdf that the printer has.' }),
          ),
        }),
        response: { 200: Acknowledged },
      },
      config: { roles: ['operator'] },
    },
    async ({ params: { id }, body, user }) => {
      try {
        return await inTransaction(db, async (trx) => {
          await audit(trx, user.id, 'letter_batch.handed_over', 'letter_batch', id, { ...body });
          const batch = await handOver(trx, id, body);
          return { ...show(batch), sameFigures: body.sha256 === undefined ? await batchesAlike(trx, batch) : [] };
        });
      } catch (error) {
        if (error instanceof OwabiError && error.code === 'figures_differ') {
          await inTransaction(db, async (trx) => {
            await audit(trx, user.id, 'letter_batch.figures_differed', 'letter_batch', id, { ...body });
            await noteDifference(trx, id);
          });
        }
        throw error;
      }
    },
  );
  app.post(
    '/v1/letter-batches/:id/posted',
    {
      schema: {
        ...{ tags, summary: 'The batch was given to the post', params: IdParams, body: closed({ on: CalendarDay }) },
        response: { 200: Batch },
      },
      config: { roles: ['operator'] },
    },
    async (request) =>
      inTransaction(db, async (trx) => {
        const { id } = request.params;
        await audit(trx, request.user.id, 'letter_batch.posted', 'letter_batch', id, { on: request.body.on });
        return show(await post(trx, id, request.body.on));
      }),
  );
}

function cancelRoute(app: App, { db, vault }: Needs): void {
  app.post(
    '/v1/letter-batches/:id/cancel',
    {
      schema: {
        ...{ tags, summary: 'Take a batch back that is not handed over: its letters are open again', params: IdParams },
        body: closed({
          reason: Reason,
          printerTold: Type.Optional(
            Type.Boolean({ description: 'The printer knows. Needed when the bundle lies in its folder already.' }),
          ),
        }),
        response: { 200: Batch },
      },
      config: { roles: ['operator'] },
    },
    async (request) =>
      inTransaction(db, async (trx) => {
        const { id } = request.params;
        const { printerTold = false, reason: words } = request.body;
        const { incidentId } = await getBatch(trx, id);
        const reason = (await vault.forIncident(incidentId)).seal('reason', words);
        await audit(trx, request.user.id, 'letter_batch.cancelled', 'letter_batch', id, { printerTold });
        return show(await cancelBatch(trx, id, { userId: request.user.id, reason, printerTold }));
      }),
  );
}

function reprintRoute(app: App, { db, vault }: Needs): void {
  const Sequence = Type.Integer({ minimum: 1, maximum: 1_000_000 });
  app.post(
    '/v1/letter-batches/:id/reprint',
    {
      schema: {
        ...{ tags, summary: 'Print letters once more, as new generations in a later batch', params: IdParams },
        body: closed({
          from: Sequence,
          to: Sequence,
          reason: OneOf(...reprintReasons),
          evenPosted: Type.Optional(Type.Boolean({ description: 'Posted letters too: these persons are told twice.' })),
        }),
        response: {
          201: Type.Object({
            letters: Type.Array(Type.Object({ sequence: Type.Integer(), deliveryId: Type.String() })),
            left: Type.Array(
              Type.Object({
                ...{ sequence: Type.Integer(), state: Type.String() },
                why: OneOf('replaced', 'posted', 'state'),
              }),
              { description: 'Letters of the range that are not printed again.' },
            ),
          }),
        },
      },
      config: { roles: ['operator'], creates: true },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { evenPosted = false, ...range } = request.body;
      const answer = await inTransaction(db, async (trx) => {
        const { incidentId } = await getBatch(trx, id);
        // Letters whose data are destroyed could never be typeset.
        await vault.forIncident(incidentId);
        const made = await reprint(trx, id, { ...range, evenPosted });
        const detail = { ...range, evenPosted, letters: made.letters.length };
        await audit(trx, request.user.id, 'letter_batch.reprinted', 'letter_batch', id, detail);
        return made;
      });
      return reply.code(201).send(answer);
    },
  );
}
