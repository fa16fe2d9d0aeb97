import type { Value } from '../types/value.ts';

/** Rows of a relation, whose values may be worked out only when they are read. */
export interface RowList {
  readonly length: number;
  /** `column`: a position among the declared columns. */
  cell(row: number, column: number): Value;
}

export function rowList(rows: readonly (readonly Value[])[]): RowList {
  return { length: rows.length, cell: (row, column) => rows[row][column] };
}

/** A row for each entry, made of what `cells` says of it, one for each column. */
export function entryList<Entry>(entries: readonly Entry[], cells: readonly ((entry: Entry) => Value)[]): RowList {
  return { length: entries.length, cell: (row, column) => cells[column](entries[row]) };
}
