import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK, paceAllowance, planPermissions } from '../../../src/delivery/dispatch/permissions.ts';

const whole = (max: number) => fc.integer({ min: 0, max });

describe('handing out permissions to send', () => {
  it('never permits more than is due or than the pace allows', () => {
    fc.assert(
      fc.property(
        whole(100_000),
        whole(5_000),
        fc.option(whole(3_000)),
        whole(5),
        (pending, outstanding, allowance, liveWorkers) => {
          const sizes = planPermissions({ pending, outstanding, allowance, liveWorkers });
          const total = sizes.reduce((sum, size) => sum + size, 0);
          expect(total).toBeLessThanOrEqual(Math.max(0, pending - outstanding));
          expect(total).toBeLessThanOrEqual(allowance ?? Number.POSITIVE_INFINITY);
          expect(sizes.every((size) => size > 0 && size <= CHUNK)).toBe(true);
        },
      ),
    );
  });

  it('gets everything out in the end', () => {
    let pending = 1_234;
    for (let tick = 0; tick < 10; tick++) {
      pending -= planPermissions({ pending, outstanding: 0, allowance: null, liveWorkers: 1 }).reduce(
        (a, b) => a + b,
        0,
      );
    }
    expect(pending).toBe(0);
  });
});

describe('the pace of an hour', () => {
  it('spreads evenly and never goes over, however often it is asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.array(whole(60), { minLength: 1, maxLength: 200 }),
        (perHour, steps) => {
          let used = 0;
          let second = 0;
          for (const step of steps) {
            second = Math.min(3600, second + step);
            used += paceAllowance(perHour, second, used);
            expect(used).toBeLessThanOrEqual(Math.ceil((perHour * second) / 3600));
          }
          expect(used).toBeLessThanOrEqual(perHour);
        },
      ),
    );
  });
});
