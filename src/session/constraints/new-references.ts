import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { valueAt } from '../../columnar/column.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { type ForeignKey, typesOf } from './foreign-keys.ts';
import { nullCountAt, ReferenceKeys } from './reference-keys.ts';
import { newColumnsOf, oldColumnsOf, type RowChange } from './row-change.ts';

/** Keys with the rows that brought them. */
export interface NotedKeys {
  readonly keys: ReferenceKeys;
  /** For each key the first row that has it; ascending. */
  readonly firstRows: number[];
}

/** What the new rows of one statement refer to by one foreign key. */
export class NewReferences {
  readonly key: ForeignKey;
  readonly #types: readonly TypeDefinition[];
  #whole: NotedKeys;
  /** Of MATCH FULL: those that are NULL in part, which it refuses. */
  #mixed: NotedKeys;

  constructor(key: ForeignKey) {
    this.key = key;
    this.#types = typesOf(key.childColumns);
    this.#whole = this.#none();
    this.#mixed = this.#none();
  }

  /** How many keys are kept to be looked up. */
  get size(): number {
    return this.#whole.keys.size;
  }

  /**
   * What the rows refer to is kept once. References that `change` leaves as they were are not looked up again; those with
   * a NULL refer to nothing.
   */
  note(rows: Batch, change: RowChange | undefined, firstRow: number): void {
    const { child, childColumns, constraint } = this.key;
    const old = change === undefined ? undefined : oldColumnsOf(child, childColumns, change);
    if (change !== undefined && old === undefined) return;
    const columns = newColumnsOf(child, childColumns, rows);
    for (let row = 0; row < rows.rowCount; row++) {
      const nullCount = nullCountAt(columns, row);
      if (nullCount === 0) {
        if (old === undefined || !this.#isSame(old, columns, row)) noteKey(this.#whole, columns, row, firstRow + row);
      } else if (constraint.match === 'full' && nullCount < columns.length) {
        noteKey(this.#mixed, columns, row, firstRow + row);
      }
    }
  }

  /** What was noted so far, which is forgotten here. */
  take(): { readonly whole: NotedKeys; readonly mixed: NotedKeys } {
    const taken = { whole: this.#whole, mixed: this.#mixed };
    this.#whole = this.#none();
    this.#mixed = this.#none();
    return taken;
  }

  #none(): NotedKeys {
    return { keys: new ReferenceKeys(this.#types), firstRows: [] };
  }

  #isSame(old: readonly Column[], columns: readonly Column[], row: number): boolean {
    for (let at = 0; at < columns.length; at++) {
      const before = valueAt(old[at], row);
      const after = valueAt(columns[at], row);
      if (before === null || after === null || this.#types[at].compare(before, after) !== 0) return false;
    }
    return true;
  }
}

function noteKey({ keys, firstRows }: NotedKeys, columns: readonly Column[], row: number, rowNumber: number): void {
  if (keys.addAt(columns, row) === firstRows.length) firstRows.push(rowNumber);
}
