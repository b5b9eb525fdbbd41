import { sql } from 'kysely';
import { audit } from '../../audit/audit.store.ts';
import { type Db, inTransaction } from '../../db/database.ts';
import { printedPerson } from '../../delivery/letter/printed-person.store.ts';
import { OwabiError } from '../../errors.ts';
import type { AddressWarning } from '../../intake/fields/postal-address.ts';
import { correctPersonIn } from '../../intake/persons/person-desk.store.ts';
import { sealReason } from '../../intake/persons/seal-reason.ts';
import { letterHash } from '../../notice/content-hash.ts';
import type { FrozenPerson } from '../../notice/frozen-person.ts';
import { type NoticeSnapshot, renderingsOf } from '../../notice/renderings.ts';
import { letterInputs, letterProblem } from '../../rendering/letter.ts';
import type { NoticeLocale, RenderPerson } from '../../rendering/types.ts';
import type { Services } from '../../services.ts';
import { type GivenAddress, personAtNewAddress } from './new-address.ts';

export interface GivenReaddress extends GivenAddress {
  reason: string;
  /** The person's own record gets the address too, for notices to come. */
  correctPerson?: boolean;
}

/** The letter that was planned instead of one that came back. */
export interface Readdressed {
  deliveryId: string;
  noticeId: string;
  personId: string;
  reference: string;
  generation: number;
  /** What intake would say of the address, such as that a postal code was found. */
  warnings: AddressWarning[];
}

type Needs = Pick<Services, 'db' | 'vault' | 'templates' | 'postal'>;

/**
 * Plans the next generation of a letter that came back, or could not be printed, to another address: the words as they
 * were approved, hashed anew with the address. A notice that was complete goes on. Everything is checked before anything
 * is written.
 * @throws OwabiError `not_found`, `wrong_state`, `data_destroyed`, `invalid_body`, `address_doubtful`, `same_address`,
 * `content_changed`, and `no_address`, `missing_glyph` or `does_not_fit` when the letter could not be printed
 */
export async function readdress(
  { db, vault, templates, postal }: Needs,
  deliveryId: string,
  given: GivenReaddress,
  userId: string,
): Promise<Readdressed> {
  return inTransaction(db, async (trx) => {
    const letter = await readLetter(trx, deliveryId);
    const incidentVault = await vault.forIncident(letter.incidentId);
    const frozen = incidentVault.openJson<FrozenPerson>('notice-person', letter.sealed);
    const { person, same, warnings } = personAtNewAddress(frozen.render, given, postal());
    const hash = hashOfNew(templates, letter, frozen.render, person);
    // First, because it waits for lists that are being accepted, and those must not wait for us.
    const correct = given.correctPerson === true && !same;
    if (correct) await correctRecord(trx, vault, letter.personId, person, given.reason, userId);
    const generation = await lockNewest(trx, letter);
    await trx
      .insertInto('letter_addresses')
      .values({
        ...{ notice_id: letter.noticeId, person_id: letter.personId, generation, created_by: userId },
        sealed: incidentVault.sealJson('notice-person', { ...frozen, render: person } satisfies FrozenPerson),
        reason_sealed: sealReason(incidentVault, given.reason),
      })
      .execute();
    const newId = await planNext(trx, letter, generation, hash);
    const detail = { newDeliveryId: newId, generation, sameAddress: same, corrected: correct };
    await audit(trx, userId, 'letter.readdressed', 'delivery', deliveryId, detail);
    const { noticeId, personId, reference } = letter;
    return { deliveryId: newId, noticeId, personId, reference, generation, warnings };
  });
}

interface Letter {
  id: string;
  noticeId: string;
  personId: string;
  incidentId: string;
  reference: string;
  locale: string;
  contentHash: Buffer | null;
  snapshot: NoticeSnapshot;
  /** Sealed `FrozenPerson`, as this generation was printed. */
  sealed: Buffer;
}

async function readLetter(trx: Db, id: string): Promise<Letter> {
  const { rows } = await sql<Letter>`
    select d.id, d.notice_id as "noticeId", d.person_id as "personId", n.incident_id as "incidentId", p.reference,
      p.locale, d.content_hash as "contentHash", n.snapshot, ${printedPerson} as sealed
    from deliveries d join notices n on n.id = d.notice_id
    join notice_persons p on p.notice_id = d.notice_id and p.person_id = d.person_id
    where d.id = ${id} and d.channel = 'letter'`.execute(trx);
  const [letter] = rows;
  if (!letter) throw new OwabiError('not_found', 'There is no letter with this id.');
  return letter;
}

/** The hash of the letter at its new address, when its words are still those that were approved. */
function hashOfNew(
  templates: Services['templates'],
  { snapshot, locale, contentHash }: Letter,
  before: RenderPerson,
  after: RenderPerson,
): Buffer {
  const prepared = renderingsOf(templates, snapshot).letter(locale as NoticeLocale);
  if (!contentHash?.equals(letterHash(prepared, letterInputs(prepared, before))))
    throw new OwabiError('content_changed');
  const problem = letterProblem(prepared, after);
  if (problem) throw new OwabiError(problem.reason, `The letter could not be printed: ${problem.detail}`);
  return letterHash(prepared, letterInputs(prepared, after));
}

/**
 * Locks the notice, so that it is not cancelled meanwhile, and the letters of the person in it.
 * @returns the number of the next generation
 */
async function lockNewest(trx: Db, { id, noticeId, personId }: Letter): Promise<number> {
  const notices = await sql<{ status: string; approved: boolean }>`
    select status, approved_at is not null and status not in ('draft', 'freezing', 'awaiting_approval') as approved
    from notices where id = ${noticeId} for no key update`.execute(trx);
  if (notices.rows[0]?.status === 'cancelled') {
    throw new OwabiError('wrong_state', 'The notice is cancelled: nothing of it is sent again.');
  }
  if (notices.rows[0]?.approved !== true) {
    throw new OwabiError(
      'wrong_state',
      'The notice is not approved: correct the person instead, and submit the notice again. Approval is given to each letter.',
    );
  }
  const { rows } = await sql<{ id: string; state: string; generation: number }>`
    select id, state, generation from deliveries
    where notice_id = ${noticeId} and person_id = ${personId} and channel = 'letter'
    order by id for no key update`.execute(trx);
  const newest = rows.toSorted((a, b) => b.generation - a.generation)[0];
  if (!newest || newest.id !== id) {
    throw new OwabiError('wrong_state', `There is a later letter to this person: ${newest?.id}, ${newest?.state}.`, {
      deliveryId: newest?.id,
    });
  }
  if (newest.state !== 'returned' && newest.state !== 'unprintable') {
    throw new OwabiError(
      'wrong_state',
      `The letter is ${newest.state}: it has neither come back nor been unprintable.`,
    );
  }
  return newest.generation + 1;
}

async function planNext(trx: Db, { id, noticeId }: Letter, generation: number, hash: Buffer): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into deliveries (notice_id, person_id, channel, generation, state, reason, content_hash)
    select notice_id, person_id, 'letter', ${generation}, 'pending', state || '_readdressed', ${hash}
    from deliveries where id = ${id} returning id`.execute(trx);
  const newId = rows[0]?.id as string;
  await sql`update deliveries set replaced_by = ${newId} where id = ${id}`.execute(trx);
  await sql`
    update notices set status = 'sending', completed_at = null, updated_at = now()
    where id = ${noticeId} and status = 'completed'`.execute(trx);
  return newId;
}

async function correctRecord(
  trx: Db,
  vault: Services['vault'],
  personId: string,
  { postalCode, addressLines, country }: RenderPerson,
  reason: string,
  userId: string,
): Promise<void> {
  const address = { postalCode, lines: addressLines, country };
  await correctPersonIn(trx, vault, personId, { address, reason }, userId);
  await audit(trx, userId, 'person.correct', 'person', personId, { email: false, address: true });
}
