-- Letters that a printer accepts and the post delivers.

-- ---- Batches and the printer ----------------------------------------------------------------------------------------

alter table letter_batches
  -- What all letters of a batch have in common beside the notice: a batch is posted as mail of one kind. Null: older.
  add column locale text,
  add column country text,
  add column sheets int,
  add column weight_g int,
  -- Files for the printer by name: bytes, SHA-256 and CRC-32 of each. Null: rendered before there was a bundle.
  add column files jsonb,
  add column cancelled_at timestamptz,
  add column cancelled_by bigint references users,
  add column cancelled_reason_sealed bytea,
  -- When the bundle was last put into the printer's folder.
  add column delivered_at timestamptz;

alter table deliveries
  -- What the post calls the letter (引受番号).
  add column tracking_number text check (tracking_number ~ '^\d{11}$'),
  -- The generation that was printed instead of it.
  add column replaced_by bigint references deliveries;
create unique index one_tracking_number on deliveries (notice_id, tracking_number) where tracking_number is not null;

alter table notices
  -- Open letters that filled no batch of their kind when it was last looked: until there are others, none does.
  add column letters_left int not null default 0;

insert into delivery_steps values
  -- Its batch was cancelled: it is open again.
  ('letter', 'rendered', 'pending'),
  -- It is printed again before it was posted, as the next generation.
  ('letter', 'handed_over', 'cancelled');

alter table tasks drop constraint tasks_kind_check;
alter table tasks add constraint tasks_kind_check check (kind in
  ('check-list', 'accept-list', 'freeze-notice', 'send-email', 'render-letters', 'read-reports', 'drop-batch'));
create unique index one_drop on tasks (subject_id) where kind = 'drop-batch';

-- ---- Envelope profiles ----------------------------------------------------------------------------------------------

-- Profiles that operators have made. They never change: what a notice was approved with stays what it says.
create table letter_profiles (
  id bigint generated always as identity primary key,
  profile jsonb not null,
  created_by bigint not null references users,
  created_at timestamptz not null default now()
);

alter table notices
  -- The envelope of its letters: one that comes with the service, or own-<id>. Null: the default of its language.
  add column letter_profile text;

-- ---- Returned letters -----------------------------------------------------------------------------------------------

-- Where a letter goes from a generation on, when it does not go where the snapshot says: an operator learned of another
-- address after it had come back. Later generations go there too, until one has an address of its own.
create table letter_addresses (
  notice_id bigint not null,
  person_id bigint not null,
  generation int not null,
  -- Sealed like `notice_persons.sealed`, and otherwise the same: only address and name may differ.
  sealed bytea not null,
  reason_sealed bytea not null,
  created_by bigint not null references users,
  created_at timestamptz not null default now(),
  primary key (notice_id, person_id, generation),
  foreign key (notice_id, person_id) references notice_persons on delete cascade
);

-- Letters that have come back, for the desk's list.
create index deliveries_returned on deliveries (notice_id, id) where state = 'returned';
-- Who is left for the substitute notice.
create index persons_unreached on notice_persons (notice_id, person_id) where outcome = 'unreached';

-- ---- Alerts ---------------------------------------------------------------------------------------------------------

alter table letter_batches
  -- When a printer acknowledged it with other figures, until it acknowledges it rightly.
  add column differed_at timestamptz;

alter table notices
  -- When an operator last took the whole list for substitute notice.
  add column substitute_taken_at timestamptz;

alter table alerts drop constraint alerts_kind_check;
alter table alerts add constraint alerts_kind_check check (kind in
  ('breaker', 'domain_held', 'relay_held', 'refused', 'uncertain', 'queue_stalled', 'notice_completed',
   'notice_unbalanced', 'invalid_mailboxes', 'owner_changed', 'report_unreadable', 'reports_forged',
   'reports_unmatched', 'drop_failing', 'letters_returned', 'batch_waiting'));

-- Asked once a second, to tell operators.
create index batches_unacknowledged on letter_batches (notice_id) where state = 'rendered' or differed_at is not null;
create index deliveries_returned_open on deliveries (notice_id, updated_at) where state = 'returned' and replaced_by is null;

-- ---- Intelligent Mail -----------------------------------------------------------------------------------------------

-- Serial numbers that were given to letters with the barcode of USPS, by who sends them: letters of one mailer are told
-- apart for as long as the numbers do not go round.
create table mailer_serials (
  mailer_id text primary key check (mailer_id ~ '^(\d{6}|\d{9})$'),
  used bigint not null
);

alter table deliveries
  -- In the letter's Intelligent Mail barcode; given when it is put into a batch.
  add column mail_serial int;
create index on deliveries (mail_serial) where mail_serial is not null;
