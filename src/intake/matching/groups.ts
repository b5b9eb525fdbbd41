import { makeNumbers, type Numbers } from './numbers.ts';

/** A row of the list, by its number from 1; or somebody who is known, by their id. */
export type Someone = number | string;

/**
 * Finds out which rows are one person: rows that are joined are, and so on through the rows between them. Persons that
 * are known already take part. Nothing depends on the order in which they are joined.
 *
 * All of it lies in flat arrays, some twenty bytes a row: an object for each group of a million rows would not fit.
 */
export interface Groups {
  join(a: Someone, b: Someone): void;
  /** The number of somebody: of a row its own, of persons those after it. */
  nodeOf(who: Someone): number;
  whoIs(node: number): Someone;
  /** The group of somebody: the same number for rows of the same person. */
  groupOf(who: Someone): number;
  isKnown(group: number): boolean;
  /** Known persons in a group, the first known first. */
  personsIn(group: number): string[];
  /** How many rows a group has. */
  rowsIn(group: number): number;
  /** The first row of a group; infinite where only known persons are in it. */
  headOf(group: number): number;
  /** Rows and known persons of a group by their numbers, in no particular order. */
  nodesIn(group: number): number[];
}

/** @param rows how many rows there are */
export function makeGroups(rows: number): Groups {
  const [parents, sizes, heads] = [makeNumbers(rows + 1), makeNumbers(rows + 1), makeNumbers(rows + 1)];
  // Members of a group stand in a ring: two rings become one when two of their links are exchanged.
  const ring = makeNumbers(rows + 1);
  for (let row = 1; row <= rows; row++) {
    for (const numbers of [parents, heads, ring]) numbers.set(row, row);
    sizes.set(row, 1);
  }
  const { nodeOf, personAt, persons } = makePersonNodes(rows, (node) => {
    parents.set(node, node);
    ring.set(node, node);
  });

  const find = (node: number): number => {
    let root = node;
    while (parents.at(root) !== root) root = parents.at(root);
    for (let at = node; at !== root; ) {
      const next = parents.at(at);
      parents.set(at, root);
      at = next;
    }
    return root;
  };
  const groupOf = (who: Someone): number => find(nodeOf(who));
  return {
    groupOf,
    nodeOf,
    whoIs: (node) => personAt(node) ?? node,
    join(a, b) {
      const [one, other] = [groupOf(a), groupOf(b)];
      if (one === other) return;
      const [root, child] = sizes.at(one) >= sizes.at(other) ? [one, other] : [other, one];
      parents.set(child, root);
      sizes.set(root, sizes.at(one) + sizes.at(other));
      heads.set(root, firstOf(heads.at(one), heads.at(other)));
      exchange(ring, one, other);
      persons.unite(root, child);
    },
    isKnown: persons.isKnown,
    personsIn: persons.in,
    rowsIn: (group) => sizes.at(group),
    headOf: (group) => heads.at(group) || Number.POSITIVE_INFINITY,
    nodesIn(group) {
      const found = [group];
      for (let node = ring.at(group); node !== group; node = ring.at(node)) found.push(node);
      return found;
    },
  };
}

/** Known persons are nodes after those of the rows, numbered as they come. */
function makePersonNodes(rows: number, onNew: (node: number) => void) {
  const nodes = new Map<string, number>();
  const ids: string[] = [];
  // The persons of a group stand in a ring of their own; its group knows one of them.
  const ring = makeNumbers(16);
  const anyOf = makeNumbers(rows + 1);
  const personAt = (node: number): string | undefined => (node > rows ? ids[node - rows - 1] : undefined);
  const add = (person: string): number => {
    ids.push(person);
    const node = rows + ids.length;
    nodes.set(person, node);
    ring.set(node - rows, node - rows);
    anyOf.set(node, ids.length);
    onNew(node);
    return node;
  };
  const persons = {
    isKnown: (group: number): boolean => anyOf.at(group) !== 0,
    in(group: number): string[] {
      const first = anyOf.at(group);
      const found: string[] = [];
      for (let at = first; at !== 0; ) {
        found.push(ids[at - 1] ?? '');
        at = ring.at(at) === first ? 0 : ring.at(at);
      }
      return found.sort(byId);
    },
    unite(root: number, child: number): void {
      const [one, other] = [anyOf.at(root), anyOf.at(child)];
      if (one !== 0 && other !== 0) exchange(ring, one, other);
      else anyOf.set(root, one || other);
    },
  };
  return {
    nodeOf: (who: Someone) => (typeof who === 'number' ? who : (nodes.get(who) ?? add(who))),
    personAt,
    persons,
  };
}

function exchange(ring: Numbers, a: number, b: number): void {
  const after = ring.at(a);
  ring.set(a, ring.at(b));
  ring.set(b, after);
}

// 0: no row at all.
function firstOf(a: number, b: number): number {
  return a === 0 || b === 0 ? a || b : Math.min(a, b);
}

/** Ids are numbers written as strings: the shorter is the smaller. */
export function byId(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
