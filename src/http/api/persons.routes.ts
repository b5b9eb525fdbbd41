import Type from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { requireIncident } from '../../intake/lists/list-pages.store.ts';
import { applyCorrection, type Correction } from '../../intake/persons/correct-person.ts';
import type { PersonRow } from '../../intake/persons/person.store.ts';
import {
  correctPerson,
  deliveriesOf,
  excludePerson,
  exposuresOf,
  requirePerson,
  searchPersons,
} from '../../intake/persons/person-desk.store.ts';
import type { Services } from '../../services.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, IdParams, Nullable } from '../schemas.ts';
import { FoundPerson, Person, showFound, showPerson } from './person-answers.ts';

type Needs = Pick<Services, 'db' | 'vault'>;

const tags = ['persons'];
const Question = closed({ q: Type.String({ minLength: 1, maxLength: 320 }) });
const Exclusion = closed({ reason: Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S' }) });
const PersonPatch = closed({
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

/** Persons: found for the call centre, shown with all that they were told, corrected, excluded. All of it is audited. */
export const personRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    readingRoutes(app, services);
    changingRoutes(app, services);
  };

async function show({ db, vault }: Needs, row: PersonRow) {
  const [exposures, deliveries] = await Promise.all([exposuresOf(db, row.id), deliveriesOf(db, row.id)]);
  return showPerson(row, await vault.forIncident(row.incident_id), { exposures, deliveries });
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

function changingRoutes(app: App, services: Needs): void {
  const { db } = services;
  app.post(
    '/v1/persons/:id/exclude',
    {
      schema: {
        ...{ tags, summary: 'Leave a person out of notices to come', params: IdParams },
        ...{ body: Exclusion, response: { 200: Person } },
      },
      config: { roles: ['operator'] },
    },
    async (request) => {
      const by = { reason: request.body.reason, userId: request.user.id };
      const row = await excludePerson(services, request.params.id, by);
      await audit(db, request.user.id, 'person.exclude', 'person', row.id);
      return show(services, row);
    },
  );
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
      const correction = { ...(email !== undefined && { email }), ...(address !== undefined && { address }) };
      const row = await correctPerson(services, request.params.id, (data) =>
        applyCorrection(data, correction as Correction),
      );
      const changed = { email: email !== undefined, address: address !== undefined };
      await audit(db, request.user.id, 'person.correct', 'person', row.id, changed);
      return show(services, row);
    },
  );
}
