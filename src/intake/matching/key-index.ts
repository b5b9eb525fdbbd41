/**
 * A map from 16-byte keyed hashes to numbers, in flat memory: a million keys take 40 MB, where a `Map` of strings
 * takes some 150. The keys are hashes already, so their first word serves as the hash.
 */
export interface KeyIndex {
  /** The number under this key, or -1. */
  get(key: Uint8Array): number;
  set(key: Uint8Array, value: number): void;
}

const WORDS = 4;

export function makeKeyIndex(expected = 1024): KeyIndex {
  let capacity = 2 ** Math.ceil(Math.log2(expected * 2));
  let words = new Uint32Array(capacity * WORDS);
  let values = new Int32Array(capacity).fill(-1);
  let used = 0;

  const slotOf = (a: number, b: number, c: number, d: number): number => {
    let slot = a & (capacity - 1);
    for (;;) {
      const at = slot * WORDS;
      if (values[slot] === -1) return slot;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return slot;
      slot = (slot + 1) & (capacity - 1);
    }
  };
  const put = (a: number, b: number, c: number, d: number, value: number): void => {
    const slot = slotOf(a, b, c, d);
    if (values[slot] === -1) used++;
    words.set([a, b, c, d], slot * WORDS);
    values[slot] = value;
  };
  const grow = (): void => {
    const [oldWords, oldValues] = [words, values];
    capacity *= 2;
    words = new Uint32Array(capacity * WORDS);
    values = new Int32Array(capacity).fill(-1);
    used = 0;
    oldValues.forEach((value, slot) => {
      const [a = 0, b = 0, c = 0, d = 0] = oldWords.subarray(slot * WORDS, slot * WORDS + WORDS);
      if (value !== -1) put(a, b, c, d, value);
    });
  };
  return {
    get: (key) => values[slotOf(...wordsOf(key))] ?? -1,
    set(key, value) {
      if (used * 2 > capacity) grow();
      put(...wordsOf(key), value);
    },
  };
}

function wordsOf(key: Uint8Array): [number, number, number, number] {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
}
