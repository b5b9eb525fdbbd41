import type { LetterBatch, NoticeStats } from './api.ts';
import type { Check } from './checks.ts';
import type { SavedBatch } from './letters.ts';
import { type Cast, letterBatches } from './steps.ts';
import { watch } from './watch.ts';

/** What the post writes on the letters that it brings back, and what becomes of each. */
const REASONS = ['moved', 'unclaimed', 'unknown_address'] as const;
const RETURNED = REASONS.length;
const AGAIN = 2;

interface TakenAll {
  items: { deliveryId: string | null }[];
  counts: Record<string, number>;
}

export interface AfterReturns {
  checks: Check[];
  /** What the letters were put into that were printed again. */
  batches: LetterBatch[];
}

/**
 * A week later: three letters come back. One person has told the new address, one was on holiday, and of the third
 * nobody knows anything.
 */
export async function letterReturns(cast: Cast, noticeId: string, saved: SavedBatch[]): Promise<AfterReturns> {
  const { operator, progress, signal } = cast;
  const references = saved.flatMap((batch) => batch.references).slice(0, RETURNED);
  const returned = references.map((reference, i) => ({ reference, reason: REASONS[i] }));
  const { items, counts } = await operator.post<TakenAll>('/v1/letters/returned', returned);
  const [moved, unclaimed] = items.map(({ deliveryId }) => deliveryId);
  await operator.post(`/v1/deliveries/${moved}/readdress`, {
    ...{ postalCode: '530-0001', addressLines: ['大阪府大阪市北区梅田1-1'], reason: '本人から電話' },
  });
  await operator.post(`/v1/deliveries/${unclaimed}/readdress`, { again: true, reason: '不在だった' });
  await operator.post(`/v1/notices/${noticeId}/letter-batches`);
  const known = new Set(saved.map(({ batch }) => batch.id));
  const batches = await watch(
    'letters printed again',
    async () => (await letterBatches(operator, noticeId)).filter(({ id }) => !known.has(id)),
    (later) => later.length > 0 && later.every(({ state }) => state !== 'rendering'),
    signal,
  );
  progress.say(
    `A week later: ${RETURNED} letters came back. One goes to a new address, one once more to the same; one is for the substitute notice.`,
  );
  return { checks: [{ what: 'letters that came back', is: counts.returned ?? 0, shouldBe: RETURNED }], batches };
}

/** Everybody is reached but the one of whom nobody knows anything, who is on the list. */
export async function checkReturns(cast: Cast, before: NoticeStats, after: NoticeStats): Promise<Check[]> {
  const { unreached, inProgress } = await cast.operator.get<{ unreached: number; inProgress: number }>(
    `/v1/notices/${after.noticeId}/substitute`,
  );
  const lost = RETURNED - AGAIN;
  const letters = before.letter.total + AGAIN;
  return [
    { what: 'at last: letters', is: after.letter.total, shouldBe: letters },
    { what: 'at last: letters posted', is: after.letter.posted, shouldBe: letters - RETURNED },
    { what: 'at last: letters returned', is: after.letter.returned, shouldBe: RETURNED },
    {
      what: 'at last: reached',
      is: after.persons.reached,
      shouldBe: before.persons.reached + before.persons.inProgress - lost,
    },
    { what: 'at last: in progress', is: after.persons.inProgress, shouldBe: 0 },
    { what: 'at last: unreached', is: after.persons.unreached, shouldBe: before.persons.unreached + lost },
    { what: 'at last: status', is: after.status, shouldBe: 'completed' },
    { what: 'at last: balanced', is: after.balanced, shouldBe: true },
    { what: 'substitute notice: persons', is: unreached, shouldBe: after.persons.unreached },
    { what: 'substitute notice: may still follow', is: inProgress, shouldBe: 0 },
  ];
}
