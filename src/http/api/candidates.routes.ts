import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { requireIncident } from '../../intake/lists/list-pages.store.ts';
import {
  type Candidate as FoundCandidate,
  keepCandidateApart,
  mergeCandidate,
  pageCandidates,
  reopenCandidate,
} from '../../intake/persons/candidate-desk.store.ts';
import type { PersonData } from '../../intake/persons/person-data.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import type { Services } from '../../services.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { Decision, IdParams, Nullable, OneOf, Page, pageFields, Time } from '../schemas.ts';
import { showAddress } from './person-answers.ts';

type Needs = Pick<Services, 'db' | 'vault'>;

const tags = ['candidates'];
const Text = Nullable(Type.String());
const CandidatePerson = Type.Object({
  ...{ id: Type.String(), reference: Type.String(), name: Type.String(), kana: Text, birth: Text },
  emails: Type.Array(Type.String()),
  address: Nullable(Type.Object({ postalCode: Text, lines: Type.Array(Type.String()), country: Type.String() })),
  externalIds: Type.Array(Type.Object({ source: Type.String(), id: Type.String() })),
  exposures: Type.Integer({ description: 'Units, as they are counted.' }),
});
const Candidate = Type.Object({
  id: Type.String(),
  reason: OneOf('external_id_other_name', 'possible_duplicate', 'similar_name', 'were_one'),
  status: OneOf('open', 'merged', 'apart'),
  listId: Nullable(Type.String({ description: 'The list that brought them up.' })),
  persons: Type.Array(CandidatePerson, { description: 'Two, the one known first before the other.' }),
  ...{ decidedAt: Nullable(Time), decidedReason: Text },
});
const Query = Type.Object({
  status: Type.Optional(OneOf('open', 'merged', 'apart')),
  ...pageFields,
});

/** Pairs of persons who may be one, for an operator to decide. All of it is audited: it shows personal data. */
export const candidateRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    pageRoute(app, services);
    decidingRoutes(app, services);
  };

function pageRoute(app: App, { db, vault }: Needs): void {
  app.get(
    '/v1/incidents/:id/candidates',
    {
      schema: {
        ...{ tags, summary: 'Pairs of persons who may be one: by default those to decide', params: IdParams },
        ...{ querystring: Query, response: { 200: Page(Candidate) } },
      },
      config: { roles: ['operator'] },
    },
    async (request) => {
      const { id } = request.params;
      await requireIncident(db, id);
      const page = pageRequest(request.query);
      const wanted = {
        status: request.query.status ?? 'open',
        after: page.after ?? '0',
        limit: page.limit + 1,
      } as const;
      const incidentVault = await vault.forIncident(id);
      const found = await pageCandidates(db, incidentVault, id, wanted);
      const answer = pageOf(
        found,
        page,
        (one) => one.id,
        (one) => showCandidate(one, incidentVault),
      );
      const [first = null, last = null] = [answer.items[0]?.id, answer.items.at(-1)?.id];
      await audit(db, request.user.id, 'candidates.read', 'incident', id, { shown: answer.items.length, first, last });
      return answer;
    },
  );
}

function decidingRoutes(app: App, services: Needs): void {
  const decisions = [
    ['merge', 'Make one person of the two; the one known first stays', mergeCandidate],
    ['apart', 'Keep the two apart: no list joins them by itself', keepCandidateApart],
    ['reopen', 'Take a decision back; a merge is undone', reopenCandidate],
  ] as const;
  for (const [name, summary, decide] of decisions) {
    app.post(
      `/v1/candidates/:id/${name}`,
      {
        schema: { tags, summary, params: IdParams, body: Decision, response: { 200: Candidate } },
        config: { roles: ['operator'] },
      },
      async (request) => {
        const { db, vault } = services;
        const by = { reason: request.body.reason, userId: request.user.id };
        const candidate = await decide(services, request.params.id, by);
        const [one, other] = candidate.persons.map(({ row }) => row.id);
        const detail = { personId: one ?? null, otherId: other ?? null };
        await audit(db, request.user.id, `candidate.${name}`, 'candidate', candidate.id, detail);
        return showCandidate(candidate, await vault.forIncident(candidate.incidentId));
      },
    );
  }
}

function showCandidate(candidate: FoundCandidate, vault: IncidentVault): Static<typeof Candidate> {
  const { id, reason, status, listId, decidedAt, decidedReason, persons } = candidate;
  return {
    ...{ id, reason: reason as Static<typeof Candidate>['reason'], status, listId, decidedReason },
    decidedAt: decidedAt?.toISOString() ?? null,
    persons: persons.map(({ row, exposures }) => {
      const data = vault.openJson<PersonData>('person', row.sealed);
      const { name, kana, birth, externalIds } = data;
      return {
        ...{ id: row.id, reference: formatReference(row.reference), name, kana, birth, externalIds, exposures },
        emails: data.emails.map(({ address }) => address),
        address: showAddress(data),
      };
    }),
  };
}
