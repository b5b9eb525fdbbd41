import Type, { type Static } from 'typebox';
import { fieldNames } from '../../intake/columns/column-table.ts';
import { type ListKind, listKinds } from '../../intake/columns/list-kind.ts';
import type { ListRow, ListStatus, ListWarning, Understanding } from '../../intake/lists/list.store.ts';
import type { OpenedRow } from '../../intake/lists/row-pages.store.ts';
import { Nullable, OneOf, Time } from '../schemas.ts';

const Count = Type.Integer({ minimum: 0 });

const Progress = Type.Object({
  ...{ rows: Count, bytes: Count, ofBytes: Count },
  rowsPerSecond: Nullable(Count),
  secondsLeft: Nullable(Type.Integer({ minimum: 0, description: 'Null while it cannot be told.' })),
});

/** A list as it is shown. */
export const List = Type.Object({
  ...{ id: Type.String(), incidentId: Type.String(), kind: OneOf(...listKinds), source: Type.String() },
  status: OneOf('receiving', 'checking', 'ready', 'accepting', 'accepted', 'discarded', 'failed'),
  problem: Nullable(Type.Object({ code: Type.String(), detail: Type.String(), line: Type.Optional(Type.Integer()) })),
  format: Nullable(OneOf('csv', 'xlsx')),
  ...{ encoding: Nullable(Type.String()), delimiter: Nullable(Type.String()), sha256: Nullable(Type.String()) },
  sheet: Nullable(Type.String()),
  columns: Type.Array(
    Type.Object({
      ...{ name: Type.String(), field: OneOf(...fieldNames) },
      sure: OneOf('certain', 'likely', 'guess'),
      by: OneOf('mapping', 'saved', 'name', 'content'),
    }),
  ),
  sampleNames: Type.Array(Type.String(), { description: 'The first names, to see whether the encoding is right.' }),
  correctable: Type.Boolean({ description: 'Whether it can be read again in another way without a new upload.' }),
  rows: Type.Object({ total: Count, accepted: Count, merged: Count, quarantined: Count }),
  persons: Type.Integer({ minimum: 0, description: 'Different persons whom the usable rows speak of.' }),
  exposures: Count,
  candidates: Type.Integer({ minimum: 0, description: 'Pairs of persons who may be one, for a person to decide.' }),
  reasons: Type.Record(Type.String(), Count, { description: 'Rows by reason.' }),
  warnings: Type.Array(
    Type.Object({
      code: Type.String(),
      count: Type.Optional(Count),
      columns: Type.Optional(Type.Array(Type.String())),
    }),
  ),
  progress: Nullable(Progress),
  releaseOn: Nullable(Type.String({ description: 'Of holds: the day on which they are to be looked at again.' })),
  releasedAt: Nullable(Type.String({ description: 'When all that it says of persons was ended.' })),
  createdAt: Time,
});

/** @param understood how it was read; absent where nobody waits for it */
export function showList(list: ListRow, understood: Understanding = NOT_UNDERSTOOD): Static<typeof List> {
  const { columns, sheet, names } = understood;
  const warnings = list.warnings as unknown as ListWarning[];
  return {
    ...{ id: list.id, incidentId: list.incident_id, kind: list.kind as ListKind, source: list.source },
    ...{ status: list.status as ListStatus, problem: list.problem as Static<typeof List>['problem'] },
    ...{ format: list.format as 'csv' | 'xlsx' | null, encoding: list.encoding, delimiter: list.delimiter },
    ...{ sheet, sha256: list.sha256, columns: [...columns], sampleNames: names, correctable: list.correctable },
    rows: {
      ...{ total: list.rows_total, accepted: list.rows_accepted },
      ...{ merged: list.rows_merged, quarantined: list.rows_quarantined },
    },
    ...{ persons: list.persons, exposures: Number(list.exposures), candidates: list.candidates },
    reasons: list.reasons as Record<string, number>,
    warnings: warnings.map(({ code, count, columns: positions }) => ({
      code,
      ...(count !== undefined && { count }),
      ...(positions && { columns: positions.map((index) => columns[index]?.name ?? '') }),
    })),
    progress: progressOf(list),
    // A date comes as text: it is a day, not an instant.
    releaseOn: list.release_on as unknown as string | null,
    releasedAt: list.released_at?.toISOString() ?? null,
    createdAt: list.created_at.toISOString(),
  };
}

const NOT_UNDERSTOOD: Understanding = { columns: [], sheet: null, names: [] };

/** How far the reading is, and how long it will take at its present rate. */
function progressOf(list: ListRow): Static<typeof Progress> | null {
  if (list.began_at === null || list.progress_at === null) return null;
  const seconds = (list.progress_at.getTime() - list.began_at.getTime()) / 1000;
  const [bytes, all] = [Number(list.bytes_read), Number(list.bytes)];
  const left = list.status !== 'checking' ? 0 : bytes > 0 ? Math.ceil(((all - bytes) / bytes) * seconds) : null;
  return {
    ...{ rows: list.rows_read, bytes, ofBytes: all, secondsLeft: left },
    rowsPerSecond: seconds > 0 ? Math.round(list.rows_read / seconds) : null,
  };
}

/** A row as it is shown to an operator. */
export const Row = Type.Object({
  line: Type.Integer(),
  outcome: OneOf('accepted', 'merged', 'quarantined'),
  ...{ reasons: Type.Array(Type.String()), warnings: Type.Array(Type.String()) },
  reference: Nullable(Type.String()),
  decision: Nullable(OneOf('fixed', 'accepted', 'excluded')),
  decisionReason: Nullable(Type.String()),
  cells: Type.Array(Nullable(Type.String()), {
    description: 'As they came, or as an operator corrected them; null where nothing may be stored.',
  }),
});

export function showRow(row: OpenedRow): Static<typeof Row> {
  const { ordinal: _, outcome, ...shown } = row;
  return { ...shown, outcome: outcome as Static<typeof Row>['outcome'] };
}
