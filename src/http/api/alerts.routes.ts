import Type, { type Static } from 'typebox';
import { type AlertWay, alertKinds, describeAlert } from '../../alerts/alert.ts';
import { pageAlerts } from '../../alerts/alerts.store.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { RoutePlugin } from '../route.ts';
import { Nullable, OneOf, Page, pageFields, Time } from '../schemas.ts';

const Way = Nullable(
  Type.Object(
    { at: Nullable(Time), tries: Type.Integer(), nextTryAt: Nullable(Time) },
    { description: 'Null: this way was not set. `at` and `nextTryAt` both null: given up.' },
  ),
);
const ShownAlert = Type.Object({
  id: Type.String(),
  kind: OneOf(...alertKinds),
  subject: Type.Record(Type.String(), Type.String()),
  detail: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()])),
  ...{ message: Type.String(), raisedAt: Time, endedAt: Nullable(Time) },
  told: Type.Object({ webhook: Way, email: Way }),
});
const Query = Type.Object({
  ...pageFields,
  open: Type.Optional(Type.Boolean({ description: 'Only those whose cause lasts, or only those that have ended.' })),
});

type Row = Awaited<ReturnType<typeof pageAlerts>>[number];

/** What operators have been told of, the newest first. */
export const alertRoutes =
  ({ db }: Pick<Services, 'db'>): RoutePlugin =>
  async (app) => {
    app.get(
      '/v1/alerts',
      {
        schema: {
          ...{ tags: ['alerts'], summary: 'What needs the operators, the newest first', querystring: Query },
          response: { 200: Page(ShownAlert) },
        },
      },
      async (request) => {
        const page = pageRequest(request.query);
        const rows = await pageAlerts(db, request.query.open ?? null, page.after, page.limit + 1);
        return pageOf(rows, page, (row) => row.id, shown);
      },
    );
  };

function shown({ told, ...alert }: Row): Static<typeof ShownAlert> {
  const by = (way: AlertWay) => {
    const one = told.find((telling) => telling.way === way);
    return one ? { at: iso(one.toldAt), tries: one.tries, nextTryAt: iso(one.nextTryAt) } : null;
  };
  return {
    ...{ id: alert.id, kind: alert.kind, subject: alert.subject, detail: alert.detail },
    message: describeAlert(alert).message,
    ...{ raisedAt: alert.raisedAt.toISOString(), endedAt: alert.endedAt?.toISOString() ?? null },
    told: { webhook: by('webhook'), email: by('email') },
  };
}

const iso = (at: string | null): string | null => (at === null ? null : new Date(at).toISOString());
