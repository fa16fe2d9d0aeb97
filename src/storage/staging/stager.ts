import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SegmentEntry } from '../checkpoint/manifest-content.ts';
import type { CommitOperation } from '../commit/commit-record.ts';
import type { DeleteVector } from '../deletes/delete-vector.ts';
import type { EngineState } from '../engine-state.ts';
import { flushError } from '../flush-error.ts';
import { writeMemtable } from '../flush-memtable.ts';
import { SeriesAllocation } from '../index/series-allocation.ts';
import type { SortPermutation } from '../memtable/sort-permutation.ts';
import { type ObjectTarget, OwnFiles, PackWriter } from '../packs/object-target.ts';
import { fileOf, MIN_PACK_OBJECTS } from '../packs/pack-place.ts';
import type { StorageParts } from '../storage-parts.ts';
import { StoredSegment } from '../stored-segment.ts';
import { mergesVersions, tagDefinitions } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import type { TableWrites, WriteSet } from '../versions/write-set.ts';
import { StagedFiles } from './staged-files.ts';
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
  /** Makes the operations a commit of their own, in the turn of the call. */
  readonly commit: (databaseOid: number, operations: readonly CommitOperation[]) => Promise<void>;
  /** A promise while nothing may be committed. */
  readonly whenCommittable: () => Promise<void> | undefined;
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
  readonly files: StagedFiles;
  readonly #options: StagerOptions;
  readonly #ownFiles: ObjectTarget;

  constructor(options: StagerOptions) {
    this.#options = options;
    this.files = new StagedFiles(options.parts);
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
    const { descriptor } = writes;
    const seriesIds = await this.#seriesIds(writes, databaseOid);
    const rowIds = this.#takeRowIds(writes);
    const ids = {
      seriesIds,
      rowIdOffset: rowIds === undefined ? undefined : rowIds.rowId - rowIds.provisional,
      isPlain: descriptor.timeSeries === undefined,
    };
    const made: StagedSegment[] = [];
    try {
      const rows: RowsToStage[] = [];
      for (const memtable of writes.memtables.values()) {
        rows.push(...(await rowsToStage(writeSet, memtable, { descriptor, ids })));
        // Of many partitions the rows would stand twice in memory.
        if (rows.length >= 64) made.push(...(await this.#write(rows.splice(0), descriptor, databaseOid, writeSet)));
      }
      made.push(...(await this.#write(rows, descriptor, databaseOid, writeSet)));
    } catch (error) {
      this.files.drop(made.map(({ segment }) => segment));
      throw flushError(error as Error);
    }
    made.sort((a, b) => a.stamp - b.stamp);
    writeSet.replaceByStaged(writes, made);
    if (rowIds !== undefined) writes.staged.addRowIds(rowIds);
    writes.staged.noteSeries(seriesIds, lastTimes(writes));
  }

  /** What was staged came to nothing: by a rollback, or since its commit was refused. */
  drop(segments: Iterable<StagedSegment>): void {
    this.files.drop(Array.from(segments, ({ segment }) => segment));
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
    const { series, staged, descriptor } = writes;
    const ids = new Uint32Array(series.size);
    let known = 0;
    for (; known < ids.length && staged.seriesIdOf(known) >= 0; known++) ids[known] = staged.seriesIdOf(known);
    if (series.tagNumbers.length === 0) return ids;
    const store = this.#store(writes.tableOid);
    if (store === undefined) {
      for (let id = known; id < ids.length; id++) ids[id] = id;
      return ids;
    }
    const commits: Promise<void>[] = [];
    for (let from = known; from < ids.length; from += SERIES_PER_COMMIT) {
      for (let busy = this.#options.whenCommittable(); busy !== undefined; busy = this.#options.whenCommittable()) {
        await busy;
      }
      if (this.#store(writes.tableOid) !== store || store.isDropped) {
        throw new SqlError(SqlState.UndefinedTable, `relation "${descriptor.name}" does not exist`);
      }
      const to = Math.min(from + SERIES_PER_COMMIT, ids.length);
      const allocation = new SeriesAllocation(descriptor, store, series, {
        maxSeries: this.#options.state.maxSeriesPerTable,
      });
      for (let id = from; id < to; id++) ids[id] = allocation.idOfSeries(series, id);
      const operation = allocation.operation();
      if (operation !== undefined) commits.push(this.#options.commit(databaseOid, [operation]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(commits);
    return ids;
  }

  /** All rows since the last staging get successive ids of the table. */
  #takeRowIds(writes: TableWrites): { provisional: number; rowCount: number; rowId: number } | undefined {
    if (mergesVersions(writes.descriptor)) return undefined;
    const rowCount = writes.rowCount;
    const store = this.#store(writes.tableOid);
    // They are the last ones that were given out, save those that were taken back since.
    let provisional = Number.POSITIVE_INFINITY;
    let last = 0;
    for (const memtable of writes.memtables.values()) {
      if (memtable.rowCount === 0) continue;
      provisional = Math.min(provisional, memtable.rowIdAt(0));
      last = Math.max(last, memtable.rowIdAt(memtable.rowCount - 1));
    }
    if (rowCount === 0) return undefined;
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
    try {
      for (const group of groupsOf(rows, writeSet.liveMarks())) {
        const entries = await this.#writeGroup(group, descriptor, databaseOid);
        for (const [index, { entry, permutation }] of entries.entries()) {
          const { memtable, stamp, filter, deletes } = group[index]!;
          const segment = await StoredSegment.openNew(this.#options.parts, entry);
          addDeletes(segment.deletes, deletes, permutation);
          made.push({ partition: memtable.partition, segment, stamp, filter });
        }
      }
      return made;
    } catch (error) {
      this.files.drop(made.map(({ segment }) => segment));
      throw error;
    }
  }

  async #writeGroup(group: readonly RowsToStage[], table: TableDescriptor, databaseOid: number) {
    const { state, parts } = this.#options;
    const newNumber = () => state.takeObjectNumber();
    const pack =
      group.length >= MIN_PACK_OBJECTS
        ? await PackWriter.create(parts.segments, `${databaseOid}/packs/${newNumber()}.pack`)
        : undefined;
    const written: { entry: SegmentEntry; permutation: SortPermutation }[] = [];
    try {
      for (const { memtable } of group) {
        const permutation = memtable.permutation(memtable.rowCount);
        await new Promise((resolve) => setImmediate(resolve));
        const newName = () => `${databaseOid}/${table.oid}/${newNumber()}.segment`;
        const entry = await writeMemtable(pack ?? this.#ownFiles, newName, { table, memtable, permutation });
        written.push({ entry, permutation });
      }
      await pack?.publish();
      return written;
    } catch (error) {
      await pack?.discard();
      if (pack === undefined) this.files.remove(written.map(({ entry }) => fileOf(entry)));
      throw error;
    }
  }
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
