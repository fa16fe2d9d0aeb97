import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { SqlError } from '../../errors/sql-error.ts';
import { missingReference, missingReferences, mixedNulls } from './check-references.ts';
import type { ConstraintScope } from './constraint-scope.ts';
import type { DeferredConstraints } from './deferred-constraints.ts';
import { type ForeignKey, foreignKeysOf, foreignKeysTo } from './foreign-keys.ts';
import { NewReferences } from './new-references.ts';
import type { RowChange } from './row-change.ts';

/** What foreign keys have to do with the rows of one table that one statement has written, a batch after the other. */
export class ChangeEvents {
  readonly table: TableDescriptor;
  /** The changes of rows that others may refer to. */
  readonly changes: RowChange[] = [];
  readonly #isParent: boolean;
  readonly #references: readonly NewReferences[];
  #rowCount = 0;

  constructor(catalog: CatalogReader, table: TableDescriptor) {
    this.table = table;
    this.#isParent = foreignKeysTo(catalog, table).length > 0;
    this.#references = foreignKeysOf(catalog, table).map((key) => new NewReferences(key));
  }

  /** Rows of this table refer to others. */
  get hasReferences(): boolean {
    return this.#references.length > 0;
  }

  /** How many keys are kept to be looked up. */
  get keyCount(): number {
    return this.#references.reduce((count, { size }) => count + size, 0);
  }

  inserted(rows: Batch): void {
    for (const references of this.#references) references.note(rows, undefined, this.#rowCount);
    this.#rowCount += rows.rowCount;
  }

  changed(change: RowChange): void {
    if (change.rows !== undefined) {
      for (const references of this.#references) references.note(change.rows, change, this.#rowCount);
    }
    this.#rowCount += change.rowCount;
    if (this.#isParent) this.changes.push(change);
  }

  /**
   * Looks up, or puts off, what the rows refer to by the foreign keys that are `isDue`. Rejects with 23503 for the first
   * row that refers to nothing.
   */
  async checkReferences(
    scope: ConstraintScope,
    deferred: DeferredConstraints,
    isDue: (key: ForeignKey) => boolean,
  ): Promise<void> {
    let first: { readonly row: number; readonly error: SqlError } | undefined;
    const offer = (row: number | undefined, error: () => SqlError): void => {
      if (row !== undefined && (first === undefined || row < first.row)) first = { row, error: error() };
    };
    for (const references of this.#references) {
      const { key } = references;
      if (!isDue(key)) continue;
      const { whole, mixed } = references.take();
      if (deferred.isDeferred(key.constraint)) {
        deferred.defer('child', key, { keys: whole.keys.keys, rows: whole.firstRows, statement: this });
        deferred.defer('mixed nulls', key, { keys: mixed.keys.keys, rows: mixed.firstRows, statement: this });
        continue;
      }
      offer(mixed.firstRows[0], () => mixedNulls(key));
      const { keys } = whole.keys;
      const [missing] = await missingReferences(scope, key, keys);
      if (missing === undefined) continue;
      offer(whole.firstRows[missing], () => missingReference(key, keys[missing], scope.bindContext.typeContext));
    }
    if (first !== undefined) throw first.error;
  }
}
