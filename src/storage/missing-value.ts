import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Column } from '../columnar/column.ts';
import { constantColumn } from '../columnar/column-builder.ts';
import { neutralContext } from '../types/neutral-context.ts';
import { storedType } from '../types/stored-type.ts';
import type { Value } from '../types/value.ts';

/** What a column says of the rows that were there before it. */
export type MissingColumn = Pick<ColumnDescriptor, 'number' | 'type' | 'missing' | 'missingBefore'>;

const parsed = new WeakMap<MissingColumn, Value>();

/** What rows have in a column that came after them; null for most. */
export function missingValue(column: MissingColumn): Value {
  if (column.missing === undefined) return null;
  let value = parsed.get(column);
  if (value === undefined) {
    value = storedType(column.type.definition).parse(column.missing, neutralContext, -1);
    parsed.set(column, value);
  }
  return value;
}

const NONE = new Map<number, MissingColumn>();

/**
 * The columns of a table that came with a value for the rows which were there already. Segments and memtables note the
 * version of the table under which their rows were stored: what they lack of a column that came later is that value, of
 * any other column NULL.
 */
export class MissingColumns {
  static readonly none = new MissingColumns([]);

  static readonly #known = new WeakMap<TableDescriptor, MissingColumns>();

  readonly #byNumber: ReadonlyMap<number, MissingColumn>;

  /** `columns`: those that have such a value. */
  constructor(columns: readonly MissingColumn[]) {
    this.#byNumber = columns.length === 0 ? NONE : new Map(columns.map((column) => [column.number, column]));
  }

  static of(table: TableDescriptor): MissingColumns {
    let found = MissingColumns.#known.get(table);
    if (found === undefined) {
      const columns = table.columns.filter(({ missing }) => missing !== undefined);
      found = columns.length === 0 ? MissingColumns.none : new MissingColumns(columns);
      MissingColumns.#known.set(table, found);
    }
    return found;
  }

  get columns(): readonly MissingColumn[] {
    return [...this.#byNumber.values()];
  }

  get isEmpty(): boolean {
    return this.#byNumber === NONE;
  }

  /** What rows stored under `schemaVersion` have in a column that they lack; null is NULL. */
  value(columnNumber: number, schemaVersion: number): Value {
    const column = this.#byNumber.get(columnNumber);
    if (column === undefined || schemaVersion >= column.missingBefore!) return null;
    return missingValue(column);
  }

  /** The same as a column of `rowCount` rows; undefined where all are NULL. */
  column(columnNumber: number, schemaVersion: number, rowCount: number): Column | undefined {
    const value = this.value(columnNumber, schemaVersion);
    if (value === null) return undefined;
    const { definition } = this.#byNumber.get(columnNumber)!.type;
    return constantColumn(definition.representation, value, rowCount);
  }

  /** Whether rows stored under the one version and under the other lack the same columns with the same meaning. */
  isSame(schemaVersion: number, other: number): boolean {
    const low = Math.min(schemaVersion, other);
    const high = Math.max(schemaVersion, other);
    for (const { missingBefore } of this.#byNumber.values()) {
      if (missingBefore! > low && missingBefore! <= high) return false;
    }
    return true;
  }
}
