import type { Groups } from '../matching/groups.ts';
import type { GroupRow, PersonGroup, WritePersons } from './write-persons.store.ts';

/** Persons written at once: enough to make round trips cheap, few enough to keep memory flat. */
const GROUPS_AT_ONCE = 1_000;
/** Rows that may wait for others of their person. Above it, persons are written with the rows at hand. */
const MOST_WAITING = 20_000;

/** Gathers rows until all of their person have come, and has persons written in batches. */
export interface GroupCollector {
  /** Takes the next row of a group. */
  add(group: number, row: GroupRow): Promise<void>;
  /** After the last row. */
  end(): Promise<void>;
  /** The person of a group that was asked for, once it is written. */
  personOf(group: number): string | undefined;
}

/**
 * @param asked the groups whose persons are asked for afterwards: a million others need not be remembered
 */
export function makeGroupCollector(
  groups: Pick<Groups, 'rowsIn' | 'personsIn'>,
  write: WritePersons,
  asked: ReadonlySet<number>,
  mostWaiting = MOST_WAITING,
): GroupCollector {
  /** The persons of groups that are asked for, or have rows still to come. */
  const persons = new Map<number, string>();
  const waiting = new Map<number, GroupRow[]>();
  const missing = new Map<number, number>();
  let waitingRows = 0;
  let ready: (PersonGroup & { group: number })[] = [];

  const writeReady = async (): Promise<void> => {
    const batch = ready;
    ready = [];
    const ids = await write(batch);
    batch.forEach(({ group }, i) => {
      if (asked.has(group) || missing.has(group)) persons.set(group, ids[i] ?? '');
    });
  };
  const release = async (group: number, rows: GroupRow[]): Promise<void> => {
    const person = persons.get(group) ?? groups.personsIn(group)[0] ?? null;
    if (!asked.has(group) && !missing.has(group)) persons.delete(group);
    ready.push({ group, rows, person });
    if (ready.length >= GROUPS_AT_ONCE) await writeReady();
  };
  const releaseWaiting = async (): Promise<void> => {
    for (const [group, rows] of waiting) await release(group, rows);
    waiting.clear();
    waitingRows = 0;
    await writeReady();
  };
  return {
    personOf: (group) => persons.get(group),
    end: releaseWaiting,
    async add(group, row) {
      const left = (missing.get(group) ?? groups.rowsIn(group)) - 1;
      const rows = waiting.get(group) ?? [];
      rows.push(row);
      if (left === 0) {
        waitingRows -= rows.length - 1;
        waiting.delete(group);
        missing.delete(group);
        return release(group, rows);
      }
      missing.set(group, left);
      waiting.set(group, rows);
      waitingRows++;
      if (waitingRows > mostWaiting) await releaseWaiting();
    },
  };
}
