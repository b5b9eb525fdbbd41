import Type from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { requireIncident } from '../../intake/lists/list-pages.store.ts';
import type { GivenCorrection } from '../../intake/persons/correct-person.ts';
import { excludePerson, includePerson } from '../../intake/persons/exclusion.store.ts';
import { marksOf } from '../../intake/persons/marks.store.ts';
import type { PersonRow } from '../../intake/persons/person.store.ts';
import { changesOf } from '../../intake/persons/person-changes.store.ts';
import {
  correctPerson,
  deliveriesOf,
  exposuresOf,
  requirePerson,
  searchPersons,
} from '../../intake/persons/person-desk.store.ts';
import { rowNamesOf } from '../../intake/persons/person-rows.store.ts';
import { splitPerson } from '../../intake/persons/split-person.store.ts';
import { undoChange } from '../../intake/persons/undo-change.store.ts';
import type { Services } from '../../services.ts';
import { reportsOfDeliveries } from '../../tracking/delivery-reports.store.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, Decision, Id, IdParams, Nullable, Reason } from '../schemas.ts';
import { FoundPerson, Person, showFound, showPerson } from './person-answers.ts';

type Needs = Pick<Services, 'db' | 'vault'>;

const tags = ['persons'];
const Question = closed({ q: Type.String({ minLength: 1, maxLength: 320 }) });
const Split = closed({
  rows: Type.Array(closed({ listId: Id, line: Type.Integer({ minimum: 1 }) }), { minItems: 1, maxItems: 10_000 }),
  reason: Reason,
});
const PersonPatch = closed({
  reason: Type.Optional(Reason),
  email: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 320 }))),
  address: Type.Optional(
    Nullable(
      closed({
        postalCode: Type.Optional(Nullable(Type.String({ maxLength: 20 }))),
        lines: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 4 }),
        country: Type.Optional(Type.String({ minLength: 2, maxLength: 2 })),
      }),
    ),
  ),
});

/**
 * Persons: found for the call centre, shown with all that they were told, corrected, excluded, split, and each of it
 * undone. All of it is audited.
 */
export const personRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    readingRoutes(app, services);
    decidingRoutes(app, services);
    correctingRoute(app, services);
    splittingRoute(app, services);
  };

/** All that is known of a person, as it is answered. */
export async function show({ db, vault }: Needs, row: PersonRow) {
  const incidentVault = await vault.forIncident(row.incident_id);
  const [exposures, deliveries, marks, rows, changes] = await Promise.all([
    ...([exposuresOf(db, row.id), deliveriesOf(db, row.id), marksOf(db, row.id), rowNamesOf(db, row.id)] as const),
    changesOf(db, incidentVault, row.id),
  ]);
  const reports = await reportsOfDeliveries(
    db,
    deliveries.map(({ id }) => id),
  );
  return showPerson(row, incidentVault, { exposures, deliveries, reports, marks, rows, changes });
}

function readingRoutes(app: App, services: Needs): void {
  const { db, vault } = services;
  app.post(
    '/v1/incidents/:id/persons/search',
    {
      schema: {
        ...{ tags, summary: 'Find a person by reference, email, phone, external id or name', params: IdParams },
        ...{ body: Question, response: { 200: Type.Object({ items: Type.Array(FoundPerson) }) } },
      },
    },
    async (request) => {
      await requireIncident(db, request.params.id);
      const incidentVault = await vault.forIncident(request.params.id);
      const found = await searchPersons(db, incidentVault, request.params.id, request.body.q);
      await audit(db, request.user.id, 'person.search', 'incident', request.params.id, { found: found.length });
      for (const { id } of found) await audit(db, request.user.id, 'person.found', 'person', id);
      return { items: found.map((row) => showFound(row, incidentVault)) };
    },
  );
  app.get(
    '/v1/persons/:id',
    { schema: { tags, summary: 'All that is known of a person', params: IdParams, response: { 200: Person } } },
    async (request) => {
      const row = await requirePerson(db, request.params.id);
      await audit(db, request.user.id, 'person.read', 'person', row.id);
      return show(services, row);
    },
  );
}

function decidingRoutes(app: App, services: Needs): void {
  const decisions = [
    ['/v1/persons/:id/exclude', 'Leave a person out of notices to come', 'person.exclude', excludePerson],
    ['/v1/persons/:id/include', 'Take the exclusion of a person back', 'person.include', includePerson],
    [
      ...(['/v1/person-changes/:id/undo', 'Undo a merge, a split, a correction or an exclusion'] as const),
      ...(['person_change.undo', undoChange] as const),
    ],
  ] as const;
  for (const [path, summary, action, decide] of decisions) {
    app.post(
      path,
      {
        schema: { tags, summary, params: IdParams, body: Decision, response: { 200: Person } },
        config: { roles: ['operator'] },
      },
      async (request) => {
        const { id } = request.params;
        const row = await decide(services, id, { reason: request.body.reason, userId: request.user.id });
        const undone = action === 'person_change.undo' ? { changeId: id } : {};
        await audit(services.db, request.user.id, action, 'person', row.id, undone);
        return show(services, row);
      },
    );
  }
}

function correctingRoute(app: App, services: Needs): void {
  app.patch(
    '/v1/persons/:id',
    {
      schema: {
        ...{ tags, summary: 'Correct the email or the address of a person', params: IdParams },
        ...{ body: PersonPatch, response: { 200: Person } },
      },
      config: { roles: ['operator'] },
    },
    async (request) => {
      const { email, address } = request.body;
      const correction = request.body as GivenCorrection;
      const row = await correctPerson(services, request.params.id, correction, request.user.id);
      const changed = { email: email !== undefined, address: address !== undefined };
      await audit(services.db, request.user.id, 'person.correct', 'person', row.id, changed);
      return show(services, row);
    },
  );
}

function splittingRoute(app: App, services: Needs): void {
  app.post(
    '/v1/persons/:id/split',
    {
      schema: {
        ...{ tags, summary: 'Make a person of their own of rows that are another’s', params: IdParams },
        ...{ body: Split, response: { 201: Person } },
      },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      const { rows, reason } = request.body;
      const row = await splitPerson(services, request.params.id, rows, { reason, userId: request.user.id });
      const detail = { rows: rows.length, newId: row.id };
      await audit(services.db, request.user.id, 'person.split', 'person', request.params.id, detail);
      return reply.code(201).send(await show(services, row));
    },
  );
}
