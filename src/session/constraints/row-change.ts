import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { Value } from '../../types/value.ts';
import { type ForeignKey, typesOf } from './foreign-keys.ts';
import { keyAt, type ReferenceKey } from './reference-keys.ts';

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

/** Keys of the parent, of its types, that a change has taken away. Keys with a NULL are no keys: nothing refers to them. */
export function* changedKeys({ parent, parentColumns }: ForeignKey, change: RowChange): Iterable<ChangedKey> {
  const old = oldOf(parent, parentColumns, change);
  if (old === undefined) return;
  const now = change.rows === undefined ? undefined : newOf(parent, parentColumns, change.rows);
  for (let row = 0; row < change.rowCount; row++) {
    const key = keyAt(old, row);
    if (key === undefined) continue;
    const values = now?.map((column) => valueAt(column, row));
    if (values === undefined || !isIdentical(parentColumns, key, values)) yield { row, old: key, new: values };
  }
}

/** The reference of a new row; `mixed`: some of it is NULL and some is not. */
export interface NewReference {
  readonly row: number;
  readonly value: ReferenceKey | 'mixed';
}

/**
 * What new rows of the child refer to. References that a change leaves as they were are not looked up again; those with a
 * NULL refer to nothing.
 */
export function* newReferences(
  { child, childColumns, constraint }: ForeignKey,
  rows: Batch,
  change: RowChange | undefined,
): Iterable<NewReference> {
  const old = change === undefined ? undefined : oldOf(child, childColumns, change);
  if (change !== undefined && old === undefined) return;
  const columns = newOf(child, childColumns, rows);
  const types = typesOf(childColumns);
  for (let row = 0; row < rows.rowCount; row++) {
    const key = keyAt(columns, row);
    if (key === undefined) {
      const isMixed = constraint.match === 'full' && columns.some((column) => valueAt(column, row) !== null);
      if (isMixed) yield { row, value: 'mixed' };
      continue;
    }
    const before = old === undefined ? undefined : keyAt(old, row);
    const isSame = before?.every((value, at) => types[at].compare(value, key[at]) === 0) ?? false;
    if (!isSame) yield { row, value: key };
  }
}

function oldOf(
  table: TableDescriptor,
  columns: readonly ColumnDescriptor[],
  { old, oldColumns }: RowChange,
): readonly Column[] | undefined {
  const places = columns.map((column) => oldColumns.indexOf(table.columns.indexOf(column)));
  return places.includes(-1) ? undefined : places.map((place) => old.columns[place]);
}

function newOf(table: TableDescriptor, columns: readonly ColumnDescriptor[], rows: Batch): readonly Column[] {
  const visible = table.columns.filter((column) => column.isHidden !== true);
  return columns.map((column) => rows.columns[visible.indexOf(column)]);
}

/** To the letter: 1.0 that becomes 1.00 is handed on to those who refer to it. */
function isIdentical(columns: readonly ColumnDescriptor[], left: readonly Value[], right: readonly Value[]): boolean {
  return columns.every(({ type: { definition } }, at) => {
    const [before, after] = [left[at], right[at]];
    if (after === null || definition.representation !== 'value') return before === after;
    return definition.format(before, neutralContext) === definition.format(after, neutralContext);
  });
}
