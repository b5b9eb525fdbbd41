import Type, { type Static } from 'typebox';
import { endSuppression, pageSuppressions, type SuppressionRow } from '../../delivery/suppressions.store.ts';
import { requireIncident } from '../../intake/lists/list-pages.store.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { RoutePlugin } from '../route.ts';
import { closed, IdParams, Nullable, OneOf, Page, PageQuery, Reason, Time } from '../schemas.ts';

const tags = ['deliveries'];
const Suppression = Type.Object({
  id: Type.String(),
  reason: OneOf('invalid_mailbox', 'invalid_domain', 'owner_changed', 'complained'),
  code: Nullable(Type.String({ description: 'The codes of the reply, without its words.' })),
  at: Time,
  deliveryId: Type.String({ description: 'The delivery that failed; whose it was tells whom the address was of.' }),
  ...{ personId: Type.String(), reference: Type.String() },
  endedAt: Nullable(Time),
});
const End = closed({ reason: Type.Optional(Reason) });

/** Addresses that have failed for good, and how an operator has one tried again. No address and no hash is shown. */
export const suppressionRoutes =
  (services: Pick<Services, 'db' | 'vault'>): RoutePlugin =>
  async (app) => {
    app.get(
      '/v1/incidents/:id/suppressions',
      {
        schema: {
          ...{ tags, summary: 'Addresses that no notice of the incident tries again', params: IdParams },
          ...{ querystring: PageQuery, response: { 200: Page(Suppression) } },
        },
      },
      async (request) => {
        await requireIncident(services.db, request.params.id);
        const page = pageRequest(request.query);
        const rows = await pageSuppressions(services.db, request.params.id, page.after ?? '0', page.limit + 1);
        return pageOf(rows, page, ({ id }) => id, show);
      },
    );
    app.post(
      '/v1/suppressions/:id/end',
      {
        schema: {
          ...{ tags, summary: 'Let the next notice that is frozen try this address again', params: IdParams },
          ...{ body: End, response: { 200: Suppression } },
        },
        config: { roles: ['operator'] },
      },
      async (request) => {
        const by = { ...request.body, userId: request.user.id };
        return show(await endSuppression(services, request.params.id, by));
      },
    );
  };

function show({ reference, reason, at, endedAt, ...row }: SuppressionRow): Static<typeof Suppression> {
  return {
    ...{ ...row, reason: reason as Static<typeof Suppression>['reason'], reference: formatReference(reference) },
    ...{ at: at.toISOString(), endedAt: endedAt?.toISOString() ?? null },
  };
}
