-- Sending that respects its receivers: mail domains with budgets, windows, relays that are held, addresses that have
-- failed, checks before sending, and alerts.

alter table notices
  -- When emails may go out (http-api.md, pace): as given, with the facts' hours in place of "hotline" once it is frozen.
  add column pace_window jsonb,
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

-- A permission to send is for one lane.
alter table tasks add column lane text not null default '';

-- What is known of a mail domain: limits that an operator set, slowing, holding. No row: nothing to know.
create table mail_domains (
  domain text primary key,
  -- Set by an operator; null: the rule of the group, or none.
  per_minute int check (per_minute > 0),
  concurrency int check (concurrency > 0),
  -- It has asked for less: this many a minute, until it recovers. Null: not slowed.
  slowed_to double precision,
  slowed_at timestamptz,
  -- Answers that asked for less since it was last slowed or has recovered.
  throttled int not null default 0,
  throttled_at timestamptz,
  -- Refusals of us as sender, since the last release.
  refused int not null default 0,
  refused_at timestamptz,
  -- Nothing goes to it until an operator releases it.
  held_at timestamptz,
  held_because text,
  held_code text,
  -- The incident of which `domain` is a keyed hash; null for a group.
  incident_id bigint references incidents,
  updated_at timestamptz not null default now()
);

-- What has been permitted for a lane in a minute, over all notices, workers and machines.
create table domain_budgets (
  domain text not null,
  minute timestamptz not null,
  used int not null,
  primary key (domain, minute)
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
  -- The class of the failure.
  reason text not null,
  code text,
  delivery_id bigint not null,
  at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by bigint references users
);
create unique index one_suppression on suppressions (incident_id, address_key) where ended_at is null;

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
  kind text not null,
  -- What it is about: an id, a domain or a relay. With the kind it is the cause.
  subject text not null,
  detail jsonb not null default '{}',
  raised_at timestamptz not null default now(),
  ended_at timestamptz,
  -- Told by webhook and by email, each with its own tries.
  webhook_at timestamptz,
  webhook_tries int not null default 0,
  email_at timestamptz,
  email_tries int not null default 0,
  next_try_at timestamptz not null default now()
);
create unique index one_alert on alerts (kind, subject) where ended_at is null;
