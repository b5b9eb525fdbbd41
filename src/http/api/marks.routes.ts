import Type from 'typebox';
import { requireIncident } from '../../intake/lists/list-pages.store.ts';
import { excludeHeld, releaseList, releasePerson } from '../../intake/persons/end-marks.store.ts';
import { heldPersons } from '../../intake/persons/marks.store.ts';
import { requirePerson } from '../../intake/persons/person-desk.store.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, IdParams, Nullable, OneOf, Page, PageQuery } from '../schemas.ts';
import { Person } from './person-answers.ts';
import { show } from './persons.routes.ts';

type Needs = Pick<Services, 'db' | 'vault'>;

const tags = ['marks'];
const reason = Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S' });
const Decision = closed({ reason });
const PersonRelease = closed({
  reason,
  kind: Type.Optional(OneOf('hold', 'exclude', 'already_notified')),
});
const Ended = Type.Object({
  listId: Type.String(),
  marks: Type.Integer({ description: 'Marks that ended: one for each row and person.' }),
  persons: Type.Integer({ description: 'Different persons whom they were of.' }),
});
const Held = Type.Object({
  ...{ personId: Type.String(), reference: Type.String(), listIds: Type.Array(Type.String()) },
  releaseOn: Nullable(Type.String({ description: 'The first day on which a hold of theirs is to be looked at.' })),
  overdue: Type.Boolean({ description: 'That day has passed, and nobody has decided.' }),
});

/** What lists say of persons (already notified, excluded, on hold): who is on hold, and how it ends. */
export const markRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    listDecisions(app, services);
    personDecision(app, services);
    holdsRoute(app, services);
  };

function listDecisions(app: App, services: Needs): void {
  const decisions = [
    ['release', 'End what a list says of persons: a hold, an exclusion, that they were notified', releaseList],
    ['exclude', 'Turn the holds of a list into exclusions', excludeHeld],
  ] as const;
  for (const [name, summary, decide] of decisions) {
    app.post(
      `/v1/lists/:id/${name}`,
      {
        schema: { tags, summary, params: IdParams, body: Decision, response: { 200: Ended } },
        config: { roles: ['operator'] },
      },
      async (request) => {
        const by = { reason: request.body.reason, userId: request.user.id };
        return { listId: request.params.id, ...(await decide(services, request.params.id, by)) };
      },
    );
  }
}

function personDecision(app: App, services: Needs): void {
  app.post(
    '/v1/persons/:id/release',
    {
      schema: {
        ...{ tags, summary: 'End what lists say of one person: by default that they are on hold', params: IdParams },
        ...{ body: PersonRelease, response: { 200: Person } },
      },
      config: { roles: ['operator'] },
    },
    async (request) => {
      const { reason, kind = 'hold' } = request.body;
      await releasePerson(services, request.params.id, kind, { reason, userId: request.user.id });
      return show(services, await requirePerson(services.db, request.params.id));
    },
  );
}

function holdsRoute(app: App, { db }: Needs): void {
  app.get(
    '/v1/incidents/:id/holds',
    {
      schema: {
        ...{ tags, summary: 'Who is on hold: as many as `onHold` in the coverage', params: IdParams },
        ...{ querystring: PageQuery, response: { 200: Page(Held) } },
      },
      config: { roles: ['operator'] },
    },
    async (request) => {
      await requireIncident(db, request.params.id);
      const page = pageRequest(request.query);
      const held = await heldPersons(db, request.params.id, { after: page.after ?? '0', limit: page.limit + 1 });
      return pageOf(
        held,
        page,
        ({ personId }) => personId,
        (one) => ({ ...one, reference: formatReference(one.reference) }),
      );
    },
  );
}
