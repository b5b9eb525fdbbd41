/**
 * Gathers single requests into groups, one group under way at a time: while one is written the next gathers. With few
 * requests nobody waits; with many, a commit serves a whole group.
 */
export function groupWriter<Item, Result>(
  most: number,
  write: (items: Item[]) => Promise<Result>,
): (item: Item) => Promise<Result> {
  let gathering: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  let writing = false;
  const next = async (): Promise<void> => {
    writing = true;
    while (gathering.length > 0) {
      const group = gathering.slice(0, most);
      gathering = gathering.slice(most);
      try {
        const result = await write(group.map(({ item }) => item));
        for (const { resolve } of group) resolve(result);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    writing = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      gathering.push({ item, resolve, reject });
      // Not at once: what else becomes ready in this turn of the event loop joins the group.
      if (!writing) {
        writing = true;
        setImmediate(next);
      }
    });
}

/** A counting semaphore; `acquire` resolves to the function that gives the place back. */
export function semaphore(places: number): () => Promise<() => void> {
  let free = places;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return async () => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let given = false;
    return () => {
      if (given) return;
      given = true;
      release();
    };
  };
}
