-- The ledger's law, where nothing can go round it: each change of a delivery's state is a legal step, is written to
-- the history, moves the counters, and re-derives the person's outcome, all in the transaction of the change.

create table delivery_steps (
  channel text not null,
  from_state text not null,
  to_state text not null,
  primary key (channel, from_state, to_state)
);
insert into delivery_steps values
  ('email', 'pending', 'claimed'), ('email', 'pending', 'suppressed'), ('email', 'pending', 'cancelled'),
  ('email', 'claimed', 'submitting'), ('email', 'claimed', 'deferred'), ('email', 'claimed', 'bounced'),
  ('email', 'claimed', 'pending'), ('email', 'claimed', 'cancelled'),
  ('email', 'submitting', 'submitted'), ('email', 'submitting', 'deferred'), ('email', 'submitting', 'bounced'),
  ('email', 'submitting', 'uncertain'),
  ('email', 'submitted', 'confirmed'), ('email', 'submitted', 'bounced'), ('email', 'submitted', 'complained'),
  ('email', 'deferred', 'pending'), ('email', 'deferred', 'bounced'), ('email', 'deferred', 'cancelled'),
  ('email', 'uncertain', 'pending'), ('email', 'uncertain', 'submitted'), ('email', 'uncertain', 'confirmed'),
  ('email', 'uncertain', 'bounced'), ('email', 'uncertain', 'complained'),
  ('email', 'bounced', 'complained'),
  ('email', 'confirmed', 'bounced'), ('email', 'confirmed', 'complained'),
  ('letter', 'pending', 'rendered'), ('letter', 'pending', 'unprintable'), ('letter', 'pending', 'cancelled'),
  ('letter', 'rendered', 'handed_over'), ('letter', 'rendered', 'cancelled'),
  ('letter', 'handed_over', 'posted'), ('letter', 'posted', 'returned');

create function guard_delivery_step() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from delivery_steps
                 where channel = new.channel and from_state = old.state and to_state = new.state) then
    raise exception 'delivery % may not go from % to %', old.id, old.state, new.state using errcode = 'OW001';
  end if;
  new.updated_at := now();
  return new;
end $$;

create trigger guard_step before update of state on deliveries
  for each row when (old.state is distinct from new.state) execute function guard_delivery_step();

-- Lines 2 and 3 of the outcome rule (line 1, excluded, has no deliveries). The cause of an unreached person is that of
-- the last delivery that failed.
create function outcome_of(p_notice bigint, p_person bigint, out outcome text, out cause text) language sql stable as $$
  select case
      when bool_or(state in ('submitted', 'confirmed', 'complained', 'posted')) then 'reached'
      when bool_or(state in ('pending', 'claimed', 'submitting', 'deferred', 'uncertain', 'rendered', 'handed_over'))
        then 'in_progress'
      else 'unreached' end,
    case when bool_or(state in ('submitted', 'confirmed', 'complained', 'posted', 'pending', 'claimed', 'submitting',
                                'deferred', 'uncertain', 'rendered', 'handed_over')) then null
      else coalesce((array_agg(coalesce(reason, class, state) order by updated_at desc, id desc))[1], 'no_channel') end
  from deliveries where notice_id = p_notice and person_id = p_person
$$;

-- Which of the three classes a state belongs to: only a move between classes can change an outcome.
create function outcome_class(state text) returns text language sql immutable as $$
  select case when state in ('submitted', 'confirmed', 'complained', 'posted') then 'reached'
    when state in ('pending', 'claimed', 'submitting', 'deferred', 'uncertain', 'rendered', 'handed_over') then 'in_progress'
    else 'unreached' end
$$;

-- Counter rows are locked in one order by everybody, so that two writers never wait for each other in a ring.
create type count_delta as (notice_id bigint, channel text, state text, n bigint);

create function add_to_counts(deltas count_delta[]) returns void language sql as $$
  insert into notice_counts (notice_id, channel, state, n)
  select d.notice_id, d.channel, d.state, sum(d.n) from unnest(deltas) d
  group by 1, 2, 3 having sum(d.n) <> 0 order by 1, 2, 3
  on conflict (notice_id, channel, state) do update set n = notice_counts.n + excluded.n
$$;

create function record_new_deliveries() returns trigger language plpgsql as $$
begin
  insert into delivery_events (delivery_id, notice_id, from_state, to_state, attempt, class, code, reason)
    select id, notice_id, null, state, attempt, class, code, reason from added;
  perform add_to_counts(array_agg(d)) from (
    select (notice_id, channel, state, count(*))::count_delta as d from added group by notice_id, channel, state) c;
  perform derive_outcomes(array_agg(distinct (notice_id, person_id)::person_of_notice)) from added;
  return null;
end $$;

create type person_of_notice as (notice_id bigint, person_id bigint);

create function derive_outcomes(touched person_of_notice[]) returns void language plpgsql as $$
declare deltas count_delta[];
begin
  with want as (
    select t.notice_id, t.person_id, p.outcome as was, o.outcome, o.cause
    from unnest(touched) t
    join notice_persons p on p.notice_id = t.notice_id and p.person_id = t.person_id and p.outcome <> 'excluded'
    cross join lateral outcome_of(t.notice_id, t.person_id) o
    where p.outcome <> o.outcome or p.cause is distinct from o.cause
  ), changed as (
    update notice_persons p set outcome = w.outcome, cause = w.cause
    from want w where p.notice_id = w.notice_id and p.person_id = w.person_id
    returning p.notice_id, w.was, p.outcome
  )
  select array_agg((notice_id, 'person', state, n)::count_delta) into deltas from (
    select notice_id, was as state, -1 as n from changed union all select notice_id, outcome, 1 from changed) s;
  if deltas is not null then perform add_to_counts(deltas); end if;
end $$;

create trigger record_new after insert on deliveries referencing new table as added
  for each statement execute function record_new_deliveries();

-- One pass over the changed rows does the history and gathers the rest: this runs several times for every message.
create function record_delivery_steps() returns trigger language plpgsql as $$
declare
  deltas count_delta[];
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
    select id, notice_id, was, state, attempt, class, code, reason, worker_id from steps order by id
  )
  select array_agg((notice_id, channel, was, -1)::count_delta) || array_agg((notice_id, channel, state, 1)::count_delta),
    array_agg(id) filter (where channel = 'email' and state in ('bounced', 'suppressed')),
    array_agg(id) filter (where channel = 'email' and state in ('submitted', 'confirmed')
                          and (was = 'uncertain' or attempt > 1)),
    array_agg(distinct (notice_id, person_id)::person_of_notice)
      filter (where outcome_class(state) <> outcome_class(was) or outcome_class(state) = 'unreached')
  into deltas, failed, settled, touched from steps;
  if deltas is null then return null; end if;
  perform add_to_counts(deltas);
  if failed is not null then perform plan_letters(failed, null); end if;
  if settled is not null then perform cancel_needless_letters(settled); end if;
  if touched is not null then perform derive_outcomes(touched); end if;
  return null;
end $$;

-- A letter follows an email that failed for good, by itself and in the same transaction: the person is never "unreached"
-- in between. A notice that was completed goes on.
create function plan_letters(failed bigint[], p_cause text) returns void language plpgsql as $$
begin
  insert into deliveries (notice_id, person_id, channel, state, reason, content_hash)
    select d.notice_id, d.person_id, 'letter', case when p.letter_problem is null then 'pending' else 'unprintable' end,
      coalesce(p.letter_problem, p_cause, d.class, d.state), p.letter_hash
    from deliveries d
    join notices n on n.id = d.notice_id and n.channels = 'email_then_letter' and n.status <> 'cancelled'
    join notice_persons p on p.notice_id = d.notice_id and p.person_id = d.person_id
    where d.id = any (failed)
      and not exists (select 1 from deliveries l
                      where l.notice_id = d.notice_id and l.person_id = d.person_id and l.channel = 'letter')
    order by d.id;
  update notices set status = 'sending', completed_at = null, updated_at = now()
    where status = 'completed' and id in (select notice_id from deliveries where id = any (failed))
      and exists (select 1 from deliveries l where l.notice_id = notices.id and l.channel = 'letter' and l.state = 'pending');
end $$;

-- An email that was uncertain has proved submitted: the letter that was planned for that reason alone is not printed.
create function cancel_needless_letters(settled bigint[]) returns void language sql as $$
  update deliveries l set state = 'cancelled', reason = 'email_submitted'
  from deliveries d
  where d.id = any (settled) and l.notice_id = d.notice_id and l.person_id = d.person_id and l.channel = 'letter'
    and l.state = 'pending' and l.reason = 'uncertain'
$$;

create trigger record_steps after update on deliveries
  referencing old table as before_step new table as after_step
  for each statement execute function record_delivery_steps();

-- A person of a snapshot counts from the moment the snapshot holds them.
create function count_new_persons() returns trigger language plpgsql as $$
begin
  perform add_to_counts(array_agg(d)) from (
    select (notice_id, 'person', outcome, count(*))::count_delta as d from added group by notice_id, outcome) c;
  return null;
end $$;

create trigger count_new after insert on notice_persons referencing new table as added
  for each statement execute function count_new_persons();

-- A snapshot of which nothing has been sent may be thrown away; its counters and history go with it.
create function drop_snapshot(p_notice bigint) returns void language plpgsql as $$
begin
  if exists (select 1 from notices where id = p_notice and started_at is not null) then
    raise exception 'notice % has begun to send: its snapshot stays', p_notice using errcode = 'OW002';
  end if;
  delete from delivery_events where notice_id = p_notice;
  delete from deliveries where notice_id = p_notice;
  delete from notice_persons where notice_id = p_notice;
  delete from notice_counts where notice_id = p_notice;
end $$;

-- The full recount: counters against rows, rows against their history. True when all agree.
create function recount_notice(p_notice bigint) returns boolean language sql stable as $$
  select not exists (
      select channel, state, n from notice_counts where notice_id = p_notice and n <> 0
      except
      (select channel, state, count(*) from deliveries where notice_id = p_notice group by 1, 2
       union all
       select 'person', outcome, count(*) from notice_persons where notice_id = p_notice group by 2))
    and not exists (
      (select channel, state, count(*) from deliveries where notice_id = p_notice group by 1, 2
       union all
       select 'person', outcome, count(*) from notice_persons where notice_id = p_notice group by 2)
      except
      select channel, state, n from notice_counts where notice_id = p_notice and n <> 0)
    and not exists (
      select 1 from notice_persons p cross join lateral outcome_of(p.notice_id, p.person_id) o
      where p.notice_id = p_notice and p.outcome <> 'excluded' and p.outcome <> o.outcome)
    and not exists (
      select 1 from deliveries d
      left join lateral (select to_state from delivery_events e where e.delivery_id = d.id order by e.id desc limit 1) e on true
      where d.notice_id = p_notice and d.state is distinct from e.to_state)
$$;
