import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHUNK,
  type LaneState,
  mostAhead,
  paceAllowance,
  paceHour,
  planPermissions,
} from '../../../src/delivery/dispatch/permissions.ts';

const whole = (max: number) => fc.integer({ min: 0, max });
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
const anyLanes: fc.Arbitrary<LaneState[]> = fc
  .array(fc.record({ due: whole(5_000), allowance: fc.option(whole(3_000)) }), { maxLength: 8 })
  .map((lanes) => lanes.map((lane, i) => ({ ...lane, lane: `lane ${i}` })));

describe('handing out permissions to send', () => {
  it('never permits more than is due, than the pace, or than the limits of a lane allow', () => {
    fc.assert(
      fc.property(
        anyLanes,
        whole(5_000),
        fc.option(whole(3_000)),
        whole(5),
        (lanes, outstanding, allowance, liveWorkers) => {
          const permissions = planPermissions({ lanes, outstanding, allowance, liveWorkers });
          const total = sum(permissions.map(({ size }) => size));
          expect(total).toBeLessThanOrEqual(allowance ?? Number.POSITIVE_INFINITY);
          expect(total).toBeLessThanOrEqual(Math.max(0, mostAhead(liveWorkers) - outstanding));
          for (const { lane, due, allowance: most } of lanes) {
            const ofLane = sum(permissions.filter((one) => one.lane === lane).map(({ size }) => size));
            expect(ofLane).toBeLessThanOrEqual(Math.min(due, most ?? due));
          }
          expect(permissions.every(({ size }) => size > 0 && size <= CHUNK)).toBe(true);
        },
      ),
    );
  });

  it('gets everything out in the end', () => {
    let due = 1_234;
    for (let tick = 0; tick < 10; tick++) {
      const lanes = [{ lane: '', due, allowance: null }];
      due -= sum(planPermissions({ lanes, outstanding: 0, allowance: null, liveWorkers: 1 }).map(({ size }) => size));
    }
    expect(due).toBe(0);
  });

  it('goes on with what has no limit while a lane has used up its own', () => {
    const lanes = [
      { lane: 'docomo', due: 500, allowance: 0 },
      { lane: '', due: 100, allowance: null },
    ];
    expect(planPermissions({ lanes, outstanding: 0, allowance: null, liveWorkers: 1 })).toEqual([
      { lane: '', size: 100 },
    ]);
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

  const at = (time: string) => new Date(`2017-07-25T${time}Z`);

  it('counts its hours from the latest of approval, start and opening, on a whole second', () => {
    expect(paceHour(at('12:40:00'), [at('10:15:07.500'), null, null])).toEqual(at('12:15:07'));
    expect(paceHour(at('12:40:00'), [at('10:15:07.500'), at('11:30:00'), null])).toEqual(at('12:30:00'));
    expect(paceHour(at('12:40:00'), [at('10:15:07.500'), at('11:30:00'), at('12:35:00')])).toEqual(at('12:35:00'));
  });

  it('begins anew with a window, so that nothing has been saved up when it opens', () => {
    const hour = paceHour(at('12:35:01'), [at('10:15:00'), null, at('12:35:00')]);
    expect(paceAllowance(3600, (at('12:35:01').getTime() - hour.getTime()) / 1000, 0)).toBe(1);
  });
});
