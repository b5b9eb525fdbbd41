-- What happened afterwards: reports of mail systems and providers, as they came, and what they say of deliveries.

alter table tasks drop constraint tasks_kind_check;
alter table tasks add constraint tasks_kind_check check (kind in
  ('check-list', 'accept-list', 'freeze-notice', 'send-email', 'render-letters', 'read-reports'));

-- Every report as it came. It is kept before it is answered, and read afterwards.
create table reports (
  id bigint generated always as identity primary key,
  way text not null check (way in ('smtp', 'imap', 'api', 'ses', 'sendgrid', 'mailgun', 'postmark')),
  -- Keyed hash of what the way itself calls the event: a repeat is not kept again. Null: the way has no name for it.
  way_key uuid,
  received_at timestamptz not null default now(),
  received_by bigint references users,
  -- Bounce addresses to which it came. They name a delivery, and no person.
  envelope text[] not null default '{}',
  -- Null: sealed under the key of reception, because nobody knows yet whose it is; else under the incident's.
  incident_id bigint references incidents,
  sealed bytea not null,
  bytes int not null,
  -- applied: all that it says is written down; unmatched: about no delivery that we know; forged: its token is not ours;
  -- unreadable: it has failed five times; settled: a person has set it aside.
  state text not null default 'waiting' check (state in
    ('waiting', 'applied', 'unmatched', 'forged', 'unreadable', 'settled')),
  -- Begun so often. It is written before each try, so that what kills its reader is not read for ever.
  tries int not null default 0,
  -- Put off so often, because what it is about had not come to its end.
  waits int not null default 0,
  due_at timestamptz not null default now(),
  -- What it was read as, in the clear: kinds, classes, codes, names of rules and ids of deliveries. The order is the
  -- reader's.
  found jsonb not null default '[]',
  -- It speaks of a failure, a delay, a receipt or a complaint: somebody has to look when nothing matches.
  needs_person boolean not null generated always as
    (jsonb_path_exists(found, '$[*] ? (@.kind == "bounce" || @.kind == "delay" || @.kind == "complaint" || @.kind == "delivered")')) stored,
  finished_at timestamptz,
  -- A person has said which delivery it is about, or has set it aside.
  decided_by bigint references users,
  decided_at timestamptz,
  decided_reason_sealed bytea
);
create unique index one_event_of_a_way on reports (way, way_key) where way_key is not null;
create index reports_waiting on reports (due_at) where state = 'waiting';
create index reports_of_state on reports (state, id) where state in ('unmatched', 'forged', 'unreadable');
-- Asked once a second, to tell operators.
create index reports_unreadable on reports (id) where state = 'unreadable';
create index reports_forged on reports (received_at) where state = 'forged';
create index reports_for_a_person on reports (id) where state = 'unmatched' and needs_person;

-- What reports say of a delivery, each thing once, however often and by however many ways it was said.
create table delivery_reports (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references deliveries,
  notice_id bigint not null references notices,
  -- The first that said so.
  report_id bigint not null references reports,
  kind text not null check (kind in ('bounce', 'delay', 'delivered', 'complaint', 'auto_reply', 'other')),
  class text,
  status text,
  -- What it was decided by: names of rules, no words of the report.
  rule text not null,
  matched_by text not null check (matched_by in
    ('bounce_address', 'envelope_id', 'message_id', 'recipient', 'operator')),
  -- The attempt that was the last when it came.
  attempt int not null,
  -- It reports on another address than ours: the mail was forwarded.
  forwarded boolean not null default false,
  words_sealed bytea,
  -- Whether it changed the delivery's state.
  applied boolean not null,
  seen int not null default 1,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now()
);
create unique index said_once on delivery_reports (delivery_id, kind, class, status) nulls not distinct;
create index on delivery_reports (report_id);

-- Reports of a notice by kind, each once; kept by the trigger.
create table notice_reports (
  notice_id bigint not null references notices,
  kind text not null,
  n bigint not null,
  primary key (notice_id, kind)
);

create function count_delivery_reports() returns trigger language plpgsql as $$
begin
  insert into notice_reports (notice_id, kind, n)
    select notice_id, kind, count(*) from added group by 1, 2 order by 1, 2
    on conflict (notice_id, kind) do update set n = notice_reports.n + excluded.n;
  return null;
end $$;

create trigger count_new after insert on delivery_reports referencing new table as added
  for each statement execute function count_delivery_reports();

-- Emails of a mail domain in each minute: how many were tried, and of how many nobody had the address. A carrier that is
-- asked for many who are not there takes the sender for a spammer.
create table domain_minutes (
  domain text not null,
  minute timestamptz not null,
  tried int not null,
  invalid int not null,
  primary key (domain, minute)
);

-- Of the emails that stand as submitted: how many were submitted in each hour. What is younger than some minutes is in
-- submitted_seconds. So it can be said of how many there has been silence for long.
create table submitted_hours (
  notice_id bigint not null references notices,
  hour timestamptz not null,
  n int not null,
  primary key (notice_id, hour)
);
insert into submitted_hours (notice_id, hour, n)
  select notice_id, hour, sum(n) from (
    select notice_id, date_trunc('hour', updated_at) as hour, count(*) as n from deliveries
    where channel = 'email' and state = 'submitted' group by 1, 2
    union all
    select notice_id, date_trunc('hour', second), -sum(n) from submitted_seconds group by 1, 2) s
  group by 1, 2;

-- What came back for a reason that is ours, and has no letter yet.
create index deliveries_ours_to_mend on deliveries (notice_id, updated_at)
  where state = 'bounced' and class in ('sender_auth', 'sender_blocked', 'content', 'system');

alter table alerts drop constraint alerts_kind_check;
alter table alerts add constraint alerts_kind_check check (kind in
  ('breaker', 'domain_held', 'relay_held', 'refused', 'uncertain', 'queue_stalled', 'notice_completed',
   'notice_unbalanced', 'invalid_mailboxes', 'owner_changed', 'report_unreadable', 'reports_forged',
   'reports_unmatched'));

-- Asked once a second, to tell operators.
create index suppressions_of_new_owners on suppressions (incident_id) where reason = 'owner_changed' and ended_at is null;

-- An email that was uncertain and is due to be sent again has proved to have arrived, or to have come back.
insert into delivery_steps values
  ('email', 'pending', 'confirmed'), ('email', 'pending', 'bounced'), ('email', 'pending', 'complained');

-- As in 0004, but what came back for a reason of ours gets no letter at once: one slip in our DNS must not print letters
-- for all. The sweeper plans it after a day, and then says so by its cause.
create or replace function plan_letters(failed bigint[], p_cause text) returns void language plpgsql as $$
begin
  insert into deliveries (notice_id, person_id, channel, state, reason, content_hash)
    select d.notice_id, d.person_id, 'letter', case when p.letter_problem is null then 'pending' else 'unprintable' end,
      coalesce(p.letter_problem, p_cause, d.class, d.state), p.letter_hash
    from deliveries d
    join notices n on n.id = d.notice_id and n.channels = 'email_then_letter' and n.status <> 'cancelled'
    join notice_persons p on p.notice_id = d.notice_id and p.person_id = d.person_id
    where d.id = any (failed)
      and (p_cause is not null or d.state <> 'bounced'
        or coalesce(d.class, '') not in ('sender_auth', 'sender_blocked', 'content', 'system'))
      and not exists (select 1 from deliveries l
                      where l.notice_id = d.notice_id and l.person_id = d.person_id and l.channel = 'letter')
    order by d.id;
  update notices set status = 'sending', completed_at = null, updated_at = now()
    where status = 'completed' and id in (select notice_id from deliveries where id = any (failed))
      and exists (select 1 from deliveries l where l.notice_id = notices.id and l.channel = 'letter' and l.state = 'pending');
end $$;

-- As in 0006; and what no longer stands as submitted leaves the hour in which it was.
create or replace function record_delivery_steps() returns trigger language plpgsql as $$
declare
  illegal bigint;
  failed bigint[];
  settled bigint[];
  touched person_of_notice[];
begin
  with steps as (
    select a.id, a.notice_id, a.person_id, a.channel, b.state as was, a.state, a.attempt, a.class, a.code, a.reason,
      a.worker_id, b.updated_at as since
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
  ), no_longer as (
    insert into submitted_hours (notice_id, hour, n)
    select notice_id, date_trunc('hour', since), -count(*) from steps where was = 'submitted' group by 1, 2 order by 1, 2
    on conflict (notice_id, hour) do update set n = submitted_hours.n + excluded.n
  )
  select
    (select min(s.id) from steps s where not exists (
      select from delivery_steps l where l.channel = s.channel and l.from_state = s.was and l.to_state = s.state)),
    array_agg(id) filter (where channel = 'email' and state in ('bounced', 'suppressed')),
    array_agg(id) filter (where channel = 'email' and (state = 'complained'
      or (state in ('submitted', 'confirmed') and (was = 'uncertain' or attempt > 1)))),
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

-- As in 0004; and whoever calls an email spam has got it: the letter that was to follow it is not printed, unless the
-- address belongs to somebody else now. In whatever order bounce and complaint come, it ends the same.
create or replace function cancel_needless_letters(settled bigint[]) returns void language sql as $$
  update deliveries l set state = 'cancelled',
    reason = case d.state when 'complained' then 'email_complained' else 'email_submitted' end
  from deliveries d join notices n on n.id = d.notice_id
  where d.id = any (settled) and l.notice_id = d.notice_id and l.person_id = d.person_id and l.channel = 'letter'
    and l.state = 'pending'
    and (l.reason = 'uncertain'
      or (d.state = 'complained' and n.channels = 'email_then_letter' and l.generation = 1 and l.reason <> 'owner_changed'))
$$;

-- What is said later may be worse than what was said first: an address of which any report says that nobody has it, or that
-- somebody else has it now, is not tried by the next notice. A forwarder's target is not our address.
create function suppress_reported_address() returns trigger language plpgsql as $$
begin
  insert into suppressions (incident_id, address_key, reason, code, delivery_id)
    select n.incident_id, d.address_key, new.class, new.status, d.id
    from deliveries d join notices n on n.id = d.notice_id
    where d.id = new.delivery_id and d.address_key is not null
    on conflict (incident_id, address_key) where ended_at is null do update
    set reason = 'owner_changed', code = excluded.code
    where excluded.reason = 'owner_changed' and suppressions.reason <> 'owner_changed';
  return null;
end $$;

create trigger suppress_address after insert on delivery_reports for each row
  when (new.kind = 'bounce' and not new.forwarded and new.class in ('invalid_mailbox', 'invalid_domain', 'owner_changed'))
  execute function suppress_reported_address();
