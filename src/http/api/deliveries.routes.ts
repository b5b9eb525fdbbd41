import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import {
  type DeliveryRow,
  pageDeliveries,
  resolveUncertain,
  streamDeliveries,
} from '../../delivery/deliveries.store.ts';
import { contentOf } from '../../delivery/delivery-content.ts';
import { pageUncertain, type UncertainRow } from '../../delivery/uncertain.store.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import { getNotice } from '../../notice/notices.store.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, IdParams, Nullable, OneOf, Page, PageQuery, pageFields, Time } from '../schemas.ts';

const Delivery = Type.Object({
  ...{ id: Type.String(), personId: Type.String(), reference: Type.String(), channel: OneOf('email', 'letter') },
  ...{ state: Type.String(), class: Nullable(Type.String()), code: Nullable(Type.String()) },
  ...{ reason: Nullable(Type.String()), attempts: Type.Integer(), nextAttemptAt: Nullable(Time), updatedAt: Time },
});
const Filter = {
  state: Type.Optional(Type.String({ pattern: '^[a-z_]{1,30}$' })),
  channel: Type.Optional(OneOf('email', 'letter')),
};

function showDelivery({ updatedAt, nextAttemptAt, reference, ...row }: DeliveryRow): Static<typeof Delivery> {
  return {
    ...{ ...row, reference: formatReference(reference) },
    ...{ updatedAt: updatedAt.toISOString(), nextAttemptAt: nextAttemptAt?.toISOString() ?? null },
  };
}

const code = Nullable(Type.String());
const Uncertain = Type.Object({
  ...{ id: Type.String(), personId: Type.String(), reference: Type.String(), attempt: Type.Integer() },
  why: Nullable(Type.String({ description: '`worker_lost` or `no_reply`.' })),
  ...{ code, workerId: code, markedAt: Nullable(Time), uncertainSince: Time },
  earlier: Type.Array(
    Type.Object({ attempt: Type.Integer(), state: Type.String(), class: code, code, reason: code, at: Time }),
    { description: 'How the attempts before this one ended, and why it was sent again.' },
  ),
  letter: Nullable(Type.Object({ id: Type.String(), state: Type.String(), reason: code, plannedAt: Time })),
  resendAt: Nullable({
    ...Time,
    description: 'When it is sent again by itself; null: never, or not while it is paused.',
  }),
  letterAt: Nullable({ ...Time, description: 'When a letter is planned by itself; null: never, or there is one.' }),
});

function showUncertain(row: UncertainRow): Static<typeof Uncertain> {
  const iso = (at: Date | string | null) => (at === null ? null : new Date(at).toISOString());
  const past = row.earlier.map((end) => ({ ...end, at: new Date(end.at).toISOString() }));
  return {
    ...{ ...row, reference: formatReference(row.reference), earlier: past },
    ...{ markedAt: iso(row.markedAt), uncertainSince: row.uncertainSince.toISOString() },
    letter: row.letter && { ...row.letter, plannedAt: new Date(row.letter.plannedAt).toISOString() },
    ...{ resendAt: iso(row.resendAt), letterAt: iso(row.letterAt) },
  };
}

const Resolution = closed({ outcome: OneOf('resend', 'submitted') });
const CSV_COLUMNS = ['reference', 'channel', 'state', 'class', 'code', 'attempts', 'updated_at'];

const tags = ['deliveries'];

type Needs = Pick<Services, 'db' | 'vault' | 'templates' | 'config'> & Parameters<typeof contentOf>[0];

/** What happened to each delivery: references and ids, no names. */
export const deliveryRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    listingRoutes(app, services);
    contentRoute(app, services);
    uncertainRoute(app, services);
    resolutionRoutes(app, services);
  };

function listingRoutes(app: App, { db }: Needs): void {
  app.get(
    '/v1/notices/:id/deliveries',
    {
      schema: {
        ...{ tags, summary: 'The deliveries of a notice', params: IdParams },
        querystring: Type.Object({ ...pageFields, ...Filter }),
        response: { 200: Page(Delivery) },
      },
    },
    async (request) => {
      await getNotice(db, request.params.id);
      const page = pageRequest(request.query);
      const rows = await pageDeliveries(db, request.params.id, request.query, page.after ?? '0', page.limit + 1);
      return pageOf(rows, page, (row) => row.id, showDelivery);
    },
  );
  app.get(
    '/v1/notices/:id/deliveries.csv',
    {
      schema: {
        ...{ tags, summary: 'The deliveries as CSV, streamed', params: IdParams, querystring: Type.Object(Filter) },
        produces: ['text/csv'],
      },
    },
    async (request, reply) => {
      await getNotice(db, request.params.id);
      const rows = Readable.from(streamDeliveries(db, request.params.id, request.query));
      const csv = stringify({ header: true, columns: CSV_COLUMNS, record_delimiter: '\r\n' });
      rows.on('error', (error) => csv.destroy(error));
      reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="deliveries.csv"');
      return reply.send(rows.pipe(csv));
    },
  );
}

function contentRoute(app: App, services: Needs): void {
  app.get(
    '/v1/deliveries/:id/content',
    {
      schema: {
        ...{ tags, summary: 'Exactly what was said to this person', params: IdParams },
        querystring: Type.Object({
          part: OneOf('html', 'text', 'pdf'),
          archive: Type.Optional(Type.Boolean({ description: 'With `pdf`: as PDF/A-2b, for keeping.' })),
        }),
        produces: ['text/html', 'text/plain', 'application/pdf'],
      },
    },
    async (request, reply) => {
      const { part, archive = false } = request.query;
      const content = await contentOf(services, request.params.id, part, archive);
      await audit(services.db, request.user.id, 'delivery.content_read', 'delivery', request.params.id, {
        ...{ part, ...(archive && { archive }) },
      });
      // The words of a notice, shown as they are and able to do nothing.
      reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
      return reply.type(content.type).send(Buffer.from(content.bytes));
    },
  );
}

function uncertainRoute(app: App, { db, config }: Needs): void {
  app.get(
    '/v1/notices/:id/uncertain',
    {
      schema: {
        ...{
          tags,
          summary: 'Emails of which nobody knows whether they were taken, with what is known',
          params: IdParams,
        },
        ...{ querystring: PageQuery, response: { 200: Page(Uncertain) } },
      },
    },
    async (request) => {
      await getNotice(db, request.params.id);
      const page = pageRequest(request.query);
      const { firstRetrySeconds } = config;
      const rows = await pageUncertain(db, request.params.id, page.after ?? '0', page.limit + 1, firstRetrySeconds);
      return pageOf(rows, page, (row) => row.id, showUncertain);
    },
  );
}

// They create an attempt: said again because the answer was lost, it must not be a second one.
function resolutionRoutes(app: App, { db }: Needs): void {
  const resolved = Type.Object({ resolved: Type.Integer() });
  app.post(
    '/v1/deliveries/:id/resolve',
    {
      schema: {
        ...{ tags, summary: 'Say what became of an uncertain delivery', params: IdParams, body: Resolution },
        response: { 200: resolved },
      },
      config: { roles: ['operator'], creates: true },
    },
    async (request) => ({
      resolved: await resolveUncertain(db, { deliveryId: request.params.id }, request.body.outcome, request.user.id),
    }),
  );
  app.post(
    '/v1/notices/:id/resolve',
    {
      schema: {
        ...{
          tags,
          summary: 'Say what became of all uncertain deliveries of a notice',
          params: IdParams,
          body: Resolution,
        },
        response: { 200: resolved },
      },
      config: { roles: ['operator'], creates: true },
    },
    async (request) => {
      await getNotice(db, request.params.id);
      const target = { noticeId: request.params.id };
      return { resolved: await resolveUncertain(db, target, request.body.outcome, request.user.id) };
    },
  );
}
