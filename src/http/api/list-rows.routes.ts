import { Readable } from 'node:stream';
import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { OwabiError } from '../../errors.ts';
import { requireList } from '../../intake/lists/list-pages.store.ts';
import { reportCsv } from '../../intake/lists/report.ts';
import {
  acceptAll,
  acceptQuarantined,
  correctQuarantined,
  excludeAll,
  excludeQuarantined,
  reopenQuarantined,
} from '../../intake/lists/row-desk.store.ts';
import { quarantineReasons } from '../../intake/lists/row-desk.ts';
import { reportForm, reportPages, rowPage } from '../../intake/lists/row-pages.store.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, Id, IdParams, Nullable, OneOf, Page, pageFields } from '../schemas.ts';
import { Row, showRow } from './list-answers.ts';

type Needs = Pick<Services, 'db' | 'vault' | 'postal'>;

const tags = ['lists'];
const roles = ['operator'] as const;

/** The rows of a list: looked at, reported, and decided on where the list could not. */
export const listRowRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    readingRoutes(app, services);
    correctionRoute(app, services);
    decisionRoutes(app, services);
    bulkRoutes(app, services);
  };

const RowsQuery = Type.Object({
  ...{ ...pageFields, outcome: Type.Optional(OneOf('accepted', 'merged', 'quarantined')) },
  reason: Type.Optional(OneOf(...quarantineReasons, 'duplicate_row')),
});

function readingRoutes(app: App, { db, vault }: Needs): void {
  app.get(
    '/v1/lists/:id/rows',
    {
      schema: {
        ...{ tags, summary: 'The rows of a list and what became of each', params: IdParams, querystring: RowsQuery },
        response: { 200: Page(Row) },
      },
      config: { roles },
    },
    async (request) => {
      const list = await requireList(db, request.params.id);
      const page = pageRequest(request.query);
      const { outcome = null, reason = null } = request.query;
      const wanted = { after: Number(page.after ?? 0), limit: page.limit + 1, outcome, reason };
      const rows = await rowPage(db, await vault.forIncident(list.incident_id), list.id, wanted);
      await audit(db, request.user.id, 'list.rows_read', 'list', list.id);
      return pageOf(rows, page, (row) => row.ordinal, showRow);
    },
  );
  app.get(
    '/v1/lists/:id/report.csv',
    {
      schema: {
        ...{ tags, summary: 'The list with the outcome of each row, streamed', params: IdParams },
        description:
          'In the encoding and with the delimiter that came in (a workbook: UTF-8, comma); in UTF-8 throughout when a ' +
          'corrected cell holds a character that the encoding lacks.',
        produces: ['text/csv'],
      },
      config: { roles },
    },
    async (request, reply) => {
      const list = await requireList(db, request.params.id);
      if (!['ready', 'accepting', 'accepted'].includes(list.status)) {
        throw new OwabiError('wrong_state', `A list that is ${list.status} has no report.`);
      }
      const incidentVault = await vault.forIncident(list.incident_id);
      const form = await reportForm(db, incidentVault, list);
      reply.type(`text/csv; charset=${form.encoding.charset}`);
      reply.header('content-disposition', `attachment; filename="list-${list.id}-report.csv"`);
      // Whoever asks for the head alone reads nothing of it.
      if (request.method === 'HEAD') return reply.send(Readable.from([]));
      await audit(db, request.user.id, 'list.report_read', 'list', list.id);
      return reply.send(Readable.from(reportCsv(form, reportPages(db, incidentVault, list))));
    },
  );
}

const RowParams = Type.Object({
  id: Id,
  line: Type.String({ pattern: '^[1-9][0-9]{0,8}$', description: 'The line on which the row begins.' }),
});
const Reason = Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S', description: 'Kept sealed.' });
const Decision = closed({ reason: Reason });
const Cell = Type.String({ maxLength: 10_000 });
const RowPatch = closed({
  cells: Type.Union([
    Type.Record(Type.String(), Cell, {
      description: 'Column name → text. Of two columns of one name, the first is meant.',
    }),
    Type.Array(Nullable(Cell), {
      description:
        'All cells in the order of the columns; null: as it is. Needed where the row had too many or too few.',
    }),
  ]),
  reason: Type.Optional(Reason),
});

interface RowRequest {
  params: Static<typeof RowParams>;
  user: { id: string };
}

const askedBy = ({ params, user }: RowRequest) => ({
  ...{ listId: params.id, line: Number(params.line), userId: user.id },
});

function correctionRoute(app: App, services: Needs): void {
  app.patch(
    '/v1/lists/:id/rows/:line',
    {
      schema: {
        ...{ tags, summary: 'Correct cells of a quarantined row, which is then checked again', params: RowParams },
        ...{ body: RowPatch, response: { 200: Row } },
      },
      config: { roles },
    },
    async (request) => {
      const { cells, reason = null } = request.body;
      return showRow(await correctQuarantined(services, askedBy(request), { cells, reason }));
    },
  );
}

function decisionRoutes(app: App, services: Needs): void {
  app.post(
    '/v1/lists/:id/rows/:line/accept',
    {
      schema: {
        ...{ tags, summary: 'Accept a quarantined row as it is', params: RowParams },
        ...{ body: Decision, response: { 200: Row } },
      },
      config: { roles },
    },
    async (request) => showRow(await acceptQuarantined(services, askedBy(request), request.body.reason)),
  );
  app.post(
    '/v1/lists/:id/rows/:line/exclude',
    {
      schema: {
        ...{ tags, summary: 'Leave a quarantined row out', params: RowParams },
        ...{ body: Decision, response: { 200: Row } },
      },
      config: { roles },
    },
    async (request) => showRow(await excludeQuarantined(services, askedBy(request), request.body.reason)),
  );
  app.post(
    '/v1/lists/:id/rows/:line/reopen',
    {
      schema: {
        ...{ tags, summary: 'Take the exclusion of a row back', params: RowParams, response: { 200: Row } },
      },
      config: { roles },
    },
    async (request) => showRow(await reopenQuarantined(services, askedBy(request))),
  );
}

const Decisions = closed({
  quarantineReason: OneOf(...quarantineReasons),
  reason: Reason,
});
const Decided = Type.Object({
  rows: Type.Integer({ minimum: 0, description: 'Rows that were decided.' }),
  left: Type.Integer({ minimum: 0, description: 'Rows with that reason that still wait for a decision.' }),
});

function bulkRoutes(app: App, services: Needs): void {
  const decisions = [
    ['accept', 'Accept all quarantined rows with a reason as they are', acceptAll],
    ['exclude', 'Leave all quarantined rows with a reason out', excludeAll],
  ] as const;
  for (const [word, summary, decide] of decisions) {
    app.post(
      `/v1/lists/:id/rows/${word}`,
      {
        schema: { ...{ tags, summary, params: IdParams, body: Decisions, response: { 200: Decided } } },
        config: { roles },
      },
      async (request) => decide(services, { listId: request.params.id, userId: request.user.id, ...request.body }),
    );
  }
}
