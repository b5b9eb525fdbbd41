import { describe, expect, it } from 'vitest';
import { groupWriter, semaphore } from '../../../src/delivery/email/group-writer.ts';

describe('the group writer', () => {
  it('writes what gathers while a group is under way as one group, in order, and at most so many', async () => {
    const groups: number[][] = [];
    const gates: (() => void)[] = [];
    const write = groupWriter(3, async (items: number[]) => {
      groups.push(items);
      await new Promise<void>((resolve) => gates.push(resolve));
      return items.length;
    });
    const all = Promise.all([1, 2, 3, 4, 5].map(write));
    const open = setInterval(() => gates.shift()?.(), 1);
    expect(await all).toEqual([3, 3, 3, 2, 2]);
    clearInterval(open);
    expect(groups).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('tells a failed group to those in it and goes on with the next', async () => {
    let calls = 0;
    const write = groupWriter(1, async ([item]: number[]) => {
      if (calls++ === 0) throw new Error('down');
      return item;
    });
    const results = await Promise.allSettled([write(1), write(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});

describe('the semaphore', () => {
  it('never lets more in than it has places, and a place given back twice counts once', async () => {
    const enter = semaphore(2);
    const [first] = [await enter(), await enter()];
    let third = false;
    const waiting = enter().then((leave) => {
      third = true;
      return leave;
    });
    await Promise.resolve();
    expect(third).toBe(false);
    first();
    first();
    await waiting;
    let fourth = false;
    enter().then(() => {
      fourth = true;
    });
    await new Promise(setImmediate);
    expect(fourth).toBe(false);
  });
});
