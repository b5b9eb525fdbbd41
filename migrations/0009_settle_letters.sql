-- Letters when something breaks at the worst moment, and when there are a million of them.

-- ---- Deliveries to the printer of which we do not know whether they happened ------------------------------------------

alter table letter_batches
  -- What is about to appear under the bundle's name in the printer's folder: its unfinished file, or the id of an upload.
  -- Until it is known whether it did.
  add column drop_unsettled text,
  -- When it could not be found out: the printer may have taken the bundle, and it is not put there again by itself.
  add column drop_uncertain_at timestamptz;

-- ---- Batches that cannot be rendered --------------------------------------------------------------------------------

alter table letter_batches
  -- How often it was begun to render it since somebody last had to look, times left out that failed for another's doing.
  add column render_tries int not null default 0;
