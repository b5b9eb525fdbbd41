-- Lists of a million rows, five kinds of them, desks for what a person must decide, and everything undone again.

-- Rows and keys are stored otherwise from here on, and what is sealed cannot be rewritten by SQL.
do $$ begin
  if exists (select 1 from list_rows) then
    raise exception 'This database holds lists of an earlier version, which this version cannot read. Finish those incidents with the version that began them, and give this one an empty database.';
  end if;
end $$;

alter table affected_lists
  drop constraint affected_lists_kind_check,
  add constraint affected_lists_kind_check check (kind in ('affected', 'members', 'already_notified', 'exclude', 'hold')),
  -- 'csv' or 'xlsx', as found.
  add column format text,
  -- A hold has the day on which it is to be looked at again.
  add column release_on date,
  -- A list that points at persons, when an operator ended all that it says.
  add column released_at timestamptz,
  -- Pairs of persons who may be one, for a person to decide.
  add column candidates int not null default 0,
  -- The upload held nothing that may not be stored: it stays, sealed, until the list is decided, so that the list can be
  -- read again in another way.
  add column correctable boolean not null default false,
  -- How far the reading has come; written outside of the transaction that reads.
  add column began_at timestamptz,
  add column rows_read int not null default 0,
  add column bytes_read bigint not null default 0,
  add column progress_at timestamptz;

-- Row data is sealed by the hundred: sealing and storing each row by itself took a third of the time of a check.
-- No foreign keys on the tables of rows: each is written, and removed, only together with its list, in one transaction,
-- and checking a million of them took longer than writing them.
create table list_row_chunks (
  list_id bigint not null,
  first_ordinal int not null,
  -- Sealed JSON: an array of rows from that ordinal on, each its cells as they came (forbidden ones dropped, card numbers
  -- cut to ****1234) and the fields read from them.
  sealed bytea not null,
  primary key (list_id, first_ordinal)
);
alter table list_row_chunks alter column sealed set storage external;

drop table list_rows;
create table list_rows (
  list_id bigint not null,
  ordinal int not null,
  line int not null,
  outcome text not null check (outcome in ('accepted', 'merged', 'quarantined')),
  reasons text[] not null default '{}',
  warnings text[] not null default '{}',
  fingerprint uuid,
  occurrence int not null default 1,
  exposure_units int not null default 0,
  person_id bigint,
  -- What an operator decided of a quarantined row, and the row as they corrected it (sealed like one row of a chunk).
  decision text check (decision in ('fixed', 'accepted', 'excluded')),
  decided_by bigint references users,
  decided_at timestamptz,
  decision_reason_sealed bytea,
  sealed bytea,
  primary key (list_id, ordinal)
);
create index on list_rows (person_id) where person_id is not null;
-- Only rows of accepted lists have a person, and only those can be repeated.
create index on list_rows (fingerprint) where person_id is not null and fingerprint is not null;
create index on list_rows (list_id, ordinal) where outcome = 'quarantined';

-- The same of exposures, of which a list brings as many.
alter table exposures
  drop constraint exposures_incident_id_fkey, drop constraint exposures_person_id_fkey,
  drop constraint exposures_list_id_fkey;

-- Keyed hashes by which persons are found: of an email, of source and external id, of an address, a phone, a name; each
-- beside the hash of the name it came with, because a shared mailbox or household is not one person. Incident and kind
-- are in the hash.
drop table person_keys;
create table person_keys (
  key uuid not null,
  name uuid not null,
  -- The name with variants of characters folded: what is alike and not the same is for a person to decide.
  alike uuid not null,
  person_id bigint not null,
  primary key (key, person_id, name)
);
create index on person_keys (person_id);

-- Two persons who may be one. A pair that was decided is not asked again.
create table candidates (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incidents,
  -- The two as they were found.
  person_id bigint not null references persons,
  other_id bigint not null references persons,
  -- The two as things stand: whoever was merged away is replaced by whom they became. Equal: they are one now. Undoing
  -- a merge undoes this too, and what was asked and decided of each stays written down.
  low_id bigint not null references persons,
  high_id bigint not null references persons,
  -- were_one: an operator found that they are two.
  reason text not null check (reason in ('external_id_other_name', 'possible_duplicate', 'similar_name', 'were_one')),
  list_id bigint references affected_lists,
  status text not null default 'open' check (status in ('open', 'merged', 'apart')),
  decided_by bigint references users,
  decided_at timestamptz,
  reason_sealed bytea,
  check (person_id < other_id),
  check (low_id <= high_id),
  unique (person_id, other_id)
);
create index on candidates (incident_id, status, id);
create index on candidates (low_id, high_id);

-- What was decided of a person. A person is what their rows say, and what operators corrected, in this order: undoing
-- a change is to mark it undone and to put the person together anew.
create table person_changes (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incidents,
  person_id bigint not null references persons,
  kind text not null check (kind in ('merge', 'split', 'correct', 'exclude')),
  at timestamptz not null default now(),
  -- Null: a list brought it about.
  user_id bigint references users,
  list_id bigint references affected_lists,
  -- Of a merge, who was merged into the person; of a split, who came out of the person.
  other_id bigint references persons,
  -- Rows that came with a merge or left with a split: [[list, ordinal], …]; what else is needed to undo a merge.
  detail jsonb not null default '{}',
  -- Of a correction, what was set.
  correction_sealed bytea,
  reason_sealed bytea,
  undone_at timestamptz,
  undone_by bigint references users,
  undone_reason_sealed bytea
);
create index on person_changes (person_id, id);
create index on person_changes (other_id) where other_id is not null;
create index on person_changes ((detail ->> 'candidate')) where detail ->> 'candidate' is not null;

-- What lists of the kinds already_notified, exclude and hold say of persons. A mark ends by a decision and stays as a
-- record. A hold that is turned into an exclusion ends, and an exclusion of the same row takes its place.
create table person_marks (
  id bigint generated always as identity primary key,
  list_id bigint not null references affected_lists,
  ordinal int not null,
  person_id bigint not null references persons,
  incident_id bigint not null references incidents,
  kind text not null check (kind in ('already_notified', 'exclude', 'hold')),
  release_on date,
  marked_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by bigint references users,
  ended_reason_sealed bytea
);
create unique index one_mark_in_force on person_marks (list_id, ordinal, person_id) where ended_at is null;
create index on person_marks (person_id);
create index on person_marks (list_id, ordinal);
create index on person_marks (incident_id, kind, person_id) where ended_at is null;

-- The keys of those lists stay, for persons who become known later.
create table mark_keys (
  key uuid not null,
  -- Null: the list names nobody beside the key.
  name uuid,
  list_id bigint not null,
  ordinal int not null,
  -- A person's own: an email or a number. Not own: an address or a telephone, which a household shares.
  own boolean not null,
  -- What it makes of whoever has it: the kind of the list, until a decision.
  kind text not null check (kind in ('already_notified', 'exclude', 'hold')),
  release_on date,
  primary key (key, list_id, ordinal)
);
create index on mark_keys (list_id, ordinal);

-- A duty to preserve data (a court's, an authority's) blocks the destruction of the incident's key, whoever tries it.
create table preservation_orders (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incidents,
  ordered_at timestamptz not null default now(),
  ordered_by bigint not null references users,
  reason_sealed bytea not null,
  lifted_at timestamptz,
  lifted_by bigint references users,
  lifted_reason_sealed bytea
);
create unique index one_order_in_force on preservation_orders (incident_id) where lifted_at is null;

create function guard_preserved_keys() returns trigger language plpgsql as $$
begin
  if exists (select 1 from preservation_orders where incident_id = old.incident_id and lifted_at is null) then
    raise exception 'the data of incident % must be preserved', old.incident_id using errcode = 'OW002';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;

create trigger guard_preserved before delete or update on keys.data_keys
  for each row execute function guard_preserved_keys();

create function guard_all_preserved_keys() returns trigger language plpgsql as $$
begin
  if exists (select 1 from preservation_orders where lifted_at is null) then
    raise exception 'the data of some incidents must be preserved' using errcode = 'OW002';
  end if;
  return null;
end $$;

create trigger guard_all_preserved before truncate on keys.data_keys
  for each statement execute function guard_all_preserved_keys();
