/** The other side of the letters: the print house counts what it got, prints and posts it. */
import { type Api, type LetterBatch, ProblemError } from './api.ts';
import type { Check } from './checks.ts';
import type { SavedBatch } from './letters.ts';
import { count } from './progress.ts';
import type { Cast } from './steps.ts';

/** A batch as it stands at last, with its letters by state. */
export type BatchStates = LetterBatch & { states: Record<string, number> };

/**
 * The print house acknowledges each batch and gives it to the post. It counts one letter too few in the first one, is
 * refused, and counts again.
 */
export async function printAndPost(
  { operator, progress }: Cast,
  saved: SavedBatch[],
  miscount: boolean,
): Promise<Check[]> {
  const checks = miscount && saved[0] ? await miscounted(operator, saved[0], progress.say) : [];
  for (const { batch } of saved) {
    await operator.post(`/v1/letter-batches/${batch.id}/handed-over`, acknowledgement(batch));
    await operator.post(`/v1/letter-batches/${batch.id}/posted`, { on: today() });
  }
  const numbers = saved.map(({ batch }) => batch.number).join(', ');
  progress.say(`The print house has acknowledged and posted: ${numbers === '' ? 'nothing' : `batch ${numbers}`}.`);
  return checks;
}

async function miscounted(operator: Api, { batch }: SavedBatch, say: (text: string) => void): Promise<Check[]> {
  const wrong = { ...acknowledgement(batch), letters: batch.letters - 1 };
  const refused = await refusalOf(operator.post(`/v1/letter-batches/${batch.id}/handed-over`, wrong));
  const blocked = await refusalOf(operator.post(`/v1/letter-batches/${batch.id}/posted`, { on: today() }));
  say(`Of batch ${batch.number} the print house counts ${count(wrong.letters)} letters. Refused: ${refused.detail}`);
  say('Until it has counted again the batch cannot be posted.');
  return [
    { what: 'print house: one letter too few', is: refused.code, shouldBe: 'figures_differ' },
    { what: 'print house: posted before it is acknowledged', is: blocked.code, shouldBe: 'wrong_state' },
  ];
}

const acknowledgement = ({ letters, pages, sha256 }: LetterBatch) => ({
  ...{ at: new Date().toISOString(), letters, pages, sha256 },
});

/** In Tokyo, as the incident has it. */
const today = (): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());

async function refusalOf(call: Promise<unknown>): Promise<{ code: string; detail: string }> {
  try {
    await call;
    return { code: 'taken', detail: 'it was taken' };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { code = '', detail = '' } = error.problem as { code?: string; detail?: string };
    return { code, detail };
  }
}

/** How the batches stand now. */
export async function readBatches(operator: Api, saved: SavedBatch[]): Promise<BatchStates[]> {
  const states: BatchStates[] = [];
  for (const { batch } of saved) states.push(await operator.get<BatchStates>(`/v1/letter-batches/${batch.id}`));
  return states;
}

/** Every letter of a batch is in one state, and every batch is with the post. */
export function checkBatches(batches: BatchStates[]): Check[] {
  return batches.flatMap(({ number, letters, state, states }) => [
    { what: `letter batch ${number}: state`, is: state, shouldBe: 'posted' },
    {
      what: `letter batch ${number}: sum of states`,
      is: Object.values(states).reduce((sum, part) => sum + part, 0),
      shouldBe: letters,
    },
  ]);
}
