import type { Memtable } from '../memtable/memtable.ts';
import type { StoredSegment } from '../stored-segment.ts';
import type { TableStore } from '../table-store.ts';

/** Where the rows of one partition of a table are. A point's newest version stands in the newest layer that has it. */
export interface PartitionLayers {
  readonly partition: number;
  /** Takes new commits. */
  readonly active: Memtable | undefined;
  /** Wait to be flushed; oldest first. */
  readonly frozen: readonly Memtable[];
  /** Oldest first. */
  readonly segments: readonly StoredSegment[];
}

/** A table and its partitions in ascending order. Immutable: a snapshot keeps the one it was taken with. */
export interface TableLayers {
  readonly store: TableStore;
  readonly partitions: readonly PartitionLayers[];
}

/** `partition` is the number of the partition, not its place. */
export function findPartition(layers: TableLayers, partition: number): PartitionLayers | undefined {
  const found = layers.partitions[lowerBound(layers.partitions, partition)];
  return found?.partition === partition ? found : undefined;
}

/** `layers` with one partition added or replaced. */
export function withPartition(layers: TableLayers, changed: PartitionLayers): TableLayers {
  const index = lowerBound(layers.partitions, changed.partition);
  const partitions = layers.partitions.slice();
  partitions.splice(index, partitions[index]?.partition === changed.partition ? 1 : 0, changed);
  return { store: layers.store, partitions };
}

/** The memtables of a partition, oldest first. */
export function memtablesOf({ active, frozen }: PartitionLayers): readonly Memtable[] {
  return active === undefined ? frozen : [...frozen, active];
}

/** The first partition that is not before `partition`. */
export function lowerBound(partitions: readonly PartitionLayers[], partition: number): number {
  let low = 0;
  let high = partitions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (partitions[middle]!.partition < partition) low = middle + 1;
    else high = middle;
  }
  return low;
}
