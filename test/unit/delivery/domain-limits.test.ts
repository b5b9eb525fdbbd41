import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DomainAnswer,
  type DomainState,
  domainName,
  laneAllowance,
  limitsOf,
  noteAnswer,
  nothingKnown,
  recovered,
  slowed,
} from '../../../src/delivery/dispatch/domain-limits.ts';
import { groupRules } from '../../../src/delivery/mail-groups.ts';

const HASH = 'c0ffee1200112233445566778899aabb';
const start = new Date('2017-07-25T01:00:00Z');
const afterSeconds = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const state = (over: Partial<DomainState> = {}): DomainState => ({ ...nothingKnown, ...over });

describe('the limits of a mail domain', () => {
  it('are those of its group, an operator’s own before them, and none for a domain that nothing is known of', () => {
    const { perMinute, concurrency } = groupRules.docomo;
    expect(limitsOf('docomo', state(), false)).toEqual({ perMinute, concurrency, held: false });
    expect(limitsOf('docomo', state({ perMinute: 50 }), false)).toMatchObject({ perMinute: 50, concurrency });
    expect(limitsOf(HASH, state(), false)).toEqual({ perMinute: null, concurrency: null, held: false });
  });

  it('are not those of a group while nothing leaves the machine; slowing and holding are in force all the same', () => {
    expect(limitsOf('docomo', state(), true)).toEqual({ perMinute: null, concurrency: null, held: false });
    expect(limitsOf('docomo', state({ slowedTo: 30, heldAt: start }), true)).toMatchObject({
      ...{ perMinute: 30, held: true },
    });
  });

  it('are lowered by slowing, never raised', () => {
    expect(limitsOf('docomo', state({ perMinute: 50, slowedTo: 20 }), false).perMinute).toBe(20);
    expect(limitsOf('docomo', state({ perMinute: 10, slowedTo: 20 }), false).perMinute).toBe(10);
  });

  it('name a group by its name and any other domain by eight digits of its hash', () => {
    expect(domainName('docomo')).toBe('docomo');
    expect(domainName(HASH)).toBe('c0ffee12');
  });
});

/** Asks at each of these moments, takes what is allowed, and tells when how much was taken. */
function take(perMinute: number, moments: number[]): { at: number; n: number }[] {
  let pacedUntil: Date | null = null;
  let minute = -1;
  let used = 0;
  return moments.map((at) => {
    if (Math.floor(at / 60) !== minute) [minute, used] = [Math.floor(at / 60), 0];
    const limits = { perMinute, concurrency: null, held: false };
    const n = laneAllowance(limits, { used, pacedUntil, inFlight: 0 }, afterSeconds(at)) ?? Number.NaN;
    used += n;
    const from = Math.max(pacedUntil?.getTime() ?? 0, afterSeconds(at).getTime());
    pacedUntil = new Date(from + (n * 60_000) / perMinute);
    return { at, n };
  });
}
const sum = (taken: { n: number }[]) => taken.reduce((total, { n }) => total + n, 0);
const ticks = (seconds: number) => Array.from({ length: Math.floor(seconds / 0.3) }, (_, i) => i * 0.3);

describe('the rate of a lane', () => {
  it('lets go in no minute more than its limit, and in no time more than five seconds’ worth beyond it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6_000 }),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 120 }),
        (perMinute, waits) => {
          let now = 0;
          const moments = waits.map((wait) => {
            now += wait / 1000;
            return now;
          });
          const taken = take(perMinute, moments);
          for (const [i, { at }] of taken.entries()) {
            const inMinute = taken.filter((one) => Math.floor(one.at / 60) === Math.floor(at / 60));
            expect(sum(inMinute)).toBeLessThanOrEqual(perMinute);
            const ahead = Math.max(1, perMinute / 12);
            const upTo = taken.slice(0, i + 1).filter((one) => one.at > at - 30);
            expect(sum(upTo)).toBeLessThanOrEqual(Math.ceil(perMinute / 2 + ahead + 1));
          }
        },
      ),
    );
  });

  it.each([6, 60, 600, 3_000])('reaches %i a minute when it is asked at every tick', (perMinute) => {
    const taken = sum(take(perMinute, ticks(600)));
    expect(taken).toBeGreaterThanOrEqual(perMinute * 9.8);
    expect(taken).toBeLessThanOrEqual(perMinute * 10);
  });

  it('does not let a whole minute’s worth go at once when sending begins late in a minute', () => {
    expect(sum(take(3_000, [59, 59.3, 60, 60.3]))).toBeLessThanOrEqual(250 + 3_000 / 60 + 17);
  });

  it('is nothing while the domain is held, and what is not on its way where only that is limited', () => {
    const use = { used: 0, pacedUntil: null, inFlight: 58 };
    expect(laneAllowance({ perMinute: null, concurrency: 60, held: false }, use, start)).toBe(2);
    expect(laneAllowance({ perMinute: 3_000, concurrency: 60, held: false }, use, start)).toBe(2);
    expect(laneAllowance({ perMinute: 3_000, concurrency: 60, held: true }, use, start)).toBe(0);
    expect(laneAllowance({ perMinute: null, concurrency: 50, held: false }, use, start)).toBe(0);
    expect(laneAllowance({ perMinute: null, concurrency: null, held: false }, use, start)).toBeNull();
  });
});

/** The state after answers that came at these seconds, and how often they slowed it. */
function hear(kind: DomainAnswer['kind'], seconds: number[], from = state()): { state: DomainState; slow: number } {
  let slow = 0;
  let now = from;
  for (const second of seconds) {
    const heard = noteAnswer(now, { kind, code: '421 4.7.0' }, afterSeconds(second));
    now = heard.slow ? slowed(heard.state, now.slowedTo ?? 600, afterSeconds(second)) : heard.state;
    if (heard.slow) slow++;
  }
  return { state: now, slow };
}

describe('a domain that asks for less', () => {
  it('is slowed to half at the third time within a minute, not before', () => {
    expect(hear('throttled', [0, 10]).slow).toBe(0);
    expect(hear('throttled', [0, 30, 61, 91, 122]).slow).toBe(0);
    expect(hear('throttled', [0, 30, 59])).toMatchObject({ slow: 1, state: { slowedTo: 300 } });
  });

  it('is slowed at most every ten seconds, and not for what was under way before', () => {
    const storm = Array.from({ length: 200 }, (_, i) => i / 10);
    expect(hear('throttled', storm)).toMatchObject({ slow: 2, state: { slowedTo: 150 } });
  });

  it('keeps six a minute', () => {
    const storm = Array.from({ length: 3_000 }, (_, i) => i / 10);
    expect(hear('throttled', storm).state.slowedTo).toBe(6);
  });

  it('gets half as much again after thirty seconds of quiet, until it has what it had', () => {
    const slow = state({ slowedTo: 30, slowedAt: start, throttledAt: afterSeconds(5), perMinute: 100 });
    expect(recovered(HASH, slow, false, afterSeconds(34)).slowedTo).toBe(30);
    const faster = recovered(HASH, slow, false, afterSeconds(35));
    expect(faster.slowedTo).toBe(45);
    expect(recovered(HASH, faster, false, afterSeconds(64)).slowedTo).toBe(45);
    expect(recovered(HASH, faster, false, afterSeconds(65)).slowedTo).toBe(67.5);
    expect(recovered(HASH, { ...faster, slowedTo: 67.5 }, false, afterSeconds(95)).slowedTo).toBeNull();
  });

  it('without a limit of its own is free again at six thousand a minute', () => {
    const near = state({ slowedTo: 3_999, slowedAt: start });
    expect(recovered(HASH, near, false, afterSeconds(30)).slowedTo).toBe(5_998.5);
    expect(recovered(HASH, { ...near, slowedTo: 4_000 }, false, afterSeconds(30)).slowedTo).toBeNull();
  });
});

describe('a domain that refuses us as sender', () => {
  it('is held at the third refusal within ten minutes', () => {
    expect(hear('blocked', [0, 300]).state.heldAt).toBeNull();
    expect(hear('blocked', [0, 300, 601]).state.heldAt).toBeNull();
    expect(hear('blocked', [0, 300, 599]).state).toMatchObject({
      ...{ heldAt: afterSeconds(599), heldBecause: 'sender_blocked', heldCode: '421 4.7.0' },
    });
  });

  it('is held at once when it finds our mail not authenticated, and keeps its first cause', () => {
    const held = hear('auth', [7]).state;
    expect(held).toMatchObject({ heldAt: afterSeconds(7), heldBecause: 'sender_auth' });
    expect(hear('blocked', [8, 9, 10], held).state).toMatchObject({
      heldAt: afterSeconds(7),
      heldBecause: 'sender_auth',
    });
  });
});
