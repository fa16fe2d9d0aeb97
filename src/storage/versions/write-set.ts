import { isShared } from '../../catalog/catalog-object.ts';
import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { DeletedNames, type DeletedView } from '../deletes/deleted-names.ts';
import type { RowNames } from '../deletes/row-names.ts';
import { OwnKeys } from '../index/own-keys.ts';
import { SeriesIndex } from '../index/series-index.ts';
import { Memtable } from '../memtable/memtable.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { SlabBuffers } from '../memtable/slab-buffers.ts';
import { type StagedSegment, StagedTable } from '../staging/staged-table.ts';
import { mergesVersions, tagDefinitions } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import { FIRST_TRANSACTION } from '../transaction-number.ts';
import type { CatalogChange, TableChange } from './catalog-version.ts';

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
  readonly buffers = new SlabBuffers();
  /** Those that are being staged while rows are added to others; nobody may look at the rows meanwhile. */
  leaving: readonly Memtable[] = [];
  /** Ids by the groups of the rows that came last (`RowRepeats`), -1 where one is not known yet. */
  repeatedSeries: { readonly source: object; readonly ids: Int32Array; readonly seriesIds: Uint32Array } | undefined;
  nextRowId = PROVISIONAL_ROW_ID;
  /** Up to here, commits are known not to hold any key of these rows (-1: nothing was checked yet) … */
  checkedLsn: Lsn = -1;
  /** … and neither are the segments of as many flushes. */
  checkedFlushCount = 0;
  /** Rows that went to disk since there were many. */
  readonly staged = new StagedTable();
  /** The committed rows that the transaction has deleted. */
  readonly deleted: DeletedNames;
  /** The transaction has emptied the table so often: if at all, no committed row is left for it. */
  truncations = 0;
  /** The staged rows of a plain table that the transaction has deleted since. */
  readonly stagedEnds = new Set<number>();
  /** The keys of these rows, where a plain table has indexes. */
  readonly ownKeys = new OwnKeys(this);
  /** By row of a plain table, the transaction's own or not, the provisional one that UPDATE has put in its place. */
  readonly replacements = new Map<number, number>();
  #rowIds = new Float64Array(0);

  constructor(descriptor: TableDescriptor, store: TableStore | undefined) {
    this.tableOid = descriptor.oid;
    this.descriptor = descriptor;
    this.series = new SeriesIndex(tagDefinitions(descriptor), store?.series);
    if (this.series.tagNumbers.length === 0) this.series.add([], 0);
    this.deleted = new DeletedNames(!mergesVersions(descriptor));
  }

  /** No committed row is left for the transaction. */
  get isTruncated(): boolean {
    return this.truncations > 0;
  }

  /** Rows in memory, deleted ones among them. */
  get rowCount(): number {
    let rowCount = 0;
    for (const memtable of this.memtables.values()) rowCount += memtable.rowCount;
    return rowCount;
  }

  /** What the rows in memory take. */
  get sizeBytes(): number {
    let sizeBytes = 0;
    for (const memtable of this.memtables.values()) sizeBytes += memtable.sizeBytes;
    return sizeBytes;
  }

  /** Whether the transaction leaves the table as it was. */
  get isEmpty(): boolean {
    return this.rowCount === 0 && this.staged.isEmpty && this.deleted.rowCount === 0 && !this.isTruncated;
  }

  /** Row ids for so many rows of a table that has them, valid until it is called again. */
  takeRowIds(rowCount: number): Float64Array {
    if (this.#rowIds.length < rowCount) this.#rowIds = new Float64Array(rowCount);
    const ids = this.#rowIds.subarray(0, rowCount);
    for (let row = 0; row < rowCount; row++) ids[row] = this.nextRowId++;
    return ids;
  }

  memtable(partition: number): Memtable {
    let memtable = this.memtables.get(partition);
    if (memtable === undefined) {
      memtable = new Memtable(partition, this.buffers);
      this.memtables.set(partition, memtable);
    }
    return memtable;
  }
}

/** From the series ids of a write set to those of the table; -1 where it has none. */
export function tableSeriesIds({ series }: TableWrites, known: SeriesIndex): (localId: number) => number {
  if (series.tagNumbers.length === 0) return () => 0;
  const ids = new Float64Array(series.size).fill(Number.NaN);
  return (localId) => {
    if (Number.isNaN(ids[localId])) ids[localId] = known.findSame(series, localId);
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
  readonly staged: readonly StagedSegment[];
  readonly deleted: DeletedView | undefined;
  readonly isTruncated: boolean;
}

/** A column that all rows of a memtable are to have the same value of. */
export interface FilledColumn {
  readonly number: number;
  readonly type: TypeDefinition;
  readonly value: Value;
}

/** What a statement sees of its own transaction: everything before it, nothing of its own. */
export interface WriteSetView {
  readonly tables: ReadonlyMap<number, TableWritesView>;
}

/** A step of the history that has to do with rows of a memtable. */
interface RowStep {
  /** Its place in the history. */
  readonly place: number;
  /** Undefined once the rows were staged: they are taken back there. */
  memtable: Memtable | undefined;
  /** Of an append: how many rows there were before. */
  readonly rowCountBefore: number | undefined;
}

/**
 * What one transaction has done so far: private until it commits. A mark is a length of its history; what happened between
 * two marks that are still needed can be taken back on its own, and is staged apart.
 */
export class WriteSet {
  readonly #tables = new Map<number, TableWrites>();
  /** Those of rows in memory, oldest first. */
  #rowSteps: RowStep[] = [];
  /** Ascending; as often as they were taken and not released. */
  readonly #marks: number[] = [];
  /** Called for segments that a rollback has made useless. */
  readonly #dropStaged: (segments: readonly StagedSegment[]) => void;
  readonly #catalogChanges: CatalogChange[] = [];
  #hasShared = false;
  readonly #firstColumnNumbers = new Map<number, number>();
  /** How to take back each step, oldest first. */
  readonly #history: (() => void)[] = [];

  readonly #takeNumber: () => number;
  #transactionNumber: number | undefined;

  /** `takeNumber`: of a transaction that writes, as SQL knows it. */
  constructor(
    dropStaged: (segments: readonly StagedSegment[]) => void = () => {},
    takeNumber: () => number = () => FIRST_TRANSACTION,
  ) {
    this.#dropStaged = dropStaged;
    this.#takeNumber = takeNumber;
  }

  /** xmin of the rows that it writes. */
  get transactionNumber(): number {
    this.#transactionNumber ??= this.#takeNumber();
    return this.#transactionNumber;
  }

  get isEmpty(): boolean {
    return this.#history.length === 0;
  }

  /** Nothing but tables dropped: what a full disk needs, and must not refuse. */
  get onlyDrops(): boolean {
    return this.#catalogChanges.every(({ kind }) => kind.startsWith('drop')) && this.#tables.size === 0;
  }

  get catalogChanges(): readonly CatalogChange[] {
    return this.#catalogChanges;
  }

  /** Of the transaction's own database. */
  get ownCatalogChanges(): readonly CatalogChange[] {
    return this.#hasShared ? this.#catalogChanges.filter((change) => !isSharedChange(change)) : this.#catalogChanges;
  }

  /** Of what all databases share. */
  get sharedCatalogChanges(): readonly CatalogChange[] {
    return this.#hasShared ? this.#catalogChanges.filter(isSharedChange) : [];
  }

  get tableChanges(): readonly TableChange[] {
    return this.#catalogChanges.filter(
      (change): change is TableChange => change.kind === 'put' || change.kind === 'drop',
    );
  }

  /** Whether the transaction itself has made the table. */
  hasCreated(oid: number): boolean {
    return this.tableChanges.some(({ kind, table, base }) => kind === 'put' && table.oid === oid && base === undefined);
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
    const step = this.#noteRows(memtable, rowCountBefore);
    this.#history.push(() => step.memtable?.truncate(rowCountBefore));
  }

  /** Deletes rows of the transaction's own. */
  deleteOwn(memtable: Memtable, rows: readonly number[]): void {
    const stamp = this.#history.length;
    for (const row of rows) memtable.deletes.add(row, stamp);
    const step = this.#noteRows(memtable, undefined);
    this.#history.push(() => step.memtable?.deletes.removeFrom(stamp));
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
    for (const { deletes, rowCount } of writes.memtables.values()) deletes.clear(rowCount, stamp);
    writes.staged.clear(stamp);
    writes.truncations++;
    this.#history.push(() => {
      for (const { deletes } of writes.memtables.values()) deletes.removeFrom(stamp);
      writes.truncations--;
    });
  }

  /** Rows of a plain table were replaced by own ones, `firstNew` and those after it. */
  noteReplacements(writes: TableWrites, rowIds: Float64Array, firstNew: number): void {
    const { replacements } = writes;
    for (let index = 0; index < rowIds.length; index++) replacements.set(rowIds[index], firstNew + index);
    this.#history.push(() => {
      for (const rowId of rowIds) replacements.delete(rowId);
    });
  }

  /** Staged rows of a plain table were deleted. */
  endStaged({ stagedEnds }: TableWrites, rowIds: readonly number[]): void {
    const added = rowIds.filter((rowId) => !stagedEnds.has(rowId));
    for (const rowId of added) stagedEnds.add(rowId);
    this.#history.push(() => {
      for (const rowId of added) stagedEnds.delete(rowId);
    });
  }

  changeCatalog(change: CatalogChange): void {
    this.#catalogChanges.push(change);
    this.#hasShared ||= isSharedChange(change);
    this.note(() => this.#catalogChanges.pop());
  }

  /** A step that `undo` takes back. */
  note(undo: () => void): void {
    this.#history.push(undo);
  }

  /** Gives the rows in memory a column that has come after them. Of staged ones their version tells. */
  fillColumn(tableOid: number, { number, type, value }: FilledColumn): void {
    const writes = this.#tables.get(tableOid);
    const memtables = [...(writes?.memtables.values() ?? [])];
    if (memtables.length === 0) return;
    for (const memtable of memtables) memtable.fill(number, type, value);
    this.note(() => {
      const current = new Set(writes!.memtables.values());
      for (const memtable of memtables) {
        memtable.removeColumn(number);
        if (!current.has(memtable)) this.#spendNumber(tableOid, number);
      }
    });
  }

  /**
   * Per table the number that its next column gets at least: staged rows have lower ones for columns that were taken back
   * since.
   */
  get firstColumnNumbers(): ReadonlyMap<number, number> {
    return this.#firstColumnNumbers;
  }

  /** Deletes every row of the table, and has new ones go to new memtables: their columns may have other types. */
  replaceRows(writes: TableWrites): void {
    this.truncate(writes);
    const before = new Map(writes.memtables);
    writes.memtables.clear();
    this.note(() => {
      writes.memtables.clear();
      for (const [partition, memtable] of before) writes.memtables.set(partition, memtable);
    });
  }

  /** To be released, or gone behind, once nobody will return to it any more. */
  mark(): number {
    const mark = this.#history.length;
    this.#marks.push(mark);
    return mark;
  }

  releaseMark(mark: number): void {
    const at = this.#marks.lastIndexOf(mark);
    if (at >= 0) this.#marks.splice(at, 1);
  }

  /** Takes back everything since the mark, which stays. */
  rollbackTo(mark: number): void {
    while (this.#history.length > mark) this.#history.pop()!();
    while (this.#marks.length > 0 && this.#marks.at(-1)! > mark) this.#marks.pop();
    while (this.#rowSteps.length > 0 && this.#rowSteps.at(-1)!.place >= mark) this.#rowSteps.pop();
    for (const { staged } of this.#tables.values()) {
      const dropped = staged.rollbackTo(mark);
      if (dropped.length > 0) this.#dropStaged(dropped);
    }
  }

  /** The lengths of history that may be returned to, ascending, each once. */
  liveMarks(): number[] {
    return [...new Set(this.#marks)];
  }

  /** Per append to the memtable, oldest first, its place in the history and how many rows there were before. */
  appendsTo(memtable: Memtable): { readonly place: number; readonly rowCountBefore: number }[] {
    const appends: { place: number; rowCountBefore: number }[] = [];
    for (const step of this.#rowSteps) {
      if (step.memtable === memtable && step.rowCountBefore !== undefined) {
        appends.push({ place: step.place, rowCountBefore: step.rowCountBefore });
      }
    }
    return appends;
  }

  /** Takes the memtables out, to be staged: rows that come now go to others. `returnRows` or `replaceByStaged` follows. */
  detachRows(writes: TableWrites): readonly Memtable[] {
    invariant(writes.leaving.length === 0, 'rows of a table are staged once at a time');
    writes.leaving = [...writes.memtables.values()];
    writes.memtables.clear();
    return writes.leaving;
  }

  /** They could not be staged: puts them back. What came since in the same partitions is to be taken back by the caller. */
  returnRows(writes: TableWrites): void {
    for (const memtable of writes.leaving) writes.memtables.set(memtable.partition, memtable);
    writes.leaving = [];
  }

  /** The rows of the memtables stand in `segments` from now on. Views that were taken before still read the memtables. */
  replaceByStaged(
    writes: TableWrites,
    { from, segments }: { readonly from: readonly Memtable[]; readonly segments: readonly StagedSegment[] },
  ): void {
    const memtables = new Set(from);
    for (const step of this.#rowSteps) {
      if (step.memtable !== undefined && memtables.has(step.memtable)) step.memtable = undefined;
    }
    this.#rowSteps = this.#rowSteps.filter(({ memtable }) => memtable !== undefined);
    for (const memtable of from) {
      if (writes.memtables.get(memtable.partition) === memtable) writes.memtables.delete(memtable.partition);
    }
    writes.leaving = [];
    writes.staged.add(segments);
  }

  /** Deletes rows that the transaction has staged. */
  deleteStaged({ segment }: StagedSegment, rows: readonly number[]): void {
    const stamp = this.#history.length;
    for (const row of rows) segment.deletes.add(row, stamp);
    this.#history.push(() => {});
  }

  view(): WriteSetView | undefined {
    const tables = new Map<number, TableWritesView>();
    for (const writes of this.#tables.values()) {
      invariant(writes.leaving.length === 0, 'nobody looks at rows that are on their way to disk');
      const rows: OwnRows[] = [];
      for (const memtable of writes.memtables.values()) {
        if (memtable.rowCount === 0) continue;
        memtable.isShown = true;
        rows.push({ memtable, rowCount: memtable.rowCount });
      }
      if (writes.isEmpty) continue;
      const { deleted, isTruncated } = writes;
      tables.set(writes.tableOid, {
        writes,
        rows,
        stamp: this.#history.length - 1,
        staged: writes.staged.segments,
        deleted: deleted.rowCount === 0 ? undefined : { names: deleted, count: deleted.rowCount },
        isTruncated,
      });
    }
    return tables.size === 0 ? undefined : { tables };
  }

  #spendNumber(tableOid: number, number: number): void {
    const first = Math.max(this.#firstColumnNumbers.get(tableOid) ?? 0, number + 1);
    this.#firstColumnNumbers.set(tableOid, first);
  }

  #noteRows(memtable: Memtable, rowCountBefore: number | undefined): RowStep {
    const step: RowStep = { place: this.#history.length, memtable, rowCountBefore };
    this.#rowSteps.push(step);
    return step;
  }
}

function isSharedChange(change: CatalogChange): boolean {
  return (change.kind === 'put-object' || change.kind === 'drop-object') && isShared(change.object);
}
