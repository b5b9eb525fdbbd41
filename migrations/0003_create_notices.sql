-- Notices: drafted, frozen, approved; and the persons of their snapshot.

create table notices (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incidents,
  template text not null,
  channels text not null check (channels in ('email', 'letter', 'both', 'email_then_letter')),
  audience jsonb not null,
  start_at timestamptz,
  per_hour int check (per_hour > 0),
  breaker_share double precision not null default 0.1,
  breaker_after int not null default 200,
  -- Where the breaker counts from: moved up when a person resumes after it has tripped.
  breaker_base_tried int not null default 0,
  breaker_base_bounced int not null default 0,
  on_uncertain text not null default 'hold' check (on_uncertain in ('hold', 'resend')),
  status text not null default 'draft' check (status in
    ('draft', 'freezing', 'awaiting_approval', 'approved', 'sending', 'paused', 'completed', 'cancelled')),
  paused_because text,
  version int not null default 1,
  -- What was frozen: facts, locale, time zone and template versions, as rendered and as approved.
  snapshot jsonb,
  digest text,
  persons int,
  problems jsonb not null default '[]',
  created_by bigint not null references users,
  submitted_by bigint references users,
  submitted_at timestamptz,
  approved_by bigint references users,
  approved_at timestamptz,
  -- When it first began to send: from then on nothing takes it back.
  started_at timestamptz,
  completed_at timestamptz,
  -- When letters were last closed into batches.
  letters_closed_at timestamptz,
  audited_at timestamptz,
  audit_agreed boolean,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index on notices (incident_id);

-- Whoever created, edited or submitted a notice may not approve it.
create table notice_workers (
  notice_id bigint not null references notices,
  user_id bigint not null references users,
  primary key (notice_id, user_id)
);

create table notice_persons (
  notice_id bigint not null references notices,
  person_id bigint not null references persons,
  reference text not null,
  locale text not null,
  -- Sealed JSON: everything that is printed or addressed, copied at the freeze.
  sealed bytea not null,
  -- The letter that may follow a failed email: its hash as approved, or why it cannot be printed.
  letter_hash bytea,
  letter_problem text,
  outcome text not null check (outcome in ('reached', 'in_progress', 'unreached', 'excluded')),
  cause text,
  primary key (notice_id, person_id)
-- Room on each page for a changed outcome, so that no index has to follow.
) with (fillfactor = 85);
create index on notice_persons (person_id);

create table letter_batches (
  id bigint generated always as identity primary key,
  notice_id bigint not null references notices,
  number int not null,
  state text not null check (state in ('rendering', 'rendered', 'handed_over', 'posted', 'cancelled')),
  letters int not null,
  pages int,
  sha256 text,
  created_at timestamptz not null default now(),
  rendered_at timestamptz,
  handed_over_at timestamptz,
  posted_on date,
  unique (notice_id, number)
);

create table deliveries (
  id bigint generated always as identity primary key,
  notice_id bigint not null references notices,
  person_id bigint not null,
  channel text not null check (channel in ('email', 'letter')),
  generation int not null default 1,
  state text not null,
  class text,
  code text,
  -- Why it was planned, suppressed, cancelled or found unprintable: a code.
  reason text,
  reply_sealed bytea,
  content_hash bytea,
  attempt int not null default 0,
  worker_id text,
  next_attempt_at timestamptz,
  first_tried_at timestamptz,
  letter_batch_id bigint references letter_batches,
  sequence int,
  first_page int,
  pages int,
  updated_at timestamptz not null default now(),
  foreign key (notice_id, person_id) references notice_persons on delete cascade,
  unique (notice_id, person_id, channel, generation),
  check (case channel
    when 'email' then state in ('pending', 'claimed', 'submitting', 'submitted', 'deferred', 'uncertain', 'bounced',
                                'complained', 'confirmed', 'suppressed', 'cancelled')
    else state in ('pending', 'rendered', 'handed_over', 'posted', 'returned', 'unprintable', 'cancelled') end)
);
create index deliveries_pending on deliveries (notice_id, channel, id) where state = 'pending';
create index deliveries_deferred on deliveries (next_attempt_at) where state = 'deferred';
create index deliveries_held on deliveries (worker_id) where state in ('claimed', 'submitting');
create index deliveries_uncertain on deliveries (notice_id, updated_at) where state = 'uncertain';
create index on deliveries (letter_batch_id) where letter_batch_id is not null;
create index on deliveries (person_id);

create table delivery_events (
  id bigint generated always as identity primary key,
  delivery_id bigint not null,
  notice_id bigint not null,
  at timestamptz not null default now(),
  from_state text,
  to_state text not null,
  attempt int not null,
  class text,
  code text,
  reason text,
  worker_id text
);
create index on delivery_events (delivery_id, id);
create index on delivery_events (notice_id, at) where to_state = 'submitted';

-- Counters, kept by the triggers of the ledger: channel 'email' or 'letter' by state, 'person' by outcome.
create table notice_counts (
  notice_id bigint not null references notices,
  channel text not null check (channel in ('email', 'letter', 'person')),
  state text not null,
  n bigint not null,
  primary key (notice_id, channel, state)
);

-- What a notice may still send in an hour of its pace, kept where every machine sees it.
create table pace_budgets (
  notice_id bigint not null references notices,
  hour timestamptz not null,
  used int not null,
  primary key (notice_id, hour)
);
