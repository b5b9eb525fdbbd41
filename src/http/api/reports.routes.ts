import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import type { Services } from '../../services.ts';
import type { ReportReader } from '../../tracking/read-any-report.ts';
import {
  assignReport,
  pageReports,
  type ReportFile,
  type ReportRow,
  rawReport,
  reportFile,
  reportStates,
  settleReport,
} from '../../tracking/report-desk.store.ts';
import { reportWays } from '../../tracking/reports.store.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, Decision, Id, IdParams, Nullable, OneOf, Page, pageFields, Reason, Time } from '../schemas.ts';

const Text = Nullable(Type.String());
const found = {
  ...{ kind: Type.String(), class: Text, status: Text, rule: Type.String() },
  deliveryId: Nullable(Type.String({ description: 'The delivery of which it was written down; null: of none.' })),
  matchedBy: Text,
  candidates: Type.Array(Type.String(), { description: 'Deliveries to its recipient’s address, to choose from.' }),
};
const listed = {
  ...{ id: Type.String(), way: OneOf(...reportWays), state: OneOf(...reportStates), bytes: Type.Integer() },
  ...{ tries: Type.Integer(), receivedAt: Time, finishedAt: Nullable(Time), incidentId: Text },
  ...{ decidedBy: Text, decidedAt: Nullable(Time) },
};
const Report = Type.Object({ ...listed, findings: Type.Array(Type.Object(found)) });
const WholeReport = Type.Object({
  ...{ ...listed, decidedReason: Text },
  findings: Type.Array(Type.Object({ ...found, recipient: Text, words: Text })),
});
const Assignment = closed({ deliveryId: Id, reason: Reason });

const tags = ['reports'];
const operators = { roles: ['operator'] as const };

interface Needs extends Pick<Services, 'db' | 'vault' | 'log' | 'simulated'> {
  read: ReportReader;
}

/** What mail systems have reported, and the list of what a person has to look at. */
export const reportRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    listRoute(app, services);
    readingRoutes(app, services);
    decidingRoutes(app, services);
  };

function showRow({ found: findings, receivedAt, finishedAt, decidedAt, ...row }: ReportRow): Static<typeof Report> {
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    ...{ ...row, findings, receivedAt: receivedAt.toISOString() },
    ...{ finishedAt: iso(finishedAt), decidedAt: iso(decidedAt) },
  };
}

function showFile({ findings, decidedReason, ...row }: ReportFile): Static<typeof WholeReport> {
  return { ...showRow(row), findings, decidedReason };
}

function listRoute(app: App, { db }: Needs): void {
  app.get(
    '/v1/reports',
    {
      schema: {
        ...{ tags, summary: 'What has been reported of deliveries, the newest first: codes and ids' },
        querystring: Type.Object({ ...pageFields, state: Type.Optional(OneOf(...reportStates)) }),
        response: { 200: Page(Report) },
      },
      config: operators,
    },
    async ({ query }) => {
      const page = pageRequest(query);
      const rows = await pageReports(db, query.state ?? null, page.after, page.limit + 1);
      return pageOf(rows, page, (row) => row.id, showRow);
    },
  );
}

function readingRoutes(app: App, services: Needs): void {
  app.get(
    '/v1/reports/:id',
    {
      schema: { tags, summary: 'What a report says, word for word', params: IdParams, response: { 200: WholeReport } },
      config: operators,
    },
    async (request) => {
      const file = await reportFile(services, request.params.id);
      await audit(services.db, request.user.id, 'report.read', 'report', request.params.id);
      return showFile(file);
    },
  );
  app.get(
    '/v1/reports/:id/raw',
    {
      schema: {
        ...{ tags, summary: 'A report as it came', params: IdParams },
        produces: ['message/rfc822', 'application/json'],
      },
      config: operators,
    },
    async (request, reply) => {
      const { id } = request.params;
      const { way, bytes } = await rawReport(services, id);
      await audit(services.db, request.user.id, 'report.raw_read', 'report', id);
      const isMail = way === 'smtp' || way === 'imap' || way === 'api';
      // Anybody may have written it: it is kept, and never shown as a page.
      reply.header('content-disposition', `attachment; filename="report-${id}.${isMail ? 'eml' : 'json'}"`);
      return reply.type(isMail ? 'message/rfc822' : 'application/json').send(bytes);
    },
  );
}

function decidingRoutes(app: App, services: Needs): void {
  app.post(
    '/v1/reports/:id/assign',
    {
      schema: {
        ...{ tags, summary: 'Say which delivery a report is about', params: IdParams },
        ...{ body: Assignment, response: { 200: WholeReport } },
      },
      config: operators,
    },
    async (request) => {
      const { deliveryId, reason } = request.body;
      const { id } = request.params;
      await assignReport(services, id, deliveryId, { reason, userId: request.user.id });
      return showFile(await reportFile(services, id));
    },
  );
  app.post(
    '/v1/reports/:id/settle',
    {
      schema: {
        ...{ tags, summary: 'Set a report aside that is about none of our deliveries', params: IdParams },
        ...{ body: Decision, response: { 200: WholeReport } },
      },
      config: operators,
    },
    async (request) => {
      const { id } = request.params;
      await settleReport(services, id, { reason: request.body.reason, userId: request.user.id });
      return showFile(await reportFile(services, id));
    },
  );
}
