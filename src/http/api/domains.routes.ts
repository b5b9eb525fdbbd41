import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { inTransaction } from '../../db/database.ts';
import { domainName, limitsOf } from '../../delivery/dispatch/domain-limits.ts';
import {
  type DomainRow,
  findDomain,
  listDomains,
  releaseDomain,
  setDomainLimits,
} from '../../delivery/dispatch/mail-domains.store.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { RoutePlugin } from '../route.ts';
import { closed, Nullable, OneOf, Page, PageQuery, Time } from '../schemas.ts';

const Limit = Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }));
const Limits = closed({ perMinute: Limit, concurrency: Limit }, { description: "Null: back to the group's rule." });

const Domain = Type.Object({
  domain: Type.String({ description: 'A group of mail domains, or the first eight digits of a keyed hash.' }),
  incidentId: Nullable(Type.String({ description: 'Of a keyed hash.' })),
  perMinute: Nullable(Type.Number({ description: 'In force; null: no limit.' })),
  concurrency: Nullable(Type.Integer({ description: 'In force; null: no limit.' })),
  own: Type.Object(
    { perMinute: Nullable(Type.Integer()), concurrency: Nullable(Type.Integer()) },
    { description: 'What an operator has set.' },
  ),
  ...{ usedThisMinute: Type.Integer(), slowed: Type.Boolean(), held: Type.Boolean() },
  because: Nullable(OneOf('sender_auth', 'sender_blocked', 'invalid_mailboxes')),
  code: Nullable(Type.String({ description: 'The codes of the refusal for which it is held.' })),
  heldAt: Nullable(Time),
});

const DomainParams = Type.Object({ domain: Type.String({ pattern: '^[a-z0-9_]{1,40}$' }) });

type Needs = Pick<Services, 'db' | 'log' | 'simulated'>;

function showDomain(row: DomainRow, simulated: boolean): Static<typeof Domain> {
  const { perMinute, concurrency, held } = limitsOf(row.domain, row, simulated);
  return {
    ...{ domain: domainName(row.domain), incidentId: row.incidentId, perMinute, concurrency },
    own: { perMinute: row.perMinute, concurrency: row.concurrency },
    ...{ usedThisMinute: row.used, slowed: row.slowedTo !== null, held },
    because: row.heldBecause as Static<typeof Domain>['because'],
    ...{ code: row.heldCode, heldAt: row.heldAt?.toISOString() ?? null },
  };
}

/** Mail domains: how much goes to each, which have asked for less, which are held until somebody releases them. */
export const domainRoutes =
  ({ db, log, simulated }: Needs): RoutePlugin =>
  async (app) => {
    const tags = ['domains'];
    const show = async (domain: string): Promise<Static<typeof Domain>> => {
      const [row] = await listDomains(db, domain);
      if (!row) throw new OwabiError('not_found');
      return showDomain(row, simulated);
    };

    app.get(
      '/v1/domains',
      {
        schema: {
          ...{ tags, summary: 'Mail domains with their limits', querystring: PageQuery },
          response: { 200: Page(Domain) },
        },
      },
      async (request) => {
        const { limit, after } = pageRequest(request.query);
        const from = Number(after ?? 0);
        const rows = (await listDomains(db)).map((row, i) => ({ row, place: i + 1 })).slice(from, from + limit + 1);
        return pageOf(
          rows,
          { limit },
          ({ place }) => place,
          ({ row }) => showDomain(row, simulated),
        );
      },
    );
    app.put(
      '/v1/domains/:domain',
      {
        schema: {
          ...{ tags, summary: 'Limit what goes to a mail domain', params: DomainParams, body: Limits },
          response: { 200: Domain },
        },
        config: { roles: ['operator'] },
      },
      async (request) => {
        const domain = await findDomain(db, request.params.domain);
        await inTransaction(db, async (trx) => {
          const { perMinute, concurrency } = request.body;
          await audit(trx, request.user.id, 'domain.limit', 'domain', null, {
            ...{ domain: domainName(domain), perMinute, concurrency },
          });
          await setDomainLimits(trx, domain, request.body);
        });
        return show(domain);
      },
    );
    app.post(
      '/v1/domains/:domain/release',
      {
        schema: {
          ...{ tags, summary: 'Let a held mail domain go again', params: DomainParams, response: { 200: Domain } },
          description: 'What it has refused is tried again at once.',
        },
        config: { roles: ['operator'] },
      },
      async (request) => {
        const domain = await findDomain(db, request.params.domain);
        const released = await inTransaction(db, async (trx) => {
          await audit(trx, request.user.id, 'domain.release', 'domain', null, { domain: domainName(domain) });
          return releaseDomain(trx, domain);
        });
        if (released) log.info({ event: 'domain.released', domain: domainName(domain), ...released });
        return show(domain);
      },
    );
  };
