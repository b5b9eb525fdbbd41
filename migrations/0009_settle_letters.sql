-- Letters when something breaks at the worst moment, and when there are a million of them.

-- ---- Deliveries to the printer of which we do not know whether they happened ------------------------------------------

alter table letter_batches
  -- When it was first about to be put into the printer's folder: from then on it may lie there.
  add column drop_began_at timestamptz,
  -- What is about to appear under the bundle's name in the printer's folder: its unfinished file, or the id of an upload.
  -- Until it is known whether it did.
  add column drop_unsettled text,
  -- When somebody first read what is printed of it, by the API: from then on a printer may have it.
  add column fetched_at timestamptz,
  -- When it could not be found out: the printer may have taken the bundle, and it is not put there again by itself.
  add column drop_uncertain_at timestamptz;
-- For what was delivered before that was written down.
update letter_batches set drop_began_at = delivered_at where delivered_at is not null;

-- ---- Batches that cannot be rendered --------------------------------------------------------------------------------

alter table letter_batches
  -- Tries to render it that came to nothing, or have only begun, since its notice last paused by itself.
  add column render_tries int not null default 0;

-- ---- Alerts of letters that could not be printed, and of batches that nobody posts -------------------------------------

alter table alerts drop constraint alerts_kind_check;
alter table alerts add constraint alerts_kind_check check (kind in
  ('breaker', 'domain_held', 'relay_held', 'refused', 'uncertain', 'queue_stalled', 'notice_completed',
   'notice_unbalanced', 'invalid_mailboxes', 'owner_changed', 'report_unreadable', 'reports_forged',
   'reports_unmatched', 'drop_failing', 'letters_returned', 'letters_unprintable', 'batch_waiting'));

-- Asked once a second. These reasons are those of the printing: the others were known when the notice was approved.
create index deliveries_unprinted_open on deliveries (notice_id, updated_at)
  where state = 'unprintable' and replaced_by is null and reason in ('render_failed', 'check_failed');
drop index batches_unacknowledged;
create index batches_waiting on letter_batches (notice_id)
  where state in ('rendered', 'handed_over') or differed_at is not null;

-- ---- Notices that were completed while a letter was being planned -----------------------------------------------------

update notices n set status = 'sending', completed_at = null, updated_at = now()
where status = 'completed' and exists (
  select from notice_counts c where c.notice_id = n.id and c.n > 0 and c.channel <> 'person'
    and outcome_class(c.state) = 'in_progress');
