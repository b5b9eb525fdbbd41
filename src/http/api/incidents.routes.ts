import Type from 'typebox';
import { OwabiError } from '../../errors.ts';
import { checkFacts, type Facts } from '../../incident/facts.ts';
import {
  changeIncident,
  createIncident,
  findIncident,
  type IncidentFields,
  type IncidentRow,
  listIncidents,
} from '../../incident/incidents.store.ts';
import { liftPreservation, preservationOf, preserve } from '../../incident/preservation.store.ts';
import { isTimeZone } from '../../incident/time-zone.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, IdParams, Nullable, OneOf, Page, PageQuery, Time } from '../schemas.ts';

// Free here: facts are checked by their own rules, which name every field that is wrong and say what to write.
const FactsJson = Type.Unsafe<Facts>(
  Type.Object({}, { additionalProperties: true, description: 'The fact sheet: the schema `Facts` of this document.' }),
);
const fields = {
  title: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]+$' }),
  locale: OneOf('ja', 'en'),
  timeZone: Type.String({ maxLength: 64, description: 'A zone of the IANA database, such as Asia/Tokyo.' }),
};
const summary = { id: Type.String(), ...fields, version: Type.Integer(), createdAt: Time, updatedAt: Time };
const Summary = Type.Object(summary);
const Incident = Type.Object({
  ...{ ...summary, facts: FactsJson },
  preservation: Nullable(
    Type.Object(
      { since: Time, reason: Type.String() },
      { description: 'A legal duty to preserve the data: they cannot be destroyed while it is in force.' },
    ),
  ),
});
const Order = closed({ reason: Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S' }) });
const NewIncident = closed({ ...fields, facts: FactsJson });
const IncidentChange = closed({
  title: Type.Optional(fields.title),
  locale: Type.Optional(fields.locale),
  timeZone: Type.Optional(fields.timeZone),
  facts: Type.Optional(FactsJson),
});

type Needs = Pick<Services, 'db' | 'vault'>;

/** Incidents and their fact sheets; a duty to preserve their data. */
export const incidentRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    const { db, vault } = services;
    preservationRoutes(app, services);
    app.post(
      '/v1/incidents',
      {
        config: { roles: ['operator'], creates: true },
        schema: { summary: 'Open an incident', body: NewIncident, response: { 201: Incident } },
      },
      async (request, reply) => {
        checkFields(request.body);
        const incident = await createIncident({ db, vault }, request.body, request.user.id);
        return reply.code(201).send(await whole(services, incident));
      },
    );
    app.get(
      '/v1/incidents',
      {
        schema: {
          summary: 'All incidents, without their facts',
          querystring: PageQuery,
          response: { 200: Page(Summary) },
        },
      },
      async (request) => {
        const page = pageRequest(request.query);
        return pageOf(await listIncidents(db, page), page, (row) => row.id, summaryOf);
      },
    );
    app.get(
      '/v1/incidents/:id',
      { schema: { summary: 'One incident', params: IdParams, response: { 200: Incident } } },
      async (request) => whole(services, await findIncident(db, request.params.id)),
    );
    app.patch(
      '/v1/incidents/:id',
      {
        config: { roles: ['operator'] },
        schema: {
          summary: 'Change an incident',
          description:
            'A change of facts, locale or time zone makes every notice that is frozen or approved, and has not started, ' +
            'a draft again.',
          params: IdParams,
          body: IncidentChange,
          response: { 200: Incident },
        },
      },
      async (request) => {
        if (Object.keys(request.body).length === 0) throw new OwabiError('invalid_body', 'Say what to change.');
        checkFields(request.body);
        return whole(services, await changeIncident(db, request.params.id, request.body, request.user.id));
      },
    );
  };

/** Retention is the administrator's: an order blocks the destruction of the data until it is lifted. */
function preservationRoutes(app: App, services: Needs): void {
  const decisions = [
    ['preserve', 'Preserve the data of an incident: a legal duty', preserve],
    ['preserve/lift', 'Lift the duty to preserve the data of an incident', liftPreservation],
  ] as const;
  for (const [name, summary, decide] of decisions) {
    app.post(
      `/v1/incidents/:id/${name}`,
      {
        config: { roles: ['admin'] },
        schema: { summary, params: IdParams, body: Order, response: { 200: Incident } },
      },
      async (request) => {
        await decide(services, request.params.id, { reason: request.body.reason, userId: request.user.id });
        return whole(services, await findIncident(services.db, request.params.id));
      },
    );
  }
}

/** @throws OwabiError `invalid_body`, `invalid_facts` */
function checkFields({ timeZone, facts }: Partial<IncidentFields>): void {
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const errors = [{ path: 'timeZone', message: 'must be a zone of the IANA database, such as Asia/Tokyo' }];
    throw new OwabiError('invalid_body', 'timeZone is not a zone of the IANA database.', { errors });
  }
  if (facts === undefined) return;
  const problems = checkFacts(facts);
  if (problems.length === 0) return;
  const errors = problems.map(({ path, message }) => ({ path: path ? `facts.${path}` : 'facts', message }));
  throw new OwabiError('invalid_facts', `The facts have ${problems.length} wrong fields; see errors.`, { errors });
}

function summaryOf(row: Omit<IncidentRow, 'facts' | 'created_by'>) {
  return {
    id: row.id,
    title: row.title,
    locale: row.locale as 'ja' | 'en',
    timeZone: row.time_zone,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

async function whole(services: Needs, found: IncidentRow | undefined) {
  if (!found) throw new OwabiError('not_found', 'There is no incident with this id.');
  const preservation = await preservationOf(services, found.id);
  return {
    ...summaryOf(found),
    // Only what has passed `checkFacts` is ever written there.
    facts: found.facts as unknown as Facts,
    preservation: preservation && { since: preservation.since.toISOString(), reason: preservation.reason },
  };
}
