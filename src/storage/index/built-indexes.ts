import type { TableWrites } from '../versions/write-set.ts';
import type { PlainTable, TableIndex, TableIndexes } from './plain-table.ts';

/**
 * Indexes that a transaction has built for tables to which it has added them, over the committed rows and those that it
 * has staged: the tables' own once it has committed.
 */
export class BuiltIndexes {
  readonly #indexes = new Map<number, { readonly index: TableIndex; readonly truncations: number }>();

  add(indexOid: number, index: TableIndex, writes: TableWrites | undefined): void {
    this.#indexes.get(indexOid)?.index.entries.release();
    this.#indexes.set(indexOid, { index, truncations: writes?.truncations ?? 0 });
  }

  has(indexOid: number): boolean {
    return this.#indexes.has(indexOid);
  }

  /** What finds the rows of a table that the transaction does not have in memory; undefined when there are none. */
  indexFor(indexOid: number, writes: TableWrites | undefined, plain: PlainTable | undefined): TableIndex | undefined {
    const built = this.#indexes.get(indexOid);
    // A later TRUNCATE has left nothing of what was built.
    if (built !== undefined) return built.truncations === (writes?.truncations ?? 0) ? built.index : undefined;
    return writes?.isTruncated === true ? undefined : plain?.index(indexOid);
  }

  toCommit(): TableIndexes {
    return new Map(Array.from(this.#indexes, ([oid, { index }]) => [oid, index]));
  }
}
