-- Letters when something breaks at the worst moment, and when there are a million of them.

-- ---- Deliveries to the printer of which we do not know whether they happened ------------------------------------------

alter table letter_batches
  -- What is about to appear under the bundle's name in the printer's folder: its unfinished file, or the id of an upload.
  -- Until it is known whether it did.
  add column drop_unsettled text,
  -- When somebody first read what is printed of it, by the API: from then on a printer may have it.
  add column fetched_at timestamptz,
  -- When it could not be found out: the printer may have taken the bundle, and it is not put there again by itself.
  add column drop_uncertain_at timestamptz;

-- ---- Batches that cannot be rendered --------------------------------------------------------------------------------

alter table letter_batches
  -- Tries to render it that came to nothing, or have only begun, since its notice last paused by itself.
  add column render_tries int not null default 0;

-- ---- Notices that were completed while a letter was being planned -----------------------------------------------------

update notices n set status = 'sending', completed_at = null, updated_at = now()
where status = 'completed' and exists (
  select from notice_counts c where c.notice_id = n.id and c.n > 0 and c.channel <> 'person'
    and outcome_class(c.state) = 'in_progress');
