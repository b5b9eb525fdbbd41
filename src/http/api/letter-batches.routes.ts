import type { FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { inTransaction } from '../../db/database.ts';
import { closeBatchNow } from '../../delivery/letter/close-batches.store.ts';
import { type BatchRow, getBatch, handOver, post } from '../../delivery/letter/hand-over.store.ts';
import { batchFile } from '../../delivery/letter/render-letters.job.ts';
import { OwabiError } from '../../errors.ts';
import { getNotice } from '../../notice/notices.store.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { CalendarDay, closed, IdParams, Nullable, OneOf, Page, PageQuery, Time } from '../schemas.ts';

const Batch = Type.Object({
  ...{ id: Type.String(), noticeId: Type.String(), number: Type.Integer(), letters: Type.Integer() },
  ...{ pages: Nullable(Type.Integer()), sha256: Nullable(Type.String({ description: 'Of letters.pdf, hex.' })) },
  state: OneOf('rendering', 'rendered', 'handed_over', 'posted', 'cancelled'),
  ...{ createdAt: Time, handedOverAt: Nullable(Time), postedOn: Nullable(CalendarDay) },
});

function show(row: BatchRow): Static<typeof Batch> {
  return {
    ...{ id: row.id, noticeId: row.notice_id, number: row.number, letters: row.letters },
    ...{ pages: row.pages, sha256: row.sha256, state: row.state as Static<typeof Batch>['state'] },
    createdAt: row.created_at.toISOString(),
    handedOverAt: row.handed_over_at?.toISOString() ?? null,
    postedOn: row.posted_on === null ? null : String(row.posted_on),
  };
}

type Needs = Pick<Services, 'db' | 'blobs' | 'vault' | 'hint'>;
const tags = ['letters'];

/** Letter batches: their files for the printer, and what printer and post said of them. */
export const letterBatchRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    batchRoutes(app, services);
    fileRoutes(app, services);
  };

function batchRoutes(app: App, { db, hint }: Needs): void {
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
      await getNotice(db, request.params.id);
      const taskId = await closeBatchNow(db, request.params.id);
      if (taskId === null) {
        throw new OwabiError('wrong_state', 'There is no open letter to close, or the notice is not sending.');
      }
      hint('render-letters', taskId);
      return reply.code(202).send({ closing: true });
    },
  );
  app.post(
    '/v1/letter-batches/:id/handed-over',
    {
      schema: {
        ...{ tags, summary: 'The printer acknowledged the batch', params: IdParams },
        body: closed({
          at: Type.String({ format: 'date-time' }),
          ...{ letters: Type.Integer({ minimum: 0 }), pages: Type.Integer({ minimum: 0 }) },
        }),
        response: { 200: Batch },
      },
      config: { roles: ['operator'] },
    },
    async (request) =>
      inTransaction(db, async (trx) => {
        const { id } = request.params;
        await audit(trx, request.user.id, 'letter_batch.handed_over', 'letter_batch', id, { ...request.body });
        return show(await handOver(trx, id, request.body));
      }),
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

function fileRoutes(app: App, { db, blobs, vault }: Needs): void {
  const files = { 'letters.pdf': 'application/pdf', 'manifest.csv': 'text/csv; charset=utf-8' } as const;
  for (const [name, type] of Object.entries(files) as [keyof typeof files, string][]) {
    app.get(
      `/v1/letter-batches/:id/${name}`,
      {
        schema: { tags, summary: `${name} of a batch`, params: IdParams, produces: [type.split(';')[0] ?? type] },
        config: { roles: ['operator'] },
      },
      async (request, reply) => send(reply, (request.params as { id: string }).id, request.user.id, name, type),
    );
  }

  async function send(reply: FastifyReply, id: string, userId: string, name: keyof typeof files, type: string) {
    const batch = await getBatch(db, id);
    if (batch.state === 'rendering' || batch.state === 'cancelled' || batch.sha256 === null) {
      throw new OwabiError('wrong_state', `The batch is ${batch.state}: there is nothing for the printer.`);
    }
    await audit(db, userId, 'letter_batch.read', 'letter_batch', id, { file: name });
    reply.type(type).header('content-disposition', `attachment; filename="batch-${batch.number}-${name}"`);
    return reply.send(blobs.get(batchFile(id, batch.sha256, name), await vault.forIncident(batch.incidentId)));
  }
}
