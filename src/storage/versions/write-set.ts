import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { DeletedNames, type DeletedView } from '../deletes/deleted-names.ts';
import type { RowNames } from '../deletes/row-names.ts';
import { SeriesIndex } from '../index/series-index.ts';
import { UniqueKeyIndex } from '../index/unique-key-index.ts';
import { Memtable } from '../memtable/memtable.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { mergesVersions, tagDefinitions } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import type { CatalogChange } from './catalog-version.ts';

/** Rows of a transaction that are to have row ids stand after all committed ones until they get them. */
export const PROVISIONAL_ROW_ID = 2 ** 52;

/** What a transaction has written to one table. Its series ids count within the transaction alone. */
export class TableWrites {
  readonly tableOid: number;
  /** The version that the last rows were checked against. */
  descriptor: TableDescriptor;
  /** The tag tuples of the rows; dictionaries are shared with the table where it exists already. */
  readonly series: SeriesIndex;
  /** By partition. */
  readonly memtables = new Map<number, Memtable>();
  nextRowId = PROVISIONAL_ROW_ID;
  /** Up to here, commits are known not to hold any key of these rows (-1: nothing was checked yet) … */
  checkedLsn: Lsn = -1;
  /** … and neither are the segments of as many flushes. */
  checkedFlushCount = 0;
  /** The committed rows that the transaction has deleted. */
  readonly deleted: DeletedNames;
  /** The transaction has emptied the table: no committed row is left for it. */
  isTruncated = false;
  /** The keys of these rows, where a plain table has a key. */
  readonly uniqueKeys: UniqueKeyIndex | undefined;

  constructor(descriptor: TableDescriptor, store: TableStore | undefined) {
    this.tableOid = descriptor.oid;
    this.descriptor = descriptor;
    this.series = new SeriesIndex(tagDefinitions(descriptor), store?.series);
    if (this.series.tagNumbers.length === 0) this.series.add([], 0);
    this.deleted = new DeletedNames(!mergesVersions(descriptor));
    const hasPlainKey = descriptor.timeSeries === undefined && descriptor.uniqueKey !== undefined;
    this.uniqueKeys = hasPlainKey ? new UniqueKeyIndex(descriptor) : undefined;
  }

  get rowCount(): number {
    let rowCount = 0;
    for (const memtable of this.memtables.values()) rowCount += memtable.rowCount;
    return rowCount;
  }

  /** Whether the transaction leaves the table as it was. */
  get isEmpty(): boolean {
    return this.rowCount === 0 && this.deleted.rowCount === 0 && !this.isTruncated;
  }

  /** The row id of a plain row of these, or of one in a time-series table without a key. */
  takeRowIds(rowCount: number): Float64Array {
    const ids = new Float64Array(rowCount);
    for (let row = 0; row < rowCount; row++) ids[row] = this.nextRowId++;
    return ids;
  }

  memtable(partition: number): Memtable {
    let memtable = this.memtables.get(partition);
    if (memtable === undefined) {
      memtable = new Memtable(partition, 'private');
      this.memtables.set(partition, memtable);
    }
    return memtable;
  }
}

/** From the series ids of a write set to those of the table; -1 where it has none. */
export function tableSeriesIds({ series }: TableWrites, known: SeriesIndex): (localId: number) => number {
  if (series.tagNumbers.length === 0) return () => 0;
  const tuples = series.tuplesFrom(0);
  const ids = new Float64Array(series.size).fill(Number.NaN);
  return (localId) => {
    if (Number.isNaN(ids[localId])) ids[localId] = known.find(tuples, localId);
    return ids[localId];
  };
}

/** The first `rowCount` rows of a memtable of a write set. */
export interface OwnRows {
  readonly memtable: Memtable;
  readonly rowCount: number;
}

/** What a statement sees of one table's writes. */
export interface TableWritesView {
  readonly writes: TableWrites;
  readonly rows: readonly OwnRows[];
  /** Deletes of own rows up to this stamp are seen. */
  readonly stamp: number;
  readonly deleted: DeletedView | undefined;
  readonly isTruncated: boolean;
}

/** What a statement sees of its own transaction: everything before it, nothing of its own. */
export interface WriteSetView {
  readonly tables: ReadonlyMap<number, TableWritesView>;
}

/** What one transaction has done so far: private until it commits. A mark is a length of its history. */
export class WriteSet {
  readonly #tables = new Map<number, TableWrites>();
  readonly #catalogChanges: CatalogChange[] = [];
  /** How to take back each step, oldest first. */
  readonly #history: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#history.length === 0;
  }

  /** Nothing but tables dropped: what a full disk needs, and must not refuse. */
  get onlyDrops(): boolean {
    return this.#catalogChanges.every(({ kind }) => kind === 'drop') && this.#tables.size === 0;
  }

  get catalogChanges(): readonly CatalogChange[] {
    return this.#catalogChanges;
  }

  /** Whether the transaction itself has made the table. */
  hasCreated(oid: number): boolean {
    return this.#catalogChanges.some(({ kind, table }) => kind === 'put' && table.oid === oid);
  }

  tables(): Iterable<TableWrites> {
    return this.#tables.values();
  }

  table(oid: number): TableWrites | undefined {
    return this.#tables.get(oid);
  }

  openTable(descriptor: TableDescriptor, store: TableStore | undefined): TableWrites {
    store?.assertWhole();
    let writes = this.#tables.get(descriptor.oid);
    if (writes === undefined) {
      writes = new TableWrites(descriptor, store);
      this.#tables.set(descriptor.oid, writes);
    } else if (writes.descriptor !== descriptor) {
      for (const tag of tagDefinitions(descriptor)) writes.series.addTag(tag, store?.series);
      writes.descriptor = descriptor;
    }
    return writes;
  }

  append(writes: TableWrites, block: RowBlock): void {
    const memtable = writes.memtable(block.partition);
    const rowCountBefore = memtable.rowCount;
    memtable.append(block);
    this.#history.push(() => memtable.truncate(rowCountBefore));
  }

  /** Deletes rows of the transaction's own. */
  deleteOwn({ uniqueKeys }: TableWrites, memtable: Memtable, rows: readonly number[]): void {
    const stamp = this.#history.length;
    for (const row of rows) memtable.deletes.add(row, stamp);
    const freed = uniqueKeys?.delete(
      rows.map((row) => memtable.rowIdAt(row)),
      stamp,
    );
    this.#history.push(() => {
      memtable.deletes.removeFrom(stamp);
      if (freed !== undefined) uniqueKeys?.undelete(freed);
    });
  }

  /** Deletes the committed rows of those names that `rows` are. Returns the ones that were not deleted before. */
  deleteCommitted({ deleted }: TableWrites, names: RowNames, rows: readonly number[]): number[] {
    const before = deleted.rowCount;
    const added = rows.filter((row) => deleted.add(names, row));
    if (added.length > 0) this.#history.push(() => deleted.truncate(before));
    return added;
  }

  /** Deletes every row of the table, own and committed. */
  truncate(writes: TableWrites): void {
    const stamp = this.#history.length;
    const before = writes.isTruncated;
    for (const { deletes, rowCount } of writes.memtables.values()) deletes.clear(rowCount, stamp);
    const keys = writes.uniqueKeys?.clear();
    writes.isTruncated = true;
    this.#history.push(() => {
      for (const { deletes } of writes.memtables.values()) deletes.removeFrom(stamp);
      if (keys !== undefined) writes.uniqueKeys!.restore(keys);
      writes.isTruncated = before;
    });
  }

  addKeys(index: UniqueKeyIndex, keys: readonly string[], rowIds: ArrayLike<number>): void {
    const before = index.add(keys, rowIds);
    this.#history.push(() => index.takeBack(keys, before));
  }

  changeCatalog(change: CatalogChange): void {
    this.#catalogChanges.push(change);
    this.#history.push(() => this.#catalogChanges.pop());
  }

  mark(): number {
    return this.#history.length;
  }

  rollbackTo(mark: number): void {
    while (this.#history.length > mark) this.#history.pop()!();
  }

  view(): WriteSetView | undefined {
    const tables = new Map<number, TableWritesView>();
    for (const writes of this.#tables.values()) {
      const rows: OwnRows[] = [];
      for (const memtable of writes.memtables.values()) {
        if (memtable.rowCount > 0) rows.push({ memtable, rowCount: memtable.rowCount });
      }
      if (writes.isEmpty) continue;
      const { deleted, isTruncated } = writes;
      tables.set(writes.tableOid, {
        writes,
        rows,
        stamp: this.#history.length - 1,
        deleted: deleted.rowCount === 0 ? undefined : { names: deleted, count: deleted.rowCount },
        isTruncated,
      });
    }
    return tables.size === 0 ? undefined : { tables };
  }
}
