import Type, { type Static } from 'typebox';
import { fieldNames } from '../../intake/columns/column-table.ts';
import type { Column } from '../../intake/columns/columns.ts';
import type { ListKind, ListRow, ListStatus, ListWarning } from '../../intake/lists/list.store.ts';
import type { OpenedRow } from '../../intake/lists/row-pages.store.ts';
import { Nullable, OneOf, Time } from '../schemas.ts';

const Count = Type.Integer({ minimum: 0 });

/** A list as it is shown. */
export const List = Type.Object({
  ...{ id: Type.String(), incidentId: Type.String(), kind: OneOf('affected', 'members'), source: Type.String() },
  status: OneOf('receiving', 'checking', 'ready', 'accepting', 'accepted', 'discarded', 'failed'),
  problem: Nullable(Type.Object({ code: Type.String(), detail: Type.String(), line: Type.Optional(Type.Integer()) })),
  ...{ encoding: Nullable(Type.String()), delimiter: Nullable(Type.String()), sha256: Nullable(Type.String()) },
  columns: Type.Array(Type.Object({ name: Type.String(), field: OneOf(...fieldNames) })),
  rows: Type.Object({ total: Count, accepted: Count, merged: Count, quarantined: Count }),
  persons: Type.Integer({ minimum: 0, description: 'Different persons whom the usable rows speak of.' }),
  exposures: Count,
  reasons: Type.Record(Type.String(), Count, { description: 'Rows by reason.' }),
  warnings: Type.Array(
    Type.Object({
      code: Type.String(),
      count: Type.Optional(Count),
      columns: Type.Optional(Type.Array(Type.String())),
    }),
  ),
  createdAt: Time,
});

/** @param columns as recognised; empty while the list is not ready */
export function showList(list: ListRow, columns: readonly Column[]): Static<typeof List> {
  const warnings = list.warnings as unknown as ListWarning[];
  return {
    ...{ id: list.id, incidentId: list.incident_id, kind: list.kind as ListKind, source: list.source },
    status: list.status as ListStatus,
    problem: list.problem as Static<typeof List>['problem'],
    ...{ encoding: list.encoding, delimiter: list.delimiter, sha256: list.sha256, columns: [...columns] },
    rows: {
      ...{ total: list.rows_total, accepted: list.rows_accepted },
      ...{ merged: list.rows_merged, quarantined: list.rows_quarantined },
    },
    ...{ persons: list.persons, exposures: Number(list.exposures) },
    reasons: list.reasons as Record<string, number>,
    warnings: warnings.map(({ code, count, columns: positions }) => ({
      code,
      ...(count !== undefined && { count }),
      ...(positions && { columns: positions.map((index) => columns[index]?.name ?? '') }),
    })),
    createdAt: list.created_at.toISOString(),
  };
}

/** A row as it is shown to an operator. */
export const Row = Type.Object({
  line: Type.Integer(),
  outcome: OneOf('accepted', 'merged', 'quarantined'),
  ...{ reasons: Type.Array(Type.String()), warnings: Type.Array(Type.String()) },
  reference: Nullable(Type.String()),
  cells: Type.Array(Nullable(Type.String()), { description: 'As they came; null where nothing may be stored.' }),
});

export function showRow(row: OpenedRow): Static<typeof Row> {
  const { line, outcome, reasons, warnings, reference, cells } = row;
  return { line, outcome: outcome as Static<typeof Row>['outcome'], reasons, warnings, reference, cells };
}
