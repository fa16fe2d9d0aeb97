import type { Lsn } from '../../catalog/table.ts';
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

/** Swept once so many deleted rows are kept in mind, and as many as there are keys. */
const MIN_SWEEP = 1024;

/** All of an index before it was emptied. */
export interface ClearedKeys {
  readonly holders: Map<string, number>;
  readonly deleted: Map<number, Lsn>;
}

/**
 * The keys of all rows of a plain table, published or not: in memory, rebuilt at start, about 100 bytes a row. A key is
 * taken while the row that holds it is not deleted; so a delete needs the row id alone, and keys of deleted rows go later.
 */
export class UniqueKeyIndex {
  readonly reader: UniqueKeyReader;
  /** The row that had the key last. */
  #holders = new Map<string, number>();
  /** Rows that are deleted, and since when. */
  #deleted = new Map<number, Lsn>();

  constructor(table: TableDescriptor) {
    this.reader = new UniqueKeyReader(table);
  }

  /** The id of the row that has the key, or -1. */
  holderOf(key: string): number {
    const holder = this.#holders.get(key);
    return holder === undefined || this.#deleted.has(holder) ? -1 : holder;
  }

  has(key: string): boolean {
    return this.holderOf(key) >= 0;
  }

  /** Gives the keys, which nobody has, to rows. Returns what `takeBack` needs. */
  add(keys: readonly string[], rowIds: ArrayLike<number>): (number | undefined)[] {
    return keys.map((key, index) => {
      const before = this.#holders.get(key);
      this.#holders.set(key, rowIds[index]!);
      return before;
    });
  }

  /** Undoes the last `add`. */
  takeBack(keys: readonly string[], before: readonly (number | undefined)[]): void {
    for (const [index, key] of keys.entries()) {
      const holder = before[index];
      // A holder that is not deleted any more was swept: the key was free for good.
      if (holder !== undefined && this.#deleted.has(holder)) this.#holders.set(key, holder);
      else this.#holders.delete(key);
    }
  }

  /** Frees the keys of rows. Returns those that were not deleted before. */
  delete(rowIds: ArrayLike<number>, lsn: Lsn): number[] {
    const added: number[] = [];
    for (let index = 0; index < rowIds.length; index++) {
      const rowId = rowIds[index]!;
      if (this.#deleted.has(rowId)) continue;
      this.#deleted.set(rowId, lsn);
      added.push(rowId);
    }
    return added;
  }

  undelete(rowIds: readonly number[]): void {
    for (const rowId of rowIds) this.#deleted.delete(rowId);
  }

  clear(): ClearedKeys {
    const before = { holders: this.#holders, deleted: this.#deleted };
    this.#holders = new Map();
    this.#deleted = new Map();
    return before;
  }

  /** Undoes the last `clear`. */
  restore(before: ClearedKeys): void {
    this.#holders = before.holders;
    this.#deleted = before.deleted;
  }

  /** Forgets rows whose delete will not be taken back, when there are many. */
  sweep(publishedLsn: Lsn): void {
    if (this.#deleted.size < Math.max(MIN_SWEEP, this.#holders.size / 2)) return;
    for (const [key, holder] of this.#holders) {
      if ((this.#deleted.get(holder) ?? Number.POSITIVE_INFINITY) <= publishedLsn) this.#holders.delete(key);
    }
    for (const [rowId, lsn] of this.#deleted) if (lsn <= publishedLsn) this.#deleted.delete(rowId);
  }
}
