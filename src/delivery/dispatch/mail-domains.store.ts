import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type Db, inTransaction } from '../../db/database.ts';
import type { DB } from '../../db/schema.ts';
import { OwabiError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import {
  baseRate,
  type DomainAnswer,
  type DomainState,
  domainName,
  groups,
  hasLaneByRule,
  isGroup,
  noteAnswer,
  nothingKnown,
  recovered,
  slowed,
} from './domain-limits.ts';

/** The columns of a `DomainState`, of `mail_domains m`; of a row that is not there too. */
export const domainColumns: RawBuilder<DomainState> = sql`
  m.per_minute as "perMinute", m.concurrency, m.slowed_to as "slowedTo", m.slowed_at as "slowedAt",
  coalesce(m.throttles, '{}') as throttles, m.throttled_at as "throttledAt", coalesce(m.refusals, '{}') as refusals,
  m.held_at as "heldAt", m.held_because as "heldBecause", m.held_code as "heldCode"`;

/** What has been permitted in the present minute, by `domain_budgets b`. */
export const usedThisMinute: RawBuilder<number> = sql`
  coalesce(case when b.minute = date_trunc('minute', now()) then b.used end, 0)`;

/** An answer to a delivery of a domain, and whose domain it is. */
export interface DomainSignal extends DomainAnswer {
  /** A group, or the keyed hash of a domain. */
  domain: string;
  incidentId: string;
}

interface Needs {
  db: Kysely<DB>;
  log: Logger;
  simulated: boolean;
}

/**
 * Slows or holds domains by what they have answered. Several processes may tell of the same domain at once.
 * @returns those of them that are held now
 */
export async function noteDomainSignals(
  { db, log, simulated }: Needs,
  signals: DomainSignal[],
): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  for (const [domain, answers] of Map.groupBy(signals, (signal) => signal.domain)) {
    const incidentId = isGroup(domain) ? null : (answers[0]?.incidentId ?? null);
    const named = { domain: domainName(domain), incidentId };
    const changes = await inTransaction(db, (trx) => note(trx, domain, incidentId, answers, simulated));
    if (changes.slowedTo !== null) log.warn({ event: 'domain.slowed', ...named, perMinute: changes.slowedTo });
    if (changes.held) log.error({ event: 'domain.held', ...named, because: changes.held });
    if (changes.isHeld) held.add(domain);
  }
  return held;
}

/** What answers led to; null for what they did not. */
interface Changes {
  slowedTo: number | null;
  held: string | null;
  isHeld: boolean;
}

async function note(
  trx: Db,
  domain: string,
  incidentId: string | null,
  answers: DomainAnswer[],
  simulated: boolean,
): Promise<Changes> {
  const { now, ...before } = await lockDomain(trx, domain, incidentId);
  let state: DomainState = before;
  for (const answer of answers) {
    const heard = noteAnswer(state, answer, now);
    state = heard.state;
    if (!heard.slow) continue;
    const present = state.slowedTo ?? baseRate(domain, state, simulated) ?? (await presentRate(trx, domain));
    state = slowed(state, present, now);
  }
  await writeDomain(trx, domain, state);
  return {
    slowedTo: state.slowedTo === before.slowedTo ? null : state.slowedTo,
    held: before.heldAt === null ? state.heldBecause : null,
    isHeld: state.heldAt !== null,
  };
}

/** After it was slowed, a domain is left to show what that has changed. */
const SLOWED_FOR_MS = 60_000;

/**
 * Slows a domain to half of what it gets now, unless it has just been slowed or is held.
 * @returns emails a minute; null: it stays as it is
 */
export async function slowDomain(
  trx: Db,
  domain: string,
  incidentId: string | null,
  simulated: boolean,
): Promise<number | null> {
  const { now, ...state } = await lockDomain(trx, domain, incidentId);
  if (state.heldAt || (state.slowedAt && now.getTime() - state.slowedAt.getTime() < SLOWED_FOR_MS)) return null;
  const present = state.slowedTo ?? baseRate(domain, state, simulated) ?? (await presentRate(trx, domain));
  const next = slowed(state, present, now);
  await writeDomain(trx, domain, next);
  return next.slowedTo;
}

/**
 * Holds a domain until an operator releases it.
 * @returns false when it is held already
 */
export async function holdDomain(
  trx: Db,
  domain: string,
  incidentId: string | null,
  because: string,
): Promise<boolean> {
  const { now, ...state } = await lockDomain(trx, domain, incidentId);
  if (state.heldAt) return false;
  await writeDomain(trx, domain, { ...state, heldAt: now, heldBecause: because, heldCode: null });
  return true;
}

/** Takes the row of a domain, and makes it when there is none. */
async function lockDomain(trx: Db, domain: string, incidentId: string | null): Promise<DomainState & { now: Date }> {
  await sql`
    insert into mail_domains (domain, incident_id) values (${domain}, ${incidentId})
    on conflict do nothing`.execute(trx);
  const { rows } = await sql<DomainState & { now: Date }>`
    select ${domainColumns}, clock_timestamp() as now from mail_domains m where m.domain = ${domain} for update`.execute(
    trx,
  );
  return rows[0] ?? { ...nothingKnown, now: new Date(0) };
}

async function writeDomain(db: Db, domain: string, state: DomainState): Promise<void> {
  await sql`
    update mail_domains set slowed_to = ${state.slowedTo}, slowed_at = ${state.slowedAt},
      throttles = ${state.throttles}::timestamptz[], throttled_at = ${state.throttledAt},
      refusals = ${state.refusals}::timestamptz[], held_at = ${state.heldAt}, held_because = ${state.heldBecause},
      held_code = ${state.heldCode}, updated_at = now()
    where domain = ${domain}`.execute(db);
}

/**
 * Emails a minute that we have been giving to a domain: what was tried in the last ten seconds or is in hand. Not only what
 * it has taken: from the first refusals on it would seem to take nothing, and would be slowed to almost that.
 */
async function presentRate(db: Db, domain: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select 6 * ((
      select count(*)
      from notices n
      join delivery_events e on e.notice_id = n.id and e.to_state = 'submitted' and e.at > now() - interval '10 seconds'
      join deliveries d on d.id = e.delivery_id
      where n.status = 'sending' and d.domain = ${domain}
    ) + (
      select count(*) from deliveries d
      where d.state = 'deferred' and d.domain = ${domain} and d.updated_at > now() - interval '10 seconds'
    ) + (
      select count(*) from deliveries d where d.state in ('claimed', 'submitting') and d.domain = ${domain}
    ))::int as n`.execute(db);
  return rows[0]?.n ?? 0;
}

/** Lets slowed domains go faster whose time has come. */
export async function recoverDomains(db: Kysely<DB>, simulated: boolean): Promise<void> {
  const { rows } = await sql<{ domain: string }>`
    select domain from mail_domains where slowed_to is not null`.execute(db);
  for (const { domain } of rows) {
    await inTransaction(db, async (trx) => {
      const { now, ...state } = await lockDomain(trx, domain, null);
      const next = recovered(domain, state, simulated, now);
      if (next !== state) await writeDomain(trx, domain, next);
    });
  }
}

/** Pending deliveries of a notice that are looked at in one go, from those that would be claimed next. */
const LOOK_AHEAD = 5_000;

/**
 * Puts deliveries of domains that need a lane of their own into it, so that what has no limit is claimed without passing
 * over them. Those that are next are looked at; claims do not take the others in the meantime.
 */
export async function moveToLanes(db: Db, noticeIds: string[]): Promise<void> {
  const { rows } = await sql<{ domain: string }>`select domain from mail_domains where needs_lane`.execute(db);
  const domains = rows.map(({ domain }) => domain).filter((domain) => !hasLaneByRule(domain));
  if (domains.length === 0) return;
  await sql`
    update deliveries d set lane = d.domain
    from unnest(${noticeIds}::bigint[]) n (id)
    cross join lateral (
      select p.id, p.domain from deliveries p
      where p.notice_id = n.id and p.channel = 'email' and p.state = 'pending' and p.lane = ''
      order by p.id limit ${LOOK_AHEAD}) next
    where next.domain = any (${domains}::text[]) and d.id = next.id and d.state = 'pending' and d.lane = ''`.execute(
    db,
  );
}

/** A domain of which something is known, with what has been permitted for it in the present minute. */
export interface DomainRow extends DomainState {
  domain: string;
  /** The incident of which the domain is a keyed hash; null for a group. */
  incidentId: string | null;
  used: number;
}

/** Every group, then every domain of its own that is limited, slowed or held; or one domain, whatever is known of it. */
export async function listDomains(db: Db, only: string | null = null): Promise<DomainRow[]> {
  const { rows } = await sql<DomainRow>`
    select coalesce(g.domain, m.domain) as domain, m.incident_id as "incidentId", ${domainColumns},
      ${usedThisMinute} as used
    from unnest(${groups}::text[]) with ordinality g (domain, place)
    full join mail_domains m on m.domain = g.domain
    left join domain_budgets b on b.domain = coalesce(g.domain, m.domain)
    where case when ${only}::text is null then g.domain is not null or m.needs_lane
      else coalesce(g.domain, m.domain) = ${only} end
    order by g.place, m.incident_id, m.domain`.execute(db);
  return rows;
}

/**
 * The domain that a person names: a group, or the first eight digits of a keyed hash of which something is known.
 * @throws OwabiError `not_found`
 */
export async function findDomain(db: Db, name: string): Promise<string> {
  if (isGroup(name)) return name;
  const { rows } = await sql<{ domain: string }>`
    select domain from mail_domains where incident_id is not null and left(domain, 8) = ${name}
    order by held_at desc nulls last limit 1`.execute(db);
  if (!rows[0]) throw new OwabiError('not_found', 'There is no such mail domain: GET /v1/domains lists them.');
  return rows[0].domain;
}

/** Sets an operator's own limits of a domain; null is the rule of its group, or no limit. */
export async function setDomainLimits(
  db: Db,
  domain: string,
  { perMinute, concurrency }: Pick<DomainState, 'perMinute' | 'concurrency'>,
): Promise<void> {
  await sql`
    insert into mail_domains (domain, per_minute, concurrency) values (${domain}, ${perMinute}, ${concurrency})
    on conflict (domain) do update
    set per_minute = excluded.per_minute, concurrency = excluded.concurrency, updated_at = now()`.execute(db);
}

/**
 * Lets a held domain go again; what it has refused is due at once.
 * @returns whether it was held, and the incident of a keyed hash
 */
export async function releaseDomain(db: Db, domain: string): Promise<{ incidentId: string | null } | null> {
  const { rows } = await sql<{ incidentId: string | null }>`
    with released as (
      update mail_domains set held_at = null, held_because = null, held_code = null, refusals = '{}', updated_at = now()
      where domain = ${domain} and held_at is not null
      returning incident_id
    ), due as (
      update deliveries set next_attempt_at = now()
      where state = 'deferred' and domain = ${domain} and class in ('sender_auth', 'sender_blocked')
        and exists (select from released)
    ), anew as (
      -- What held it is not counted again.
      update domain_minutes set invalid = 0 where domain = ${domain} and exists (select from released)
    )
    select incident_id as "incidentId" from released`.execute(db);
  return rows[0] ?? null;
}
