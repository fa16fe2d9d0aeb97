import type { Lsn } from '../catalog/table.ts';
import type { CheckpointWriter } from './checkpoint/checkpoint-writer.ts';
import type { FlushEdit, SegmentEntry } from './checkpoint/manifest-content.ts';
import { writeDeletesObject } from './deletes/deletes-object.ts';
import { locateRows } from './deletes/locate-rows.ts';
import type { RowNames } from './deletes/row-names.ts';
import type { EngineState } from './engine-state.ts';
import { writeMemtable } from './flush-memtable.ts';
import type { Memtable } from './memtable/memtable.ts';
import type { StorageParts } from './storage-parts.ts';
import { StoredSegment } from './stored-segment.ts';
import { mergesVersions } from './table-identity.ts';
import type { TableStore } from './table-store.ts';
import { findPartition, memtablesOf } from './versions/table-layers.ts';

/**
 * One step of a partition from memory to disk: a memtable becomes a segment without the rows that are deleted, and what is
 * deleted of older segments is written beside them. All of it up to one LSN, which the manifest then calls applied.
 *
 *   deletes up to appliedLsn:  left out of the new segment, written for the older ones
 *   those that came later:     stand in memory, by the rows of the memtable and, once it is there, of the new segment
 */
export class PartitionFlush {
  /** Every row and delete up to here will be on disk. */
  readonly appliedLsn: Lsn;
  /** Older segments of which no row is left. */
  readonly emptied: readonly StoredSegment[];
  /** Objects that were made. */
  readonly written: string[] = [];
  /** Objects that the manifest does not name any more. */
  readonly replaced: string[] = [];
  readonly #parts: StorageParts;
  readonly #checkpoints: CheckpointWriter;
  readonly #store: TableStore;
  readonly #partition: number;
  readonly #memtable: Memtable | undefined;
  readonly #older: readonly StoredSegment[];
  #segment: StoredSegment | undefined;
  /** Where the memtable's rows that are deleted stand in the new segment, as far as that is known. */
  readonly #places = new Map<number, number>();

  constructor(
    { state, parts, checkpoints }: { state: EngineState; parts: StorageParts; checkpoints: CheckpointWriter },
    store: TableStore,
    { partition, memtable }: { partition: number; memtable: Memtable | undefined },
  ) {
    this.#parts = parts;
    this.#checkpoints = checkpoints;
    this.#store = store;
    this.#partition = partition;
    this.#memtable = memtable;
    const found = findPartition(state.layers.table(store.oid)!, partition);
    this.#older = found?.segments ?? [];
    let appliedLsn = Math.min(state.publishedLsn, state.replayPosition);
    for (const other of found === undefined ? [] : memtablesOf(found)) {
      if (other !== memtable && other.rowCount > 0) appliedLsn = Math.min(appliedLsn, other.firstLsn - 1);
    }
    this.appliedLsn = appliedLsn;
    this.emptied = this.#older.filter(({ deletes }) => deletes.deadAt(appliedLsn).clearedRows > 0);
  }

  /** Writes what there is to write, and the manifest; returns the new segment, if some row is left. */
  async write(): Promise<StoredSegment | undefined> {
    const segmentEntry = await this.#writeSegment();
    const deletes = await this.#writeDeletes();
    const hasNews =
      segmentEntry !== undefined ||
      (this.#memtable?.rowCount ?? 0) > 0 ||
      this.#store.unflushedDeletes.firstOf(this.#partition) <= this.appliedLsn;
    if (!hasNews) return undefined;
    if (segmentEntry !== undefined) this.#segment = await StoredSegment.openNew(this.#parts, segmentEntry);
    const edit: Omit<FlushEdit, 'tableOid' | 'nextRowId'> = {
      partition: this.#partition,
      appliedLsn: this.appliedLsn,
      segment: segmentEntry,
      deletes: deletes.map(({ segment, entry }) => ({ segment: segment.entry.name, deletes: entry })),
      emptied: this.emptied.map((segment) => segment.entry.name),
    };
    try {
      await this.#checkpoints.recordFlush(this.#store, edit, this.#memtable);
    } catch (error) {
      await this.#segment?.close();
      throw error;
    }
    for (const { segment, entry } of deletes) {
      if (segment.storedDeletes !== undefined) this.replaced.push(segment.storedDeletes.name);
      segment.storedDeletes = entry;
    }
    return this.#segment;
  }

  /**
   * Brings the deletes that came since into the new segment. A promise while some row has to be looked for, and then it is
   * to be called again; after undefined the segment must take the memtable's place in the same turn.
   */
  mapDeletes(): Promise<void> | undefined {
    const segment = this.#segment;
    if (segment === undefined || this.#memtable === undefined || segment.isDamaged) return undefined;
    const { deletes } = this.#memtable;
    const missing: number[] = [];
    for (let index = deletes.countAt(this.appliedLsn); index < deletes.count; index++) {
      if (!this.#places.has(deletes.rowAt(index))) missing.push(deletes.rowAt(index));
    }
    if (missing.length > 0) return this.#locate(segment, this.#memtable, missing);
    const clears = deletes.clearsAfter(this.appliedLsn);
    for (let index = deletes.countAt(this.appliedLsn); index < deletes.count; index++) {
      const place = this.#places.get(deletes.rowAt(index))!;
      if (place >= 0) segment.deletes.add(place, deletes.stampAt(index));
    }
    for (const { stamp } of clears) segment.deletes.clear(segment.entry.rowCount, stamp);
    return undefined;
  }

  async #locate(segment: StoredSegment, memtable: Memtable, rows: readonly number[]): Promise<void> {
    const names: RowNames = {
      rowCount: rows.length,
      seriesIds: Uint32Array.from(rows, (row) => memtable.seriesAt(row)),
      times: Float64Array.from(rows, (row) => memtable.timeAt(row)),
      fractions: Uint32Array.from(rows, (row) => memtable.fractionAt(row)),
      rowIds: mergesVersions(this.#store.newest) ? undefined : Float64Array.from(rows, (row) => memtable.rowIdAt(row)),
    };
    const places = await locateRows(segment.reader, names);
    for (const [index, row] of rows.entries()) this.#places.set(row, places[index]);
  }

  async #writeSegment(): Promise<SegmentEntry | undefined> {
    const memtable = this.#memtable;
    if (memtable === undefined || memtable.rowCount === 0) return undefined;
    const permutation = memtable.livePermutation(memtable.rowCount, this.appliedLsn);
    if (permutation.rows.length === 0) return undefined;
    const name = this.#checkpoints.newObjectName(this.#store, 'segment');
    const entry = await writeMemtable(this.#parts.segments, {
      name,
      table: this.#store.newest,
      memtable,
      permutation,
    });
    this.written.push(name);
    return entry;
  }

  async #writeDeletes() {
    const written: { segment: StoredSegment; entry: NonNullable<StoredSegment['storedDeletes']> }[] = [];
    for (const segment of this.#older) {
      const isKnown = segment.deletes.countAt(this.appliedLsn) <= (segment.storedDeletes?.rowCount ?? 0);
      if (isKnown || this.emptied.includes(segment)) continue;
      const name = this.#checkpoints.newObjectName(this.#store, 'deletes');
      const entry = await writeDeletesObject(this.#parts.segments, {
        name,
        deletes: segment.deletes,
        upTo: this.appliedLsn,
        segmentRows: segment.entry.rowCount,
      });
      this.written.push(name);
      written.push({ segment, entry });
    }
    return written;
  }
}
