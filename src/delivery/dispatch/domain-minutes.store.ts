import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type Db, inTransaction } from '../../db/database.ts';
import type { DB } from '../../db/schema.ts';
import type { Logger } from '../../log.ts';
import { judgeInvalid } from './invalid-pattern.ts';
import { holdDomain, slowDomain } from './mail-domains.store.ts';

/**
 * Emails of a group of mail domains: how many were tried, and of how many its server says that nobody has the address. A
 * domain that stands for itself is not counted: whoever has but some hundred of our addresses takes nobody for a spammer,
 * and a company that has closed has them all invalid.
 */
export interface DomainTally {
  /** As in `mail-groups.ts`. */
  domain: string;
  tried: number;
  invalid: number;
}

interface Needs {
  db: Kysely<DB>;
  log: Logger;
  simulated: boolean;
}

/**
 * What domains did with the emails of the last ten minutes: `domain, tried, invalid`. Reports come late: where they are of
 * more than was tried in this time, they are held against an hour, and `tried` is null when that is not enough either:
 * then they tell of the past.
 */
export const recentTallies: RawBuilder<{ domain: string; tried: number | null; invalid: number }> = sql`
  select domain, invalid,
    case when recent >= invalid then recent when hour >= invalid then hour end as tried
  from (
    select domain, sum(tried)::int as hour,
      coalesce(sum(tried) filter (where minute > now() - interval '10 minutes'), 0)::int as recent,
      coalesce(sum(invalid) filter (where minute > now() - interval '10 minutes'), 0)::int as invalid
    from domain_minutes where minute > now() - interval '1 hour' group by domain) t`;

/**
 * Counts what became of emails to mail domains, and slows or holds a domain of which too many addresses are nobody's:
 * a receiver takes a sender who asks for many who are not there for a spammer, and would soon refuse everybody's mail.
 */
export async function noteDomainTallies(needs: Needs, tallies: DomainTally[]): Promise<void> {
  const { db } = needs;
  if (tallies.length === 0) return;
  await sql`
    insert into domain_minutes (domain, minute, tried, invalid)
    select domain, date_trunc('minute', now()), sum(tried), sum(invalid)
    from unnest(${tallies.map((one) => one.domain)}::text[], ${tallies.map((one) => one.tried)}::int[],
      ${tallies.map((one) => one.invalid)}::int[]) t (domain, tried, invalid)
    -- In one order by everybody, so that two writers never wait for each other in a ring.
    group by domain order by domain
    on conflict (domain, minute) do update
    set tried = domain_minutes.tried + excluded.tried, invalid = domain_minutes.invalid + excluded.invalid`.execute(db);
  const failing = tallies.filter(({ invalid }) => invalid > 0).map(({ domain }) => domain);
  if (failing.length === 0) return;
  const { rows } = await sql<{ domain: string; tried: number | null; invalid: number }>`
    select * from (${recentTallies}) t where domain = any (${failing}::text[])`.execute(db);
  for (const { domain, tried, invalid } of rows) {
    const verdict = tried === null ? null : judgeInvalid(tried, invalid);
    if (verdict !== null) await act(needs, domain, verdict);
  }
}

async function act({ db, log, simulated }: Needs, domain: string, verdict: 'slow' | 'hold'): Promise<void> {
  const named = { domain, incidentId: null };
  if (verdict === 'hold') {
    const held = await inTransaction(db, (trx) => holdDomain(trx, domain, null, 'invalid_mailboxes'));
    if (held) log.error({ event: 'domain.held', ...named, because: 'invalid_mailboxes' });
    return;
  }
  const perMinute = await inTransaction(db, (trx) => slowDomain(trx, domain, null, simulated));
  if (perMinute !== null) log.warn({ event: 'domain.slowed', ...named, perMinute });
}

/** The minutes of mail domains are kept for as long as they are counted. */
export async function forgetMinutes(db: Db): Promise<void> {
  await sql`delete from domain_minutes where minute < now() - interval '2 hours'`.execute(db);
}
