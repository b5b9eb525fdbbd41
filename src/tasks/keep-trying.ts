const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/**
 * Writes something that stays true whether or not the database can be reached now: tries again until it is written.
 * @throws what the last try threw, after `patienceMs`
 */
export async function keepTrying<T>(write: () => Promise<T>, patienceMs = 60_000): Promise<T> {
  const end = performance.now() + patienceMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await write();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}
