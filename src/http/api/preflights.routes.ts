import Type, { type Static } from 'typebox';
import { checkNames } from '../../delivery/preflight/checks.ts';
import type { RunPreflight } from '../../delivery/preflight/preflight.ts';
import { getPreflight, listPreflights, type Preflight } from '../../delivery/preflight/preflights.store.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { RoutePlugin } from '../route.ts';
import { IdParams, Nullable, OneOf, Page, PageQuery, Time } from '../schemas.ts';

const CheckLine = Type.Object({
  check: OneOf(...checkNames),
  subject: Type.String({ description: 'A relay, a domain, a DNS name, or the address of a host.' }),
  result: OneOf('passed', 'warned', 'failed', 'unknown'),
  ...{ code: Type.String(), message: Type.String() },
});
const ShownPreflight = Type.Object({
  ...{ id: Type.String(), noticeId: Nullable(Type.String()), at: Time },
  result: OneOf('passed', 'warned', 'failed'),
  checks: Type.Array(CheckLine),
});

const show = ({ at, ...rest }: Preflight): Static<typeof ShownPreflight> => ({ ...rest, at: at.toISOString() });

/** Preflights: whether the relays would take mail from us, and what the DNS says of us. */
export const preflightRoutes =
  ({ db, preflight }: Pick<Services, 'db'> & { preflight: RunPreflight | null }): RoutePlugin =>
  async (app) => {
    const tags = ['preflights'];
    app.post(
      '/v1/preflights',
      {
        schema: { tags, summary: 'Check relays and DNS now', response: { 201: ShownPreflight } },
        config: { roles: ['operator'], creates: true },
      },
      async (request, reply) => {
        if (!preflight) throw new OwabiError('no_relay');
        return reply.code(201).send(show(await preflight(request.user.id, null)));
      },
    );
    app.get(
      '/v1/preflights',
      {
        schema: {
          ...{ tags, summary: 'Preflights, the latest first', querystring: PageQuery },
          response: { 200: Page(ShownPreflight) },
        },
      },
      async (request) => {
        const page = pageRequest(request.query);
        const found = await listPreflights(db, page.after, page.limit + 1);
        return pageOf(found, page, ({ id }) => id, show);
      },
    );
    app.get(
      '/v1/preflights/:id',
      { schema: { tags, summary: 'A preflight', params: IdParams, response: { 200: ShownPreflight } } },
      async (request) => show(await getPreflight(db, request.params.id)),
    );
  };
