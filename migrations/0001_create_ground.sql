-- Users, keys, incidents, and the work that is still to be done.

create table users (
  id bigint generated always as identity primary key,
  name text not null,
  roles text[] not null check (roles <@ array['admin', 'operator', 'approver', 'staff'] and cardinality(roles) > 0),
  created_at timestamptz not null default now(),
  ended_at timestamptz
);

create table api_keys (
  id bigint generated always as identity primary key,
  user_id bigint not null references users,
  key_hash bytea not null unique,
  created_at timestamptz not null default now()
);

-- First answers of POSTs, replayed for 24 hours. A null status means: still running.
create table idempotency_keys (
  user_id bigint not null references users,
  route text not null,
  key text not null,
  body_hash bytea not null,
  status int,
  body jsonb,
  created_at timestamptz not null default now(),
  primary key (user_id, route, key)
);

-- Who looked at whom, and who decided what. `detail` holds ids and codes, never personal data.
create table audit_events (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  user_id bigint references users,
  action text not null,
  subject_kind text not null,
  subject_id bigint,
  detail jsonb not null default '{}'
);

create table incidents (
  id bigint generated always as identity primary key,
  title text not null,
  locale text not null check (locale in ('ja', 'en')),
  time_zone text not null,
  facts jsonb not null,
  version int not null default 1,
  created_by bigint not null references users,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Wrapped data keys lie in a schema of their own, so that backups of the data can leave them out.
create schema keys;

create table keys.data_keys (
  incident_id bigint primary key references incidents,
  wrapped bytea not null,
  created_at timestamptz not null default now()
);

-- A running process. Its heartbeat, by the database's clock, is what its claims live by.
create table workers (
  id text primary key,
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now()
);

-- The work to do. A queue job is only a hint at one of these rows: losing all jobs loses nothing.
-- `fence` rises with each claim; whoever finishes must still hold the fence it claimed with.
create table tasks (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('check-list', 'accept-list', 'freeze-notice', 'send-email', 'render-letters')),
  subject_id bigint not null,
  amount int,
  worker_id text,
  fence int not null default 0,
  hints int not null default 0,
  hinted_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create index on tasks (kind, subject_id);
-- One closing of a notice's letters at a time.
create unique index one_closing on tasks (subject_id) where kind = 'render-letters';

-- One dispatcher at a time decides when. The epoch makes a late holder harmless.
create table dispatcher_lease (
  id int primary key default 1 check (id = 1),
  holder text,
  epoch bigint not null default 0,
  expires_at timestamptz not null default now()
);
insert into dispatcher_lease default values;
