import { contentOf, isUsable, type Numbered } from './people.ts';

/** The rules of the matching over rows at hand, said in the plainest way, to compare with what the service does. */

/** Joins until nothing is left to join. */
function closure<T>(things: readonly T[], linked: (a: T, b: T) => boolean): T[][] {
  let groups = things.map((one) => [one]);
  for (let before = -1; before !== groups.length; ) {
    before = groups.length;
    for (const group of groups) {
      const near = groups.filter((other) => other === group || other.some((b) => group.some((a) => linked(a, b))));
      if (near.length < 2) continue;
      groups = [near.flat(), ...groups.filter((other) => !near.includes(other))];
      break;
    }
  }
  return groups;
}

const bothHave = (a: string, b: string) => a !== '' && a === b;

/** Rows that are one person whatever else there is. */
export function certainly(rows: readonly Numbered[]): Numbered[][] {
  return closure(rows.filter(isUsable), (a, b) => {
    if (contentOf({ ...a, n: 0 } as Numbered) === contentOf({ ...b, n: 0 } as Numbered)) return true;
    return a.name === b.name && (bothHave(a.id, b.id) || a.emails.some((email) => b.emails.includes(email)));
  });
}

type Class = Numbered[];

function speakAgainst(classes: readonly Class[]): boolean {
  const withEmail = classes.filter((rows) => rows.some((row) => row.emails.length > 0)).length;
  const withId = classes.filter((rows) => rows.some((row) => row.id !== '')).length;
  const births = new Set(classes.flat().flatMap((row) => row.birth || []));
  return withEmail > 1 || withId > 1 || births.size > 1;
}

function placesOf(classes: readonly Class[]): Class[][] {
  const found = new Map<string, Set<Class>>();
  for (const rows of classes) {
    for (const row of rows) {
      if (row.place === '') continue;
      const key = `${row.name} ${row.place}`;
      found.set(key, (found.get(key) ?? new Set()).add(rows));
    }
  }
  return [...found.values()].map((place) => [...place]).filter((place) => place.length > 1);
}

const meet = (places: readonly Class[][]) => (a: Class, b: Class) =>
  places.some((place) => place.includes(a) && place.includes(b));

/** The persons of rows that stand in one file. */
export function persons(rows: readonly Numbered[]): number[][] {
  const classes = certainly(rows);
  const clear = placesOf(classes).filter((place) => !speakAgainst(place));
  const joined = closure(classes, meet(clear)).flatMap((circle) =>
    speakAgainst(circle) ? circle.map((one) => [one]) : [circle],
  );
  return numbers(joined.map((circle) => circle.flat()));
}

/** The widest that address and name could hold together; `clear` where no two rows could ever speak against it. */
export function circles(rows: readonly Numbered[]): { rows: number[]; clear: boolean }[] {
  const classes = certainly(rows);
  return closure(classes, meet(placesOf(classes))).map((circle) => {
    const all = circle.flat();
    const said = [
      ...[all.flatMap((row) => row.emails), all.flatMap((row) => row.id || []), all.flatMap((row) => row.birth || [])],
    ];
    return { rows: numbers([all])[0] ?? [], clear: said.every((values) => new Set(values).size < 2) };
  });
}

export function numbers(groups: readonly Numbered[][]): number[][] {
  return groups.map((group) => group.map(({ n }) => n).sort((a, b) => a - b)).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** Whether two rows of different persons are to be asked about. */
export function inDoubt(a: Numbered, b: Numbered): boolean {
  const alike = (name: string) => name.replaceAll('髙', '高');
  const here = bothHave(a.place, b.place);
  if (a.name === b.name) return here;
  if (bothHave(a.id, b.id)) return true;
  if (here && bothHave(a.kana, b.kana)) return true;
  return alike(a.name) === alike(b.name) && (here || a.emails.some((email) => b.emails.includes(email)));
}
