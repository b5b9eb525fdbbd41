import { beforeEach, describe, expect, it } from 'vitest';
import { type Line, type Place, type Relay, RelayLines } from '../../../src/delivery/email/relays/relay-lines.ts';
import { readRelay } from '../../../src/delivery/email/relays/relay-setting.ts';

const relay = (parameters: string): Relay => ({
  ...{ ...readRelay(`smtp://${parameters}`), open: 0, held: false, coolsUntil: 0, failures: 0 },
});
const NONE = new Set<Relay>();

let clock: number;
let ended: Line[];
beforeEach(() => {
  clock = 0;
  ended = [];
});

const linesOf = (relays: Relay[], size: number) =>
  new RelayLines(
    relays,
    size,
    () => clock,
    (line) => ended.push(line),
  );

/** Opens a line at a place. */
function openAt(lines: RelayLines, place: Place | 'later' | null): Line {
  if (place === null || place === 'later' || 'relay' in place) throw new Error('no relay to open a line to');
  const line = { relay: place, sent: 0 } as unknown as Line;
  lines.add(line);
  return line;
}

describe('the lines to several relays', () => {
  it('are shared out by weight', () => {
    const relays = [relay('a?weight=3'), relay('b?weight=2'), relay('c')];
    const lines = linesOf(relays, 12);
    for (let i = 0; i < 12; i++) openAt(lines, lines.takeNow(NONE));
    expect(relays.map(({ open }) => open)).toEqual([6, 4, 2]);
    expect(lines.takeNow(NONE)).toBe('later');
  });

  it('leave out who cools, is held, or is full, and say when nobody is left', () => {
    const [a, b, c] = [relay('a'), relay('b?connections=1'), relay('c')];
    const lines = linesOf([a, b, c], 10);
    a.coolsUntil = 100;
    c.held = true;
    expect(openAt(lines, lines.takeNow(NONE)).relay).toBe(b);
    expect(lines.takeNow(NONE)).toBe('later');
    expect(lines.takeNow(new Set([b]))).toBeNull();
    clock = 100;
    expect(lines.takeNow(new Set([b]))).toBe(a);
  });

  it('go to those who wait in turn, and past those who cannot use them', async () => {
    const [a, b] = [relay('a'), relay('b')];
    const lines = linesOf([a, b], 2);
    const [toA, toB] = [openAt(lines, lines.takeNow(NONE)), openAt(lines, lines.takeNow(NONE))];
    const served: string[] = [];
    const wait = (name: string, except: ReadonlySet<Relay>) =>
      Promise.resolve(lines.take(except)).then((place) => served.push(`${name} ${place === toA ? 'a' : 'b'}`));
    const all = [wait('first', new Set([a])), wait('second', NONE), wait('third', NONE)];
    lines.giveBack(toA);
    lines.giveBack(toB);
    lines.giveBack(toA);
    await Promise.all(all);
    expect(served).toEqual(['second a', 'first b', 'third a']);
  });

  it('make room for another relay when whoever waits can use no other', async () => {
    const [a, b] = [relay('a'), relay('b')];
    const lines = linesOf([a, b], 1);
    const toA = openAt(lines, lines.takeNow(NONE));
    const place = lines.take(new Set([a]));
    lines.giveBack(toA);
    expect(await place).toBe(b);
    expect([ended, a.open, b.open]).toEqual([[toA], 0, 1]);
  });

  it('end once, whoever ends them first', () => {
    const a = relay('a');
    const lines = linesOf([a], 2);
    const line = openAt(lines, lines.takeNow(NONE));
    lines.endIfFree(line);
    expect(a.open).toBe(1);
    lines.end(line);
    lines.end(line);
    lines.giveBack(line);
    expect([a.open, ended, lines.all]).toEqual([0, [line], []]);
  });

  it('tell whoever waits that nobody is left, when the last relay is held', async () => {
    const a = relay('a');
    const lines = linesOf([a], 1);
    const line = openAt(lines, lines.takeNow(NONE));
    const place = lines.take(NONE);
    lines.hold((name) => name === 'a:587');
    expect(await place).toBeNull();
    lines.giveBack(line);
    expect(a.open).toBe(0);
  });
});
