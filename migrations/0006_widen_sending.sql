-- Sending that respects its receivers: mail domains with budgets, windows, relays that are held, addresses that have
-- failed, checks before sending, and alerts.

alter table notices
  -- When emails may go out (http-api.md, pace), as given: of "hotline" the frozen facts say the hours.
  add column pace_window jsonb,
  -- How long the last recount took, in seconds.
  add column audit_seconds double precision,
  -- Of a notice with a window: until when it is open. The dispatcher keeps it; marks demand it. Null: no window.
  add column open_until timestamptz;

alter table deliveries
  -- Of an email: the group of its mail domain ('docomo', 'gmail', …), or the keyed hash of the domain.
  add column domain text,
  -- Emails of one lane share a limit: '' has none, else it is the domain. Kept apart from `domain`, so that what has no
  -- limit can be claimed without passing over what has.
  add column lane text not null default '',
  -- Keyed hash of the address: an address that has failed for good is not tried again by the next notice.
  add column address_key uuid;

drop index deliveries_pending;
create index deliveries_pending on deliveries (notice_id, channel, lane, id) where state = 'pending';

-- Each index of these two costs every message three times. An event is always asked for by its delivery; who a delivery is
-- for stands in notice_persons, which has an index for it.
alter table delivery_events drop constraint delivery_events_pkey;
drop index delivery_events_delivery_id_id_idx;
alter table delivery_events add primary key (delivery_id, id);
drop index deliveries_person_id_idx;

-- What the message or our side is to blame for: operators are told.
create index deliveries_refused on deliveries (notice_id, class)
  where state = 'deferred' and class in ('content', 'system');

-- What was submitted in each second, kept for some minutes: counting a minute's history took 10 ms of every answer.
create table submitted_seconds (
  notice_id bigint not null references notices,
  second timestamptz not null,
  n int not null,
  primary key (notice_id, second)
) with (fillfactor = 50);

-- A permission to send is for one lane.
alter table tasks add column lane text not null default '';

-- What is known of a mail domain: limits that an operator set, slowing, holding. No row: nothing to know.
create table mail_domains (
  domain text primary key,
  -- Set by an operator; null: the rule of the group, or none.
  per_minute int check (per_minute > 0),
  concurrency int check (concurrency > 0),
  -- It has asked for less: this many a minute, until it recovers. Null: not slowed.
  slowed_to double precision check (slowed_to > 0),
  -- When it was last slowed, or let go faster again.
  slowed_at timestamptz,
  -- The last answers that asked for less and have not slowed it yet, three at most; and when the very last one came.
  throttles timestamptz[] not null default '{}',
  throttled_at timestamptz,
  -- The last refusals of us as sender since the last release, three at most.
  refusals timestamptz[] not null default '{}',
  -- Nothing goes to it until an operator releases it.
  held_at timestamptz,
  held_because text,
  held_code text,
  -- The incident of which `domain` is a keyed hash; null for a group.
  incident_id bigint references incidents,
  -- Its emails may not go with those that have no limit: they need the lane of its name.
  needs_lane boolean not null generated always as
    (per_minute is not null or concurrency is not null or slowed_to is not null or held_at is not null) stored,
  updated_at timestamptz not null default now()
);

-- What has been permitted for a lane, over all notices, workers and machines.
create table domain_budgets (
  domain text primary key,
  -- The last minute in which something was permitted, and how much.
  minute timestamptz not null,
  used int not null,
  -- Until when the lane's rate is spoken for: what is permitted before stands for time after it.
  paced_until timestamptz not null
);

-- A relay that has refused us as sender: nothing is given to it until an operator releases it.
create table held_relays (
  name text primary key,
  held_at timestamptz not null default now(),
  because text not null,
  code text
);

-- Addresses that have failed for good in an incident. The next notice does not try them again until an operator says so.
create table suppressions (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incidents,
  address_key uuid not null,
  -- The class of the failure, or 'complained'.
  reason text not null check (reason in ('invalid_mailbox', 'invalid_domain', 'owner_changed', 'complained')),
  code text,
  delivery_id bigint not null,
  at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by bigint references users,
  ended_reason_sealed bytea
);
create unique index one_suppression on suppressions (incident_id, address_key) where ended_at is null;
create index on suppressions (incident_id, id);

-- In the transaction of the bounce, so that no crash comes between. Filters and full mailboxes are not here: they may
-- take the next notice.
create function suppress_address() returns trigger language plpgsql as $$
begin
  insert into suppressions (incident_id, address_key, reason, code, delivery_id)
    select n.incident_id, new.address_key, case new.state when 'complained' then 'complained' else new.class end,
      case new.state when 'bounced' then new.code end, new.id
    from notices n where n.id = new.notice_id
    on conflict (incident_id, address_key) where ended_at is null do nothing;
  return null;
end $$;

create trigger suppress_address after update of state on deliveries for each row
  when (old.state is distinct from new.state and new.address_key is not null and (new.state = 'complained'
    or (new.state = 'bounced' and new.class in ('invalid_mailbox', 'invalid_domain', 'owner_changed'))))
  execute function suppress_address();

-- Checks of relays and DNS, as they were found.
create table preflights (
  id bigint generated always as identity primary key,
  notice_id bigint references notices,
  created_by bigint not null references users,
  at timestamptz not null default now(),
  result text not null check (result in ('passed', 'warned', 'failed')),
  checks jsonb not null
);
create index on preflights (notice_id) where notice_id is not null;

-- What operators are told, once per cause. An alert that has ended may be raised anew.
create table alerts (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('breaker', 'domain_held', 'relay_held', 'refused', 'uncertain',
                                     'queue_stalled', 'notice_completed', 'notice_unbalanced')),
  -- What it is about: an id, a domain or a relay. With the kind it is the cause.
  subject text not null,
  -- The subject as it is told: ids, and names that name nobody.
  ids jsonb not null,
  -- Codes and numbers.
  detail jsonb not null,
  raised_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index one_alert on alerts (kind, subject) where ended_at is null;
create index on alerts (kind, subject, raised_at);

-- Each way by which an alert is told has its own tries.
create table alert_tellings (
  alert_id bigint not null references alerts,
  way text not null check (way in ('webhook', 'email')),
  tries int not null default 0,
  -- Null: told, or given up.
  next_try_at timestamptz default now(),
  told_at timestamptz,
  primary key (alert_id, way)
);
create index on alert_tellings (next_try_at) where next_try_at is not null;

-- The ledger runs for every message three times. What follows does the same as 0004 with half the work: one statement
-- a change instead of seven, plans that are kept, and rows found by their keys.

-- Whether a step is a legal one is asked below, once for all rows of a statement.
create or replace function guard_delivery_step() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;

create or replace function record_delivery_steps() returns trigger language plpgsql as $$
declare
  illegal bigint;
  failed bigint[];
  settled bigint[];
  touched person_of_notice[];
begin
  with steps as (
    select a.id, a.notice_id, a.person_id, a.channel, b.state as was, a.state, a.attempt, a.class, a.code, a.reason,
      a.worker_id
    from after_step a join before_step b using (id) where a.state <> b.state
  ), written as (
    insert into delivery_events (delivery_id, notice_id, from_state, to_state, attempt, class, code, reason, worker_id)
    select id, notice_id, was, state, attempt, class, code, reason, worker_id from steps
  ), reached as (
    -- Whoever one delivery has reached is reached, whatever the others are: nothing else need be looked at.
    update notice_persons p set outcome = 'reached', cause = null
    from steps s
    where outcome_class(s.state) = 'reached' and outcome_class(s.was) <> 'reached'
      and p.notice_id = s.notice_id and p.person_id = s.person_id and p.outcome = 'in_progress'
    returning p.notice_id
  ), counted as (
    insert into notice_counts (notice_id, channel, state, n)
    select notice_id, channel, state, sum(n) from (
      select s.notice_id, s.channel, v.state, v.n from steps s, lateral (values (s.was, -1), (s.state, 1)) v (state, n)
      union all
      select notice_id, 'person', v.state, v.n from reached, (values ('in_progress', -1), ('reached', 1)) v (state, n)) d
    -- In one order by everybody, so that two writers never wait for each other in a ring.
    group by 1, 2, 3 having sum(n) <> 0 order by 1, 2, 3
    on conflict (notice_id, channel, state) do update set n = notice_counts.n + excluded.n
  ), timed as (
    insert into submitted_seconds (notice_id, second, n)
    select notice_id, date_trunc('second', now()), count(*) from steps where state = 'submitted' group by 1 order by 1
    on conflict (notice_id, second) do update set n = submitted_seconds.n + excluded.n
  )
  select
    (select min(s.id) from steps s where not exists (
      select from delivery_steps l where l.channel = s.channel and l.from_state = s.was and l.to_state = s.state)),
    array_agg(id) filter (where channel = 'email' and state in ('bounced', 'suppressed')),
    array_agg(id) filter (where channel = 'email' and state in ('submitted', 'confirmed')
                          and (was = 'uncertain' or attempt > 1)),
    array_agg(distinct (notice_id, person_id)::person_of_notice)
      filter (where outcome_class(state) = 'unreached' or outcome_class(was) = 'unreached'
        or (outcome_class(state) = 'in_progress' and outcome_class(was) = 'reached'))
  into illegal, failed, settled, touched from steps;
  if illegal is not null then
    raise exception 'delivery % may not go from % to %', illegal, (select state from before_step where id = illegal),
      (select state from after_step where id = illegal) using errcode = 'OW001';
  end if;
  if failed is not null then perform plan_letters(failed, null); end if;
  if settled is not null then perform cancel_needless_letters(settled); end if;
  if touched is not null then perform derive_outcomes(touched); end if;
  return null;
end $$;

-- As in 0004, but what an operator or a policy said of an email before does not hide why it bounced in the end.
create or replace function outcome_of(p_notice bigint, p_person bigint, out outcome text, out cause text)
language sql stable as $$
  select case
      when bool_or(outcome_class(state) = 'reached') then 'reached'
      when bool_or(outcome_class(state) = 'in_progress') then 'in_progress'
      else 'unreached' end,
    case when bool_or(outcome_class(state) <> 'unreached') then null
      else coalesce((array_agg(case state when 'bounced' then coalesce(class, reason, state)
                                 else coalesce(reason, class, state) end order by updated_at desc, id desc))[1],
                    'no_channel') end
  from deliveries where notice_id = p_notice and person_id = p_person
$$;

-- Marks and results of one moment; src/delivery/ledger.store.ts says what they mean. One statement, because both move the
-- same counters: apart, each would wait for the other's commit. Rows are found by their key: told the state in a form
-- that an index knows, the planner reads everything that any worker holds, for each group anew.
create function write_steps(
  mark_ids bigint[], mark_attempts int[],
  result_ids bigint[], attempts int[], states text[], classes text[], codes text[], replies bytea[],
  waits double precision[]
) returns setof bigint language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
  return query
  with marked as (
    update deliveries d set state = 'submitting'
    from unnest(mark_ids, mark_attempts) as m (id, attempt)
    where d.id = m.id and d.attempt = m.attempt and d.state || '' = 'claimed'
      and exists (select from notices n where n.id = d.notice_id and n.status || '' = 'sending'
                  and (n.open_until is null or n.open_until > now()))
      and not exists (select from mail_domains m where m.domain = d.domain and m.held_at is not null)
    returning d.id
  ), recorded as (
    update deliveries d
    set state = case when r.state = 'pending' and d.state = 'submitting' then 'deferred' else r.state end,
      class = r.class, code = r.code, reply_sealed = r.reply,
      worker_id = case when r.state = 'pending' then null else d.worker_id end,
      next_attempt_at = now() + make_interval(secs => case when r.state = 'pending' then 1 else r.wait end)
    from unnest(result_ids, attempts, states, classes, codes, replies, waits)
      as r (id, attempt, state, class, code, reply, wait)
    where d.id = r.id and d.attempt = r.attempt
      and case d.state
        when 'submitting' then true
        when 'claimed' then r.state in ('pending', 'deferred', 'bounced')
        when 'uncertain' then r.state in ('submitted', 'bounced')
        else false end
  )
  select id from marked;
end $$;

-- The full recount, for a million persons: each table is read once. Counted, not asked whether any exists: for that the
-- planner chooses what finds a first one soon, and takes hours where there is none. So it does with a nested loop where it
-- does not know yet how much there is of a new notice. On one core: it is nobody's hurry.
create or replace function recount_notice(p_notice bigint) returns boolean language sql stable
  set work_mem = '96MB' set enable_nestloop = off set max_parallel_workers_per_gather = 0 as $$
  select 0 = (select count(*) from (
    select from (
      select channel, state, n from notice_counts where notice_id = p_notice and n <> 0
      union all
      select channel, state, -count(*) from deliveries where notice_id = p_notice group by 1, 2
      union all
      select 'person', outcome, -count(*) from notice_persons where notice_id = p_notice group by 2
    ) c group by channel, state having sum(n) <> 0) off)
    and 0 = (
      select count(*) from notice_persons p
      left join (
        select person_id, min(case outcome_class(state) when 'reached' then 1 when 'in_progress' then 2 else 3 end) as best
        from deliveries where notice_id = p_notice group by person_id) d using (person_id)
      where p.notice_id = p_notice and p.outcome <> 'excluded'
        and p.outcome <> (array['reached', 'in_progress', 'unreached'])[coalesce(d.best, 3)])
    and 0 = (
      select count(*) from deliveries d
      left join (
        select delivery_id, max(id) as id from delivery_events where notice_id = p_notice group by delivery_id) last
        on last.delivery_id = d.id
      left join delivery_events e on e.id = last.id
      where d.notice_id = p_notice and d.state is distinct from e.to_state)
$$;
