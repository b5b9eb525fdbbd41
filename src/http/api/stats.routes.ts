import Type, { type Static, type TProperties } from 'typebox';
import type { Db } from '../../db/database.ts';
import { inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { localTime } from '../../reporting/local-time.ts';
import { recount } from '../../reporting/recount.store.ts';
import { readIncidentFigures, readNoticeFigures } from '../../reporting/stats.store.ts';
import { type NoticeStats, noticeStats } from '../../reporting/stats.ts';
import type { Services } from '../../services.ts';
import { sendEvents } from '../event-stream.ts';
import type { RoutePlugin } from '../route.ts';
import { IdParams, Nullable, Time } from '../schemas.ts';

const figures = (...names: string[]) =>
  Type.Object(Object.fromEntries(['total', ...names].map((name) => [name, Type.Integer()])) as TProperties);

const NoticeStatsSchema = Type.Object({
  ...{ noticeId: Type.String(), status: Type.String(), asOf: Time },
  balanced: Type.Boolean({ description: 'The counters agree among themselves and with the last recount.' }),
  auditedAt: Nullable(Time),
  simulated: Type.Boolean(),
  persons: figures('reached', 'inProgress', 'unreached', 'excluded'),
  email: figures(
    ...['pending', 'claimed', 'submitting', 'submitted', 'deferred', 'uncertain', 'bounced', 'complained'],
    ...['confirmed', 'suppressed', 'cancelled'],
  ),
  letter: figures('pending', 'rendered', 'handedOver', 'posted', 'returned', 'unprintable', 'cancelled'),
  pace: Type.Object({
    lastMinute: Type.Integer(),
    perHour: Nullable(Type.Integer()),
    usedThisHour: Nullable(Type.Integer()),
    window: Nullable(
      Type.Object({
        open: Type.Boolean(),
        closesAt: Type.Optional(Time),
        opensAt: Type.Optional(Nullable(Time)),
      }),
    ),
    estimatedEnd: Nullable(Time),
  }),
  domains: Type.Array(
    Type.Object({
      domain: Type.String({ description: 'A group, or the first digits of a keyed hash.' }),
      ...{ perMinute: Nullable(Type.Number()), usedThisMinute: Type.Integer(), concurrency: Nullable(Type.Integer()) },
      ...{ slowed: Type.Boolean(), held: Type.Boolean(), because: Nullable(Type.String()) },
    }),
    { description: 'Mail domains of this notice that are limited, slowed or held.' },
  ),
  believed: Type.Object(
    { afterHours: Type.Integer(), lasting: Type.Integer(), provisional: Type.Integer() },
    {
      description:
        'email.submitted = lasting + provisional: no report has come for so many hours, or it may still come. Only ' +
        'email.confirmed has a receipt.',
    },
  ),
  reports: Type.Object(
    {
      ...{ bounce: Type.Integer(), delay: Type.Integer(), delivered: Type.Integer(), complaint: Type.Integer() },
      ...{ autoReply: Type.Integer(), other: Type.Integer() },
    },
    { description: 'What mail systems have reported of these emails afterwards, each thing once.' },
  ),
});

const IncidentStats = Type.Object({
  rows: Type.Object({
    ...{ total: Type.Integer(), accepted: Type.Integer(), merged: Type.Integer(), quarantined: Type.Integer() },
  }),
  persons: Type.Integer(),
  exposures: Type.Object({ total: Type.Integer(), byKind: Type.Record(Type.String(), Type.Integer()) }),
  coverage: Type.Object(
    {
      ...{ persons: Type.Integer(), inNotice: Type.Integer(), inNoNotice: Type.Integer(), onHold: Type.Integer() },
      ...{ excluded: Type.Integer(), quarantinedRows: Type.Integer() },
    },
    { description: 'persons = inNotice + inNoNotice + onHold + excluded: each person counts once.' },
  ),
  simulated: Type.Boolean(),
  notices: Type.Array(NoticeStatsSchema),
});

type Needs = Pick<Services, 'db' | 'simulated'>;

/** The figures of a notice and of an incident, each of one moment. */
export const statsRoutes =
  ({ db, simulated }: Needs): RoutePlugin =>
  async (app) => {
    const tags = ['stats'];
    const statsOf = async (from: Db, ids: string[]): Promise<NoticeStats[]> => {
      const notices = await readNoticeFigures(from, ids);
      return notices.map((notice) => noticeStats(notice, simulated, (at) => localTime(at, notice.timeZone)));
    };
    const one = async (id: string): Promise<NoticeStats> => {
      const [stats] = await statsOf(db, [id]);
      if (!stats) throw new OwabiError('not_found', 'There is no notice with this id.');
      return stats;
    };

    app.get(
      '/v1/notices/:id/stats',
      {
        schema: {
          ...{ tags, summary: 'What has happened to every person of a notice', params: IdParams },
          querystring: Type.Object({
            recount: Type.Optional(Type.Boolean({ description: 'Recount from the rows and the history now.' })),
          }),
          response: { 200: NoticeStatsSchema },
        },
      },
      async (request) => {
        if (request.query.recount) await recount(db, request.params.id);
        return (await one(request.params.id)) as Static<typeof NoticeStatsSchema>;
      },
    );
    app.get(
      '/v1/incidents/:id/stats',
      { schema: { tags, summary: 'The figures of an incident', params: IdParams, response: { 200: IncidentStats } } },
      async (request) =>
        inTransaction(db, async (trx) => {
          const { noticeIds, ...incident } = await readIncidentFigures(trx, request.params.id);
          const notices = (await statsOf(trx, noticeIds)) as Static<typeof NoticeStatsSchema>[];
          return { ...incident, simulated, notices };
        }),
    );
    app.get(
      '/v1/notices/:id/events',
      {
        // A HEAD would be answered by a stream that never ends.
        exposeHeadRoute: false,
        schema: {
          ...{ tags, summary: 'The stats as server-sent events, while they change', params: IdParams },
          produces: ['text/event-stream'],
        },
      },
      async (request, reply) => {
        await sendEvents<NoticeStats>(reply, {
          type: 'stats',
          read: () => one(request.params.id),
          sameness: (stats) => JSON.stringify({ ...stats, asOf: '' }),
          isOpen: () => app.server.listening,
        });
      },
    );
  };
