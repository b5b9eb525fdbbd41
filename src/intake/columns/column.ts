import type { Field } from './column-table.ts';

/** A column of a list as it was understood. */
export interface Column {
  /** As in the header. */
  name: string;
  field: Field;
  /**
   * `certain`: named so, or said so. `likely`: by a similar name, or by the columns or cells beside it. `guess`: by its
   * cells alone. An ignored column is `certain` unless it was nearly taken for something.
   */
  sure: 'certain' | 'likely' | 'guess';
  /** What decided: the operator, the mapping saved for the source, the column's name, or its cells. */
  by: 'mapping' | 'saved' | 'name' | 'content';
}

export interface ColumnWarning {
  /** `unexpected_content`: the cells are not what the column's name says. */
  code: 'duplicate_column' | 'card_expiry' | 'forbidden_column' | 'unexpected_content';
  /** Positions in the header. */
  columns: number[];
}

export interface Columns {
  columns: Column[];
  warnings: ColumnWarning[];
}
