-- Affected lists, their rows, and the persons and exposures they become.

create table affected_lists (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incidents,
  kind text not null check (kind in ('affected', 'members')),
  status text not null check (status in ('receiving', 'checking', 'ready', 'accepting', 'accepted', 'discarded', 'failed')),
  source text not null default '',
  -- Headers can be a person's name when a file has none: sealed, like the file itself.
  columns_sealed bytea,
  -- How the operator said to read it: mapping, encoding, columns exempt from the card-number guard. Names columns: sealed.
  options_sealed bytea,
  accept_when_ready boolean not null default false,
  problem jsonb,
  encoding text,
  delimiter text,
  sha256 text,
  bytes bigint not null default 0,
  rows_total int not null default 0,
  rows_accepted int not null default 0,
  rows_merged int not null default 0,
  rows_quarantined int not null default 0,
  persons int not null default 0,
  exposures bigint not null default 0,
  reasons jsonb not null default '{}',
  warnings jsonb not null default '[]',
  -- Whether the sealed upload may still lie there. It goes as soon as it has been read.
  upload_kept boolean not null default true,
  created_by bigint not null references users,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (status not in ('ready', 'accepting', 'accepted') or rows_total = rows_accepted + rows_merged + rows_quarantined)
);
create index on affected_lists (incident_id);

create table persons (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incidents,
  reference text not null unique,
  -- Sealed JSON: name, kana, honorific, company, department, emails, phone, address, external ids.
  sealed bytea not null,
  locale text,
  has_email boolean not null,
  has_address boolean not null,
  postal3 text,
  country text not null default 'JP',
  merged_into bigint references persons,
  excluded_at timestamptz,
  excluded_by bigint references users,
  excluded_reason_sealed bytea,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index on persons (incident_id, id);
create index on persons (merged_into) where merged_into is not null;

create table list_rows (
  list_id bigint not null references affected_lists on delete cascade,
  ordinal int not null,
  line int not null,
  outcome text not null check (outcome in ('accepted', 'merged', 'quarantined')),
  reasons text[] not null default '{}',
  warnings text[] not null default '{}',
  -- Sealed JSON: the cells as they came (forbidden ones dropped, card numbers cut to ****1234) and the fields read from them.
  sealed bytea not null,
  fingerprint bytea,
  occurrence int not null default 1,
  exposure_units int not null default 0,
  person_id bigint references persons,
  primary key (list_id, ordinal)
);
create index on list_rows (person_id) where person_id is not null;
create index on list_rows (fingerprint) where fingerprint is not null;

-- Keyed hashes by which persons are found. Incident and kind are in the hash: a key alone says which it is, and one
-- narrow index serves millions of look-ups. No foreign key: some seven keys are written for each person, in the
-- transaction that writes the person, and checking them took a sixth of the time of accepting a list.
create table person_keys (
  key bytea not null,
  person_id bigint not null,
  kind text not null,
  primary key (key, person_id)
);
create index on person_keys (person_id);

create table exposures (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incidents,
  person_id bigint not null references persons,
  list_id bigint not null references affected_lists,
  ordinal int not null,
  kind text not null,
  units int not null check (units > 0),
  brand text,
  -- Sealed JSON: last four digits, first and last use.
  sealed bytea,
  created_at timestamptz not null default now(),
  unique (list_id, ordinal)
);
create index on exposures (person_id);
create index on exposures (incident_id);
