import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { storedType } from '../../types/stored-type.ts';
import type { ReplayFilter } from '../apply-commit.ts';
import type { EngineState } from '../engine-state.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { StoredSegment } from '../stored-segment.ts';
import type { TableStore } from '../table-store.ts';
import { timeKeyOf } from '../time-key.ts';
import { findPartition, type PartitionLayers, withPartition } from '../versions/table-layers.ts';
import type { StagedEntry, StagedRows } from './staged-record.ts';

/** The open segments that a commit record names, as segments of the table with the commit's LSN. */
export type StagedSegments = ReadonlyMap<StagedEntry, (lsn: Lsn) => StoredSegment>;

/** Rows in memory that are older than segments of a commit: later rows must not join them. */
export interface FrozenMemtable {
  readonly store: TableStore;
  readonly memtable: Memtable;
}

/**
 * The staged segments of one commit in the layers of their partitions, in the order of LSNs:
 *
 *   segments  … 7–9 | 12 |        memtables  10–11 (frozen) | 13 … (active, new)
 *
 * The active memtable of a partition holds older rows than the commit. It is frozen, so that its rows do not mix with those
 * of later commits.
 */
export class AppliedStaging {
  /** To be flushed, whether the commit is published or not. */
  readonly frozen: FrozenMemtable[] = [];
  /** To be brought into the manifest. */
  readonly partitions: { readonly store: TableStore; readonly partition: number }[] = [];
  readonly #state: EngineState;
  readonly #lsn: Lsn;
  readonly #segments: StagedSegments | undefined;
  readonly #added: { readonly store: TableStore; readonly partition: number; readonly segment: StoredSegment }[] = [];

  constructor(state: EngineState, lsn: Lsn, segments: StagedSegments | undefined) {
    this.#state = state;
    this.#lsn = lsn;
    this.#segments = segments;
  }

  /** Returns the segments that the table has got. */
  apply(store: TableStore, operation: StagedRows, filter: ReplayFilter | undefined): readonly StoredSegment[] {
    const added: StoredSegment[] = [];
    store.nextRowId = Math.max(store.nextRowId, operation.nextRowId);
    for (const entry of operation.segments) {
      if (filter?.hasRows(this.#lsn, store.oid, entry.partition) === true) continue;
      const open = this.#segments?.get(entry);
      invariant(open !== undefined, 'staged segments are opened before they are applied');
      const segment = open(this.#lsn);
      this.#add(store, entry.partition, segment);
      added.push(segment);
      noteLastRows(store, segment, this.#lsn);
    }
    store.lastAppendLsn = this.#lsn;
    // Readers of keys look for rows in segments that they have not seen.
    store.flushCount++;
    return added;
  }

  /** Rows of a new version of a table do not join rows in memory whose columns are of other types. */
  freezeChanged(store: TableStore, table: TableDescriptor): void {
    const { layers } = this.#state;
    for (const { partition } of layers.table(store.oid)?.partitions ?? []) {
      const current = layers.table(store.oid)!;
      const found = findPartition(current, partition)!;
      const { active, frozen } = found;
      if (active === undefined || !hasOtherTypes(active, table)) continue;
      this.frozen.push({ store, memtable: active });
      layers.set(withPartition(current, { ...found, active: undefined, frozen: [...frozen, active] }));
    }
  }

  publish(): void {
    for (const { segment } of this.#added) {
      this.#state.packs.add(segment.entry);
      if (segment.entry.deletes !== undefined) this.#state.packs.add(segment.entry.deletes);
    }
  }

  /** The segments stay open, and are the transaction's again. */
  revert(): void {
    for (const { store, partition, segment } of this.#added.reverse()) {
      forgetLastRows(store, segment);
      const table = this.#state.layers.table(store.oid);
      const found = table === undefined ? undefined : findPartition(table, partition);
      if (table === undefined || found === undefined) continue;
      const segments = found.segments.filter((other) => other !== segment);
      this.#state.layers.set(withPartition(table, { ...found, segments }));
    }
    this.#added.length = 0;
    this.partitions.length = 0;
  }

  #add(store: TableStore, partition: number, segment: StoredSegment): void {
    const { layers } = this.#state;
    const table = layers.table(store.oid)!;
    const found: PartitionLayers = findPartition(table, partition) ?? {
      partition,
      active: undefined,
      frozen: [],
      segments: [],
    };
    const { active, frozen, segments } = found;
    // Nothing is in memory that is newer, as commits are applied in order.
    const isFrozen = active !== undefined && active.rowCount > 0;
    if (isFrozen) this.frozen.push({ store, memtable: active });
    layers.set(
      withPartition(table, {
        partition,
        active: isFrozen ? undefined : active,
        frozen: isFrozen ? [...frozen, active] : frozen,
        segments: [...segments, segment],
      }),
    );
    this.#added.push({ store, partition, segment });
    if (!this.partitions.some((known) => known.store === store && known.partition === partition)) {
      this.partitions.push({ store, partition });
    }
  }
}

function hasOtherTypes(memtable: Memtable, { columns }: TableDescriptor): boolean {
  return columns.some(({ number, type }) => {
    const known = memtable.column(number);
    return known !== undefined && known.type.oid !== storedType(type.definition).oid;
  });
}

/** Bounds for key checks, and what is known of the last row of a series. */
function noteLastRows(store: TableStore, segment: StoredSegment, lsn: Lsn): void {
  if (store.newest.timeSeries === undefined) return;
  const { lastRows } = store.series;
  if (segment.isDamaged) {
    for (let id = 0; id < store.series.size; id++) lastRows.raiseBound(id, Number.POSITIVE_INFINITY);
    return;
  }
  const { seriesIds, lastTimes } = segment.reader;
  for (let index = 0; index < seriesIds.length; index++) {
    const { time } = timeKeyOf(lastTimes[index]!);
    if (segment.deletes.isEmpty) lastRows.note(seriesIds[index], time, lsn);
    else lastRows.raiseBound(seriesIds[index], time);
  }
}

function forgetLastRows({ newest, series }: TableStore, segment: StoredSegment): void {
  if (newest.timeSeries === undefined || segment.isDamaged) return;
  const { seriesIds, lastTimes } = segment.reader;
  const times = Float64Array.from(lastTimes as ArrayLike<number>, (time) => timeKeyOf(time).time);
  series.lastRows.forgetRows({ seriesIds, times, rowCount: seriesIds.length });
}
