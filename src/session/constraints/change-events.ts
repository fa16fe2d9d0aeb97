import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { SqlError } from '../../errors/sql-error.ts';
import { missingReference, missingReferences, mixedNulls } from './check-references.ts';
import type { ConstraintScope } from './constraint-scope.ts';
import type { DeferredConstraints } from './deferred-constraints.ts';
import { type ForeignKey, foreignKeysOf, foreignKeysTo, typesOf } from './foreign-keys.ts';
import { ReferenceKeys } from './reference-keys.ts';
import { newReferences, type RowChange } from './row-change.ts';

/** The keys of new rows that are to be in a parent. */
interface NewReferences {
  readonly key: ForeignKey;
  keys: ReferenceKeys;
  /** For each key the first row that has it. */
  firstRows: number[];
  /** The first row that MATCH FULL refuses. */
  mixedRow: number | undefined;
}

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
    this.#references = foreignKeysOf(catalog, table).map((key) => ({
      key,
      keys: new ReferenceKeys(typesOf(key.childColumns)),
      firstRows: [],
      mixedRow: undefined,
    }));
  }

  /** How many keys are kept to be looked up. */
  get keyCount(): number {
    return this.#references.reduce((count, { keys }) => count + keys.size, 0);
  }

  inserted(rows: Batch): void {
    for (const references of this.#references) this.#note(references, rows, undefined);
    this.#rowCount += rows.rowCount;
  }

  changed(change: RowChange): void {
    if (change.rows !== undefined) {
      for (const references of this.#references) this.#note(references, change.rows, change);
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
      const { key, keys, firstRows, mixedRow } = references;
      if (!isDue(key)) continue;
      references.keys = new ReferenceKeys(typesOf(key.childColumns));
      references.firstRows = [];
      references.mixedRow = undefined;
      if (deferred.isDeferred(key.constraint)) {
        deferred.defer('child', key, { keys: keys.keys, rows: firstRows, statement: this });
        if (mixedRow !== undefined) deferred.defer('mixed nulls', key, { keys: [], rows: [mixedRow], statement: this });
        continue;
      }
      offer(mixedRow, () => mixedNulls(key));
      const [missing] = await missingReferences(scope, key, keys.keys);
      if (missing === undefined) continue;
      offer(firstRows[missing], () => missingReference(key, keys.keys[missing], scope.bindContext.typeContext));
    }
    if (first !== undefined) throw first.error;
  }

  #note(references: NewReferences, rows: Batch, change: RowChange | undefined): void {
    const { key, keys, firstRows } = references;
    for (const { row, value } of newReferences(key, rows, change)) {
      const rowNumber = this.#rowCount + row;
      if (value === 'mixed') references.mixedRow ??= rowNumber;
      else if (keys.add(value) === firstRows.length) firstRows.push(rowNumber);
    }
  }
}
