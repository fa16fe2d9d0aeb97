import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { nextTurn } from '../../platform/next-turn.ts';
import type { SegmentEntry } from '../checkpoint/manifest-content.ts';
import type { CommitOperation, NewSeries } from '../commit/commit-operation.ts';
import type { DeleteVector } from '../deletes/delete-vector.ts';
import type { EngineState } from '../engine-state.ts';
import { flushError } from '../flush-error.ts';
import { writeMemtable } from '../flush-memtable.ts';
import { SeriesAllocation } from '../index/series-allocation.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { SortPermutation } from '../memtable/sort-permutation.ts';
import type { ObjectFiles } from '../object-files.ts';
import { type ObjectTarget, OwnFiles, PackWriter } from '../packs/object-target.ts';
import { fileOf, MIN_PACK_OBJECTS } from '../packs/pack-place.ts';
import type { StorageParts } from '../storage-parts.ts';
import { StoredSegment } from '../stored-segment.ts';
import { mergesVersions, tagDefinitions } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import type { TableWrites, WriteSet } from '../versions/write-set.ts';
import { type RowsToStage, rowsToStage } from './staged-rows.ts';
import type { StagedSegment } from './staged-table.ts';

/** Series that one commit record of staging brings at most: what is done in one turn. */
const SERIES_PER_COMMIT = 8192;
/** A write set that has passed its limit is allowed as much for each partition, so that segments do not get tiny. */
const MIN_SEGMENT_BYTES = 128 * 1024;
const MAX_LIMIT_FACTOR = 8;

export interface StagerOptions {
  readonly state: EngineState;
  readonly parts: StorageParts;
  readonly files: ObjectFiles;
  /** Makes the operations a commit of their own, in the turn of the call. */
  readonly commit: (databaseOid: number, operations: readonly CommitOperation[]) => Promise<void>;
  /** A promise while nothing may be committed. */
  readonly whenCommittable: () => Promise<void> | undefined;
  /** Takes back what the log has rejected: to be called in the turn in which operations are made. */
  readonly hearRejection: () => void;
  /** A promise while some commit may yet come to nothing; undefined when all that were appended are visible. */
  readonly whenPublished: () => Promise<void> | undefined;
}

/**
 * Takes the rows of large transactions out of memory: into segments that nobody else knows of until one commit record
 * names them.
 *
 *   private memtables  ─►  series get their ids, by commits of their own  ─►  segments, written and synced  ─►  commit
 *
 * Ids of series and rows are the table's from then on. Those of a transaction that comes to nothing stay unused.
 */
export class Stager {
  readonly files: ObjectFiles;
  readonly #options: StagerOptions;
  readonly #ownFiles: ObjectTarget;

  constructor(options: StagerOptions) {
    this.#options = options;
    this.files = options.files;
    this.#ownFiles = new OwnFiles(options.parts.segments);
  }

  /** The tables of a write set whose rows should leave memory now. */
  tablesToStage(writeSet: WriteSet): TableWrites[] {
    const { stagingBytes } = this.#options.parts;
    const sizes: { readonly writes: TableWrites; readonly sizeBytes: number }[] = [];
    let total = 0;
    let partitionCount = 0;
    for (const writes of writeSet.tables()) {
      const { sizeBytes } = writes;
      total += sizeBytes;
      partitionCount += writes.memtables.size;
      sizes.push({ writes, sizeBytes });
    }
    const limit = Math.min(Math.max(stagingBytes, partitionCount * MIN_SEGMENT_BYTES), stagingBytes * MAX_LIMIT_FACTOR);
    if (total <= limit) return [];
    const chosen: TableWrites[] = [];
    sizes.sort((a, b) => b.sizeBytes - a.sizeBytes);
    for (const { writes, sizeBytes } of sizes) {
      if (total <= limit / 2) break;
      if (!this.#canStage(writes)) continue;
      chosen.push(writes);
      total -= sizeBytes;
    }
    return chosen;
  }

  /** Moves the rows of a table from memory into segments. After an error they are where they were. */
  async stage(writeSet: WriteSet, writes: TableWrites, databaseOid: number): Promise<void> {
    if (writes.rowCount === 0) return;
    await this.#stageRows(writeSet, writes, [...writes.memtables.values()], databaseOid);
  }

  /**
   * As `stage`, while more rows are appended. Until it resolves nobody may look at the rows of the table; after an error
   * what was appended since has to be taken back. Not for tables with a key, which would have to be looked for meanwhile.
   */
  async stageBehind(writeSet: WriteSet, writes: TableWrites, databaseOid: number): Promise<void> {
    const memtables = writeSet.detachRows(writes);
    try {
      await this.#stageRows(writeSet, writes, memtables, databaseOid);
    } catch (error) {
      writeSet.returnRows(writes);
      throw error;
    }
  }

  async #stageRows(
    writeSet: WriteSet,
    writes: TableWrites,
    memtables: readonly Memtable[],
    databaseOid: number,
  ): Promise<void> {
    const { descriptor } = writes;
    const seriesIds = await this.#seriesIds(writes, databaseOid);
    const rowIds = this.#takeRowIds(writes, memtables);
    const ids = {
      seriesIds,
      rowIdOffset: rowIds === undefined ? undefined : rowIds.rowId - rowIds.provisional,
      isPlain: descriptor.timeSeries === undefined,
    };
    const made: StagedSegment[] = [];
    try {
      const rows: RowsToStage[] = [];
      for (const memtable of memtables) {
        rows.push(...(await rowsToStage(writeSet, memtable, { descriptor, ids })));
        // Of many partitions the rows would stand twice in memory.
        if (rows.length >= 64) made.push(...(await this.#write(rows.splice(0), descriptor, databaseOid, writeSet)));
      }
      made.push(...(await this.#write(rows, descriptor, databaseOid, writeSet)));
    } catch (error) {
      this.files.discard(made.map(({ segment }) => segment));
      throw flushError(error as Error);
    }
    made.sort((a, b) => a.stamp - b.stamp);
    writeSet.replaceByStaged(writes, { from: memtables, segments: made });
    for (const memtable of memtables) if (!memtable.isShown) memtable.recycle(writes.buffers);
    if (rowIds !== undefined) writes.staged.addRowIds(rowIds);
    writes.staged.noteSeries(seriesIds, lastTimes(writes));
  }

  /** What was staged came to nothing: by a rollback, or since its commit was refused. */
  drop(segments: Iterable<StagedSegment>): void {
    this.files.discard(Array.from(segments, ({ segment }) => segment));
  }

  /**
   * Plain tables with indexes keep them in memory for every row, and by the ids that rows have from the start. A table to
   * which the transaction itself adds tags has no series with them until it commits.
   */
  #canStage({ descriptor, rowCount }: TableWrites): boolean {
    if (rowCount === 0) return false;
    if (descriptor.timeSeries === undefined)
      return descriptor.uniqueKey === undefined && descriptor.indexes.length === 0;
    const store = this.#store(descriptor.oid);
    return store === undefined || tagDefinitions(descriptor).length === store.series.tagNumbers.length;
  }

  #store(oid: number): TableStore | undefined {
    return this.#options.state.tables.get(oid);
  }

  /** The table's ids of all series of the write set; in a table that the transaction has made, these count from 0. */
  async #seriesIds(writes: TableWrites, databaseOid: number): Promise<Uint32Array> {
    const { series, staged } = writes;
    const ids = new Uint32Array(series.size);
    let known = 0;
    for (; known < ids.length && staged.seriesIdOf(known) >= 0; known++) ids[known] = staged.seriesIdOf(known);
    if (series.tagNumbers.length === 0) return ids;
    const store = this.#store(writes.tableOid);
    if (store === undefined) {
      for (let id = known; id < ids.length; id++) ids[id] = id;
      return ids;
    }
    let open: number[] = [];
    for (let from = known; from < ids.length; from += SERIES_PER_COMMIT) open.push(from);
    while (open.length > 0) {
      const commits: Promise<void>[] = [];
      const inDoubt: number[] = [];
      for (const from of open) {
        for (let busy = this.#options.whenCommittable(); busy !== undefined; busy = this.#options.whenCommittable()) {
          await busy;
        }
        const part = ids.subarray(from, from + SERIES_PER_COMMIT);
        const operation = this.#allocate(writes, store, part, from);
        if (operation !== undefined) {
          const commit = this.#options.commit(databaseOid, [operation]);
          // It is waited for below, unless one of the next parts fails.
          commit.catch(() => {});
          commits.push(commit);
        } else if (part.some((id) => id >= store.publishedSeriesCount)) {
          inDoubt.push(from);
        }
        await nextTurn();
      }
      // With a commit of ours all those before it are visible; of others, whose series we found, we do not know.
      await Promise.all(commits);
      if (inDoubt.length > 0) await this.#options.whenPublished();
      open = inDoubt;
    }
    return ids;
  }

  /** The ids of the series from `first` on as things stand in this turn, and what makes those of them that are new. */
  #allocate(
    { descriptor, series, tableOid }: TableWrites,
    store: TableStore,
    ids: Uint32Array,
    first: number,
  ): NewSeries | undefined {
    this.#options.hearRejection();
    if (this.#store(tableOid) !== store || store.isDropped) {
      throw new SqlError(SqlState.UndefinedTable, `relation "${descriptor.name}" does not exist`);
    }
    const { maxSeriesPerTable: maxSeries } = this.#options.state;
    const allocation = new SeriesAllocation(descriptor, store, series, { maxSeries });
    for (let index = 0; index < ids.length; index++) ids[index] = allocation.idOfSeries(series, first + index);
    return allocation.operation();
  }

  /** All rows since the last staging get successive ids of the table. */
  #takeRowIds(
    writes: TableWrites,
    memtables: readonly Memtable[],
  ): { provisional: number; rowCount: number; rowId: number } | undefined {
    if (mergesVersions(writes.descriptor)) return undefined;
    const store = this.#store(writes.tableOid);
    // They are the last ones that were given out, save those that were taken back since.
    let provisional = Number.POSITIVE_INFINITY;
    let last = 0;
    for (const memtable of memtables) {
      if (memtable.rowCount === 0) continue;
      provisional = Math.min(provisional, memtable.rowIdAt(0));
      last = Math.max(last, memtable.rowIdAt(memtable.rowCount - 1));
    }
    if (last < provisional) return undefined;
    const idCount = last - provisional + 1;
    const rowId = store === undefined ? Math.max(writes.staged.nextRowId, 1) : store.nextRowId;
    if (store !== undefined) store.nextRowId += idCount;
    return { provisional, rowCount: idCount, rowId };
  }

  /** One segment each, and one file for those that belong together where they are many. */
  async #write(
    rows: readonly RowsToStage[],
    descriptor: TableDescriptor,
    databaseOid: number,
    writeSet: WriteSet,
  ): Promise<StagedSegment[]> {
    const made: StagedSegment[] = [];
    /** Those of the group that is being opened: they are removed even if they are not open. */
    let written: readonly WrittenSegment[] = [];
    try {
      for (const group of groupsOf(rows, writeSet.liveMarks())) {
        written = await this.#writeGroup(group, descriptor, databaseOid);
        for (const [index, { entry, permutation }] of written.entries()) {
          const { memtable, stamp, filter, deletes } = group[index]!;
          const segment = await StoredSegment.openNew(this.#options.parts, entry);
          addDeletes(segment.deletes, deletes, permutation);
          made.push({ partition: memtable.partition, segment, stamp, filter });
        }
      }
      return made;
    } catch (error) {
      const opened = made.map(({ segment }) => segment);
      this.files.discard(opened);
      const discarded = new Set(opened.map(({ entry }) => fileOf(entry)));
      this.#remove(written.filter(({ entry }) => !discarded.has(fileOf(entry))));
      throw error;
    }
  }

  async #writeGroup(
    group: readonly RowsToStage[],
    table: TableDescriptor,
    databaseOid: number,
  ): Promise<readonly WrittenSegment[]> {
    const { state, parts } = this.#options;
    const { objectNames } = state;
    const isPacked = group.length >= MIN_PACK_OBJECTS;
    const pack = isPacked ? await PackWriter.create(parts.segments, objectNames.newPack(databaseOid)) : undefined;
    const written: WrittenSegment[] = [];
    try {
      for (const { memtable } of group) {
        const permutation = memtable.permutation(memtable.rowCount);
        await nextTurn();
        const newName = () => objectNames.newObject({ databaseOid, oid: table.oid }, 'segment');
        const entry = await writeMemtable(pack ?? this.#ownFiles, newName, {
          table,
          memtable,
          permutation,
          encoders: parts.encoders,
        });
        written.push({ entry, permutation });
      }
      await pack?.publish();
      return written;
    } catch (error) {
      // Why it was not written is what counts; a draft that cannot be removed goes at the next start.
      await pack?.discard().catch(() => {});
      if (pack === undefined) this.#remove(written);
      throw error;
    }
  }

  #remove(written: readonly WrittenSegment[]): void {
    for (const file of new Set(written.map(({ entry }) => fileOf(entry)))) this.files.remove(file);
  }
}

/** A segment on disk, and the order that its rows have there. */
interface WrittenSegment {
  readonly entry: SegmentEntry;
  readonly permutation: SortPermutation;
}

/** By the marks between which they were written: what is taken back together may share a file. */
function groupsOf(rows: readonly RowsToStage[], marks: readonly number[]): RowsToStage[][] {
  const groups = new Map<number, RowsToStage[]>();
  for (const row of rows) {
    const range = marks.filter((mark) => mark <= row.stamp).length;
    const group = groups.get(range);
    if (group === undefined) groups.set(range, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** Deletes of rows by their places in the sorted segment, in the order in which they came. */
function addDeletes(vector: DeleteVector, deletes: RowsToStage['deletes'], permutation: SortPermutation): void {
  if (deletes.length === 0) return;
  const places = new Map<number, number>();
  const wanted = new Set(deletes.map(({ row }) => row));
  for (let place = 0; place < permutation.rows.length; place++) {
    if (wanted.has(permutation.rows[place])) places.set(permutation.rows[place], place);
  }
  for (const { row, stamp } of [...deletes].sort((a, b) => a.stamp - b.stamp)) vector.add(places.get(row)!, stamp);
}

function lastTimes({ series }: TableWrites): Float64Array {
  const times = new Float64Array(series.size);
  for (let id = 0; id < times.length; id++) times[id] = series.lastRows.bound(id);
  return times;
}
