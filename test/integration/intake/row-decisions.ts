import { expect } from 'vitest';
import type { ListWarning } from '../../../src/intake/lists/list.store.ts';
import {
  acceptAll,
  acceptQuarantined,
  correctQuarantined,
  excludeAll,
  excludeQuarantined,
  reopenQuarantined,
} from '../../../src/intake/lists/row-desk.store.ts';
import type { Correction } from '../../../src/intake/lists/row-desk.ts';
import { intakeDesk } from './lists.ts';

export type State = 'ready' | 'accepted';

/** Made at run time: no card number stands in a source file. */
export const testCard = ['4111', '1111', '1111', '1111'].join('-');
export const HEADER = '会員ID,氏名,メール,住所,郵便番号,件数,備考';
export const wish = { source: 'shop' };
/** One usable row, and six in quarantine, on lines 3 to 8. */
export const file = [
  HEADER,
  '1,山田 太郎,taro@example.jp,,,2,',
  '2,,hanako@example.jp,,,1,',
  '3,鈴木 〓,suzuki@example.jp,,,1,',
  '4,佐藤 次郎,not-an-address,,,3,',
  `5,高木 三郎,saburo@example.jp,,,1,カード ${testCard}`,
  '6,伊藤 四郎,shiro@example.jp',
  '7,,,,,1,',
].join('\n');
export const QUARANTINED = { no_name: 2, damaged_name: 1, no_contact: 2, card_number_present: 1, cell_count: 1 };

/** An operator who decides on rows of lists, on a real database. */
export async function rowDecisions() {
  const desk = await intakeDesk();
  const { services, userId } = desk;
  const asked = (listId: string, line: number) => ({ listId, line, userId });
  const all = (listId: string, quarantineReason: string) => ({
    ...{ listId, quarantineReason, userId, reason: 'all of them' },
  });
  return {
    desk,
    fix: (listId: string, line: number, cells: Correction, reason: string | null = null) =>
      correctQuarantined(services, asked(listId, line), { cells, reason }),
    accept: (listId: string, line: number, reason = 'as it is') =>
      acceptQuarantined(services, asked(listId, line), reason),
    exclude: (listId: string, line: number, reason = 'a test') =>
      excludeQuarantined(services, asked(listId, line), reason),
    reopen: (listId: string, line: number) => reopenQuarantined(services, asked(listId, line)),
    acceptAll: (listId: string, reason: string) => acceptAll(services, all(listId, reason)),
    excludeAll: (listId: string, reason: string) => excludeAll(services, all(listId, reason)),
    /** The list of `file` in a state. */
    async newList(state: State, incidentId?: string) {
      const incident = incidentId ?? (await desk.newIncident());
      const list = await desk.check(incident, file, wish);
      if (state === 'accepted') await desk.accept(list.id);
      return { listId: list.id, incidentId: incident };
    },
    settled: (listId: string, state: State) => (state === 'ready' ? desk.accept(listId) : desk.listOf(listId)),
    /** Every figure of a list agrees with its rows, and with the persons and exposures that stand in the database. */
    async expectSums(listId: string) {
      const list = await desk.listOf(listId);
      const rows = await desk.rows(listId);
      const of = (outcome: string) => rows.filter((row) => row.outcome === outcome).length;
      expect(list.rows_total).toBe(rows.length);
      expect([list.rows_accepted, list.rows_merged, list.rows_quarantined]).toEqual(
        ['accepted', 'merged', 'quarantined'].map(of),
      );
      const usable = rows.filter((row) => row.outcome !== 'quarantined');
      const units = usable.reduce((sum, row) => sum + row.exposure_units, 0);
      expect(Number(list.exposures)).toBe(units);
      const said = rows.flatMap((row) =>
        row.outcome === 'quarantined' ? row.reasons : row.reasons.filter((reason) => reason === 'duplicate_row'),
      );
      expect(list.reasons).toEqual(
        Object.fromEntries([...new Set(said)].map((code) => [code, said.filter((other) => other === code).length])),
      );
      for (const { code, count } of list.warnings as unknown as ListWarning[]) {
        expect([code, count]).toEqual([code, rows.filter((row) => row.warnings.includes(code)).length]);
      }
      if (list.status === 'accepted' && ['affected', 'members'].includes(list.kind)) {
        const persons = await desk.persons(list.incident_id);
        const ours = persons.flatMap((person) => person.exposures).filter((one) => one.list_id === listId);
        expect(ours.reduce((sum, one) => sum + one.units, 0)).toBe(units);
        expect(usable.every((row) => row.person_id !== null)).toBe(true);
        expect(list.persons).toBe(new Set(usable.map((row) => row.person_id)).size);
      }
      return list;
    },
  };
}
