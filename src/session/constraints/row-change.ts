import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { Value } from '../../types/value.ts';
import type { ForeignKey } from './foreign-keys.ts';
import { nullCountAt, type ReferenceKey, valuesAt } from './reference-keys.ts';

/** Rows of one table that a statement has updated or deleted. */
export interface RowChange {
  readonly rowCount: number;
  /** Positions in `table.columns` of the columns of `old`; those of a foreign key or its target are all there or none, when none has changed. */
  readonly oldColumns: readonly number[];
  readonly old: Batch;
  /** The rows as they are now, one column per visible column; undefined: deleted. */
  readonly rows: Batch | undefined;
}

/** A key that others may refer to and that is no longer there, or not under this value. */
export interface ChangedKey {
  /** Within the change. */
  readonly row: number;
  readonly old: ReferenceKey;
  /** May hold NULLs; undefined: the row was deleted. */
  readonly new: readonly Value[] | undefined;
}

/**
 * Adds the keys of the parent, of its types, that a change has taken away. Keys with a NULL are no keys: nothing refers to
 * them. `firstRow`: the number of the change's first row.
 */
export function addChangedKeys(
  { parent, parentColumns }: ForeignKey,
  change: RowChange,
  firstRow: number,
  into: ChangedKey[],
): void {
  const old = oldColumnsOf(parent, parentColumns, change);
  if (old === undefined) return;
  const now = change.rows === undefined ? undefined : newColumnsOf(parent, parentColumns, change.rows);
  for (let row = 0; row < change.rowCount; row++) {
    if (nullCountAt(old, row) > 0) continue;
    if (now !== undefined && isIdenticalAt(parentColumns, old, now, row)) continue;
    into.push({
      row: firstRow + row,
      old: valuesAt(old, row),
      new: now === undefined ? undefined : valuesAt(now, row),
    });
  }
}

/** The columns as they were; undefined when the change has left them alone. */
export function oldColumnsOf(
  table: TableDescriptor,
  columns: readonly ColumnDescriptor[],
  { old, oldColumns }: RowChange,
): readonly Column[] | undefined {
  const places = columns.map((column) => oldColumns.indexOf(table.columns.indexOf(column)));
  return places.includes(-1) ? undefined : places.map((place) => old.columns[place]);
}

/** Of rows with all visible columns of the table those that are asked for. */
export function newColumnsOf(
  table: TableDescriptor,
  columns: readonly ColumnDescriptor[],
  rows: Batch,
): readonly Column[] {
  const visible = table.columns.filter((column) => column.isHidden !== true);
  return columns.map((column) => rows.columns[visible.indexOf(column)]);
}

/** To the letter: 1.0 that becomes 1.00 is handed on to those who refer to it. */
function isIdenticalAt(
  columns: readonly ColumnDescriptor[],
  left: readonly Column[],
  right: readonly Column[],
  row: number,
): boolean {
  for (let at = 0; at < columns.length; at++) {
    const { definition } = columns[at].type;
    const before = valueAt(left[at], row);
    const after = valueAt(right[at], row);
    if (before === after) continue;
    if (before === null || after === null || definition.representation !== 'value') return false;
    if (definition.format(before, neutralContext) !== definition.format(after, neutralContext)) return false;
  }
  return true;
}
