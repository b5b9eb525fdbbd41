import { sql } from 'kysely';

/**
 * The sealed `FrozenPerson` that a letter is printed from, in a query whose `d` is the delivery and whose `p` is its
 * person in the snapshot: the snapshot's, or what a readdressed generation has instead, which later ones keep.
 */
export const printedPerson = sql<Buffer>`coalesce((
  select a.sealed from letter_addresses a
  where a.notice_id = d.notice_id and a.person_id = d.person_id and a.generation <= d.generation
  order by a.generation desc limit 1), p.sealed)`;
