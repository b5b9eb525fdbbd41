import { makeKeyIndex } from './key-index.ts';

/**
 * Finds out which rows are one person: rows that share a key are, and so on through the rows between them. Persons
 * that are known already take part: a row can join one, or show that two of them are the same.
 * Which rows belong together does not depend on their order; the first of a new person is called `accepted`.
 */
export interface Merger {
  /**
   * Adds a row, in the order of the file.
   * @param keys what identifies the person: rows with an equal key are one person
   * @param persons ids of known persons whom the row's keys match
   */
  add(keys: readonly Uint8Array[], persons: readonly string[]): Placed;
  /** The group of the n-th row that was added, from 0: the same number for rows of the same person. */
  groupOf(row: number): number;
  /** How many rows a group has. */
  rowsIn(group: number): number;
  /** Known persons in a group, the first known first. */
  personsIn(group: number): readonly string[];
  /** The row by which a group's person is new, or -1 when the person is known. */
  headOf(group: number): number;
}

export interface Placed {
  row: number;
  outcome: 'accepted' | 'merged';
  /** Earlier rows that were `accepted` and turn out to be `merged` by this row. */
  demoted: number[];
}

interface Group {
  rows: number;
  /** First row of a new person; -1 when the group holds a known person. */
  head: number;
  persons: string[];
}

const NOBODY: readonly string[] = [];

export function makeMerger(): Merger {
  const index = makeKeyIndex();
  const parents: number[] = [];
  // Groups of one row and no known person, which are most, are not written down.
  const groups = new Map<number, Group>();
  const nodeOfRow: number[] = [];
  const rowOfNode: number[] = [];
  const nodeOfPerson = new Map<string, number>();

  const find = (node: number): number => {
    let root = node;
    while (parents[root] !== root) root = parents[root] ?? root;
    let at = node;
    while (at !== root) {
      const next = parents[at] ?? root;
      parents[at] = root;
      at = next;
    }
    return root;
  };
  const groupAt = (root: number): Group => groups.get(root) ?? { rows: 1, head: rowOfNode[root] ?? -1, persons: [] };
  const newNode = (row: number): number => {
    parents.push(parents.length);
    rowOfNode.push(row);
    return parents.length - 1;
  };
  const personNode = (id: string): number => {
    const known = nodeOfPerson.get(id);
    if (known !== undefined) return known;
    const node = newNode(-1);
    nodeOfPerson.set(id, node);
    groups.set(node, { rows: 0, head: -1, persons: [id] });
    return node;
  };
  const join = (a: number, b: number, demoted: number[]): void => {
    const [rootA, rootB] = [find(a), find(b)];
    if (rootA === rootB) return;
    const [one, other] = [groupAt(rootA), groupAt(rootB)];
    const group = unite(one, other);
    for (const head of [one.head, other.head]) if (head !== -1 && head !== group.head) demoted.push(head);
    const [root, child] = one.rows >= other.rows ? [rootA, rootB] : [rootB, rootA];
    parents[child] = root;
    groups.delete(child);
    groups.set(root, group);
  };
  return {
    add(keys, persons) {
      const row = nodeOfRow.length;
      const node = newNode(row);
      nodeOfRow.push(node);
      const touched: number[] = [];
      for (const key of keys) {
        const other = index.get(key);
        if (other === -1) index.set(key, node);
        else join(other, node, touched);
      }
      for (const id of persons) join(personNode(id), node, touched);
      const outcome = groupAt(find(node)).head === row ? 'accepted' : 'merged';
      return { row, outcome, demoted: touched.filter((other) => other !== row) };
    },
    groupOf: (row) => find(nodeOfRow[row] ?? -1),
    rowsIn: (group) => groupAt(group).rows,
    personsIn: (group) => groups.get(group)?.persons ?? NOBODY,
    headOf: (group) => groupAt(group).head,
  };
}

function unite(a: Group, b: Group): Group {
  const persons = [...a.persons, ...b.persons].sort(byId);
  return { rows: a.rows + b.rows, persons, head: persons.length > 0 ? -1 : Math.min(a.head, b.head) };
}

// Ids are numbers written as strings: the shorter is the smaller.
function byId(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
