import { areOne, type Evidence } from './evidence.ts';
import type { Groups, Someone } from './groups.ts';
import { makeNumbers } from './numbers.ts';

/**
 * Addresses at which several groups have one name; of each group one who stands for it. A second list of a million has
 * a million of them: in flat arrays.
 */
export interface Places {
  /** How many there are. */
  count(): number;
  at(place: number): Someone[];
  /** Adds a place, when more than one group is there. */
  add(people: Iterable<Someone>): void;
}

export function makePlaces(groups: Groups): Places {
  const [nodes, starts] = [makeNumbers(64), makeNumbers(16)];
  let [count, end] = [0, 0];
  return {
    count: () => count,
    at: (place) =>
      Array.from({ length: starts.at(place + 1) - starts.at(place) }, (_, i) =>
        groups.whoIs(nodes.at(starts.at(place) + i)),
      ),
    add(people) {
      const ofEach = new Map<number, Someone>();
      for (const who of people) {
        const group = groups.groupOf(who);
        if (!ofEach.has(group)) ofEach.set(group, who);
      }
      if (ofEach.size < 2) return;
      for (const who of ofEach.values()) nodes.set(end++, groups.nodeOf(who));
      starts.set(++count, end);
    },
  };
}

/**
 * Finds out at which places all are one person without asking; at the others only a person can tell. All places are
 * judged as things stand before any is joined, and places that somebody stands at both of are judged together as well:
 * otherwise two with different emails would become one through a third without, and the order of rows would decide.
 * @returns for each place, whether all who are there are one person
 */
export function judgePlaces(places: Places, groups: Groups, evidenceOf: (group: number) => Evidence): boolean[] {
  const groupsAt = (place: number) => places.at(place).map((who) => groups.groupOf(who));
  const each = Array.from({ length: places.count() }, (_, place) => place);
  const fits = each.map((place) => areOne(groupsAt(place).map(evidenceOf)));
  const circles = makeCircles();
  for (const place of each) if (fits[place]) circles.meet(groupsAt(place));
  // Most circles are the groups of one place, which is judged. The others are gathered, and judged as a whole.
  const wide = new Map<number, Set<number>>();
  for (const place of each) {
    const [first = 0, ...others] = groupsAt(place);
    const circle = circles.of(first);
    if (!fits[place] || circles.size(circle) === others.length + 1) continue;
    const gathered = wide.get(circle) ?? new Set();
    for (const group of [first, ...others]) gathered.add(group);
    wide.set(circle, gathered);
  }
  const quarrels = new Set<number>();
  for (const [circle, gathered] of wide) if (!areOne([...gathered].map(evidenceOf))) quarrels.add(circle);
  return each.map((place) => fits[place] === true && !quarrels.has(circles.of(groupsAt(place)[0] ?? 0)));
}

/** Groups that meet at places, and so on through the groups between them. */
function makeCircles() {
  // 0: a group that has met nobody.
  const [parents, sizes] = [makeNumbers(1024), makeNumbers(1024)];
  const of = (group: number): number => {
    let root = group;
    while (parents.at(root) !== 0) root = parents.at(root);
    for (let at = group; at !== root; ) {
      const next = parents.at(at);
      parents.set(at, root);
      at = next;
    }
    return root;
  };
  const size = (circle: number): number => sizes.at(circle) || 1;
  return {
    of,
    size,
    meet([first = 0, ...others]: readonly number[]): void {
      for (const other of others) {
        const [a, b] = [of(first), of(other)];
        if (a === b) continue;
        const [root, child] = size(a) >= size(b) ? [a, b] : [b, a];
        sizes.set(root, size(a) + size(b));
        parents.set(child, root);
      }
    },
  };
}
