/** What a list is for. `affected` brings exposures, `members` persons without; the others only point at persons. */
export const listKinds = ['affected', 'members', 'already_notified', 'exclude', 'hold'] as const;
export type ListKind = (typeof listKinds)[number];

/** Whether a list only points at persons whom other lists bring. */
export function isPointer(kind: ListKind): boolean {
  return kind !== 'affected' && kind !== 'members';
}

/** Whether the rows of such a list become persons. */
export function makesPersons(kind: ListKind): boolean {
  return kind === 'affected' || kind === 'members';
}
