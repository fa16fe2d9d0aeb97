import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Column } from '../../columnar/column.ts';
import { valueAt } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { columnOfNumber } from '../table-identity.ts';

/** Columns by their number in the table. */
export type ColumnLookup = (columnNumber: number) => Column | undefined;

/** The key columns of a plain table, and how their values become one string. */
export class UniqueKeyReader {
  readonly columnNumbers: readonly number[];
  readonly #types: readonly TypeDefinition[];

  constructor(table: TableDescriptor) {
    invariant(table.uniqueKey !== undefined, 'the table has a key');
    this.columnNumbers = table.uniqueKey.columnNumbers;
    this.#types = this.columnNumbers.map((number) => columnOfNumber(table, number).type.definition);
  }

  valuesAt(columns: ColumnLookup, row: number): Value[] {
    return this.columnNumbers.map((number) => {
      const column = columns(number);
      return column === undefined ? null : valueAt(column, row);
    });
  }

  /** Equal for equal keys alone. Keys hold no NULL: their columns are NOT NULL. */
  keyAt(columns: ColumnLookup, row: number): string {
    const values = this.valuesAt(columns, row);
    if (values.length === 1) return String(this.#types[0]!.hashKey(values[0]!));
    return JSON.stringify(values.map((value, index) => String(this.#types[index]!.hashKey(value))));
  }

  keysOf(columns: ColumnLookup, rowCount: number): string[] {
    const keys: string[] = [];
    for (let row = 0; row < rowCount; row++) keys.push(this.keyAt(columns, row));
    return keys;
  }
}

/**
 * The keys of all rows of a plain table, published or not: in memory, rebuilt at start, about 100 bytes a row. It grows
 * with every commit and shrinks only when one comes to nothing.
 */
export class UniqueKeyIndex {
  readonly reader: UniqueKeyReader;
  readonly #keys = new Set<string>();

  constructor(table: TableDescriptor) {
    this.reader = new UniqueKeyReader(table);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(keys: readonly string[]): void {
    for (const key of keys) this.#keys.add(key);
  }

  remove(keys: readonly string[]): void {
    for (const key of keys) this.#keys.delete(key);
  }
}
