import type { TableWrites } from '../versions/write-set.ts';
import type { PlainTable, TableIndex, TableIndexes } from './plain-table.ts';

interface BuiltIndex {
  readonly index: TableIndex;
  readonly tableOid: number;
  /** How often the transaction had emptied the table by then. */
  readonly truncations: number;
}

/**
 * Indexes that a transaction has built for tables to which it has added them, over the committed rows and those that it
 * has staged: the tables' own once it has committed.
 */
export class BuiltIndexes {
  readonly #indexes = new Map<number, BuiltIndex>();

  add(indexOid: number, index: TableIndex, tableOid: number, writes: TableWrites | undefined): void {
    this.#indexes.get(indexOid)?.index.entries.release();
    this.#indexes.set(indexOid, { index, tableOid, truncations: writes?.truncations ?? 0 });
  }

  has(indexOid: number): boolean {
    return this.#indexes.has(indexOid);
  }

  /** What finds the rows of a table that the transaction does not have in memory; undefined when there are none. */
  indexFor(indexOid: number, writes: TableWrites | undefined, plain: PlainTable | undefined): TableIndex | undefined {
    const built = this.#indexes.get(indexOid);
    if (built !== undefined) return isValid(built, writes) ? built.index : undefined;
    return writes?.isTruncated === true ? undefined : plain?.index(indexOid);
  }

  /** Those that a commit brings. */
  toCommit(writesOf: (tableOid: number) => TableWrites | undefined): TableIndexes {
    const indexes = new Map<number, TableIndex>();
    for (const [oid, built] of this.#indexes)
      if (isValid(built, writesOf(built.tableOid))) indexes.set(oid, built.index);
    return indexes;
  }

  all(): Iterable<readonly [indexOid: number, index: TableIndex]> {
    return Array.from(this.#indexes, ([oid, { index }]) => [oid, index] as const);
  }
}

/** A later TRUNCATE has left nothing of what was built. */
function isValid({ truncations }: BuiltIndex, writes: TableWrites | undefined): boolean {
  return truncations === (writes?.truncations ?? 0);
}
