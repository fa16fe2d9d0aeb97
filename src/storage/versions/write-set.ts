import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SeriesIndex } from '../index/series-index.ts';
import { UniqueKeyIndex } from '../index/unique-key-index.ts';
import { Memtable } from '../memtable/memtable.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { tagDefinitions } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import type { CatalogChange } from './catalog-version.ts';

/** Plain rows of a transaction stand after all committed ones until they get their row ids. */
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
  /** The keys of these rows, where a plain table has a key. */
  readonly uniqueKeys: UniqueKeyIndex | undefined;

  constructor(descriptor: TableDescriptor, store: TableStore | undefined) {
    this.tableOid = descriptor.oid;
    this.descriptor = descriptor;
    this.series = new SeriesIndex(tagDefinitions(descriptor), store?.series);
    if (this.series.tagNumbers.length === 0) this.series.add([], 0);
    const hasPlainKey = descriptor.timeSeries === undefined && descriptor.uniqueKey !== undefined;
    this.uniqueKeys = hasPlainKey ? new UniqueKeyIndex(descriptor) : undefined;
  }

  get rowCount(): number {
    let rowCount = 0;
    for (const memtable of this.memtables.values()) rowCount += memtable.rowCount;
    return rowCount;
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

/** The first `rowCount` rows of a memtable of a write set. */
export interface OwnRows {
  readonly memtable: Memtable;
  readonly rowCount: number;
}

/** What a statement sees of its own transaction: everything before it, nothing of its own. */
export interface WriteSetView {
  readonly tables: ReadonlyMap<number, { readonly writes: TableWrites; readonly rows: readonly OwnRows[] }>;
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

  get catalogChanges(): readonly CatalogChange[] {
    return this.#catalogChanges;
  }

  tables(): Iterable<TableWrites> {
    return this.#tables.values();
  }

  table(oid: number): TableWrites | undefined {
    return this.#tables.get(oid);
  }

  openTable(descriptor: TableDescriptor, store: TableStore | undefined): TableWrites {
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

  addKeys(index: UniqueKeyIndex, keys: readonly string[]): void {
    index.add(keys);
    this.#history.push(() => index.remove(keys));
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
    const tables = new Map<number, { writes: TableWrites; rows: OwnRows[] }>();
    for (const writes of this.#tables.values()) {
      const rows: OwnRows[] = [];
      for (const memtable of writes.memtables.values()) {
        if (memtable.rowCount > 0) rows.push({ memtable, rowCount: memtable.rowCount });
      }
      if (rows.length > 0) tables.set(writes.tableOid, { writes, rows });
    }
    return tables.size === 0 ? undefined : { tables };
  }
}
