/** A list of whole numbers that grows, in four bytes each. Reads 0 where nothing was written. */
export interface Numbers {
  at(index: number): number;
  set(index: number, value: number): void;
}

export function makeNumbers(length: number): Numbers {
  let held = new Int32Array(length);
  return {
    at: (index) => held[index] ?? 0,
    set(index, value) {
      if (index >= held.length) {
        const longer = new Int32Array(Math.max(index + 1, held.length * 2));
        longer.set(held);
        held = longer;
      }
      held[index] = value;
    },
  };
}
