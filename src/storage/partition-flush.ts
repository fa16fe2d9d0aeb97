import type { Lsn } from '../catalog/table.ts';
import type { FlushRecord } from './checkpoint/checkpoint-writer.ts';
import type { SegmentEntry } from './checkpoint/manifest-content.ts';
import { type DeletesEntry, writeDeletesObject } from './deletes/deletes-object.ts';
import { locateRows } from './deletes/locate-rows.ts';
import type { RowNames } from './deletes/row-names.ts';
import type { EngineState } from './engine-state.ts';
import { writeMemtable } from './flush-memtable.ts';
import type { Memtable } from './memtable/memtable.ts';
import type { ObjectTarget } from './packs/object-target.ts';
import type { StoredObject } from './packs/pack-place.ts';
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
  readonly written: StoredObject[] = [];
  readonly store: TableStore;
  readonly memtable: Memtable | undefined;
  readonly partition: number;
  readonly #parts: StorageParts;
  readonly #state: EngineState;
  readonly #older: readonly StoredSegment[];
  /** Segments of large commits that the manifest does not name yet. */
  readonly #staged: readonly StoredSegment[];
  #entry: SegmentEntry | undefined;
  #deletes: readonly { readonly segment: StoredSegment; readonly entry: DeletesEntry }[] = [];
  #segment: StoredSegment | undefined;
  /** Where the memtable's rows that are deleted stand in the new segment, as far as that is known. */
  readonly #places = new Map<number, number>();

  constructor(
    { state, parts }: { state: EngineState; parts: StorageParts },
    store: TableStore,
    { partition, memtable }: { partition: number; memtable: Memtable | undefined },
  ) {
    this.#parts = parts;
    this.#state = state;
    this.store = store;
    this.partition = partition;
    this.memtable = memtable;
    const found = findPartition(state.layers.table(store.oid)!, partition);
    this.#older = found?.segments ?? [];
    let appliedLsn = Math.min(state.publishedLsn, state.replayPosition);
    for (const other of found === undefined ? [] : memtablesOf(found)) {
      if (other !== memtable && other.rowCount > 0) appliedLsn = Math.min(appliedLsn, other.firstLsn - 1);
    }
    this.appliedLsn = appliedLsn;
    this.emptied = this.#older.filter(({ deletes }) => deletes.deadAt(appliedLsn).clearedRows > 0);
    this.#staged = this.#older.filter(
      (segment) => !segment.isNamed && segment.entry.minLsn <= appliedLsn && !this.emptied.includes(segment),
    );
  }

  /** The new segment, once it is open; undefined when no row is left for one. */
  get segment(): StoredSegment | undefined {
    return this.#segment;
  }

  /** Writes what there is to write. False when there is nothing that the manifest does not have. */
  async write(target: ObjectTarget): Promise<boolean> {
    this.#entry = await this.#writeSegment(target);
    this.#deletes = await this.#writeDeletes(target);
    return (
      this.#entry !== undefined ||
      this.#staged.length > 0 ||
      (this.memtable?.rowCount ?? 0) > 0 ||
      this.store.unflushedDeletes.firstOf(this.partition) <= this.appliedLsn
    );
  }

  /** Opens the new segment, which is durable by now. */
  async openSegment(): Promise<void> {
    if (this.#entry !== undefined) this.#segment = await StoredSegment.openNew(this.#parts, this.#entry);
  }

  async closeSegment(): Promise<void> {
    await this.#segment?.close();
    this.#segment = undefined;
  }

  /** What the manifest is to learn. */
  get record(): FlushRecord {
    return {
      store: this.store,
      memtable: this.memtable,
      flush: {
        partition: this.partition,
        appliedLsn: this.appliedLsn,
        segment: this.#entry,
        staged: this.#staged.map(({ entry }) => entry),
        deletes: this.#deletes.map(({ segment, entry }) => ({ segment: segment.entry.name, deletes: entry })),
        emptied: this.emptied.map((segment) => segment.entry.name),
      },
    };
  }

  /** The manifest has learned it. Returns the objects that it does not name any more. */
  noteRecorded(): StoredObject[] {
    const replaced: StoredObject[] = [];
    for (const segment of this.#staged) segment.isNamed = true;
    for (const { segment, entry } of this.#deletes) {
      if (segment.storedDeletes !== undefined) replaced.push(segment.storedDeletes);
      segment.storedDeletes = entry;
    }
    return replaced;
  }

  /**
   * Brings the deletes that came since into the new segment. A promise while some row has to be looked for, and then it is
   * to be called again; after undefined the segment must take the memtable's place in the same turn.
   */
  mapDeletes(): Promise<void> | undefined {
    const segment = this.#segment;
    if (segment === undefined || this.memtable === undefined || segment.isDamaged) return undefined;
    const { deletes } = this.memtable;
    const missing: number[] = [];
    for (let index = deletes.countAt(this.appliedLsn); index < deletes.count; index++) {
      if (!this.#places.has(deletes.rowAt(index))) missing.push(deletes.rowAt(index));
    }
    if (missing.length > 0) return this.#locate(segment, this.memtable, missing);
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
      rowIds: mergesVersions(this.store.newest) ? undefined : Float64Array.from(rows, (row) => memtable.rowIdAt(row)),
    };
    const places = await locateRows(segment.reader, names);
    for (const [index, row] of rows.entries()) this.#places.set(row, places[index]);
  }

  async #writeSegment(target: ObjectTarget): Promise<SegmentEntry | undefined> {
    const { memtable, store } = this;
    if (memtable === undefined || memtable.rowCount === 0) return undefined;
    const permutation = memtable.livePermutation(memtable.rowCount, this.appliedLsn);
    if (permutation.rows.length === 0) return undefined;
    const newName = () => this.#state.objectNames.newObject(store, 'segment');
    const entry = await writeMemtable(target, newName, {
      table: store.newest,
      memtable,
      permutation,
      encoders: this.#parts.encoders,
    });
    this.written.push(entry);
    return entry;
  }

  async #writeDeletes(target: ObjectTarget) {
    const written: { segment: StoredSegment; entry: DeletesEntry }[] = [];
    for (const segment of this.#older) {
      const isKnown = segment.deletes.countAt(this.appliedLsn) <= (segment.storedDeletes?.rowCount ?? 0);
      if (isKnown || this.emptied.includes(segment)) continue;
      const newName = () => this.#state.objectNames.newObject(this.store, 'deletes');
      const entry = await writeDeletesObject(target, newName, {
        deletes: segment.deletes,
        upTo: this.appliedLsn,
        segmentRows: segment.entry.rowCount,
      });
      this.written.push(entry);
      written.push({ segment, entry });
    }
    return written;
  }
}
