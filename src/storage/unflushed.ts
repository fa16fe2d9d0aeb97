import type { Lsn } from '../catalog/table.ts';
import type { EngineState } from './engine-state.ts';
import type { Memtable } from './memtable/memtable.ts';
import type { TableStore } from './table-store.ts';
import { memtablesOf } from './versions/table-layers.ts';

/** What an edit is about to bring into the manifest: a memtable, and a partition's deletes up to an LSN. */
export interface Flushed {
  readonly store: TableStore;
  readonly memtable: Memtable | undefined;
  readonly partition: number;
  readonly appliedLsn: Lsn;
}

/** The first commit with rows or deletes that stand in memory alone, apart from those `flushed`; Infinity without any. */
export function unflushedFrom(state: EngineState, flushed: readonly Flushed[]): Lsn {
  const flushedMemtables = new Set<Memtable | undefined>();
  const appliedLsns = new Map<TableStore, Map<number, Lsn>>();
  for (const { store, memtable, partition, appliedLsn } of flushed) {
    flushedMemtables.add(memtable);
    const ofStore = appliedLsns.get(store);
    if (ofStore === undefined) appliedLsns.set(store, new Map([[partition, appliedLsn]]));
    else ofStore.set(partition, appliedLsn);
  }
  let first = Number.POSITIVE_INFINITY;
  for (const { store, partitions } of state.layers.tables()) {
    // What is not in the log needs none of it.
    if (store.newest.persistence !== 'permanent') continue;
    first = Math.min(first, store.unflushedDeletes.first(appliedLsns.get(store)));
    for (const partition of partitions) {
      const appliedLsn = appliedLsns.get(store)?.get(partition.partition) ?? 0;
      for (const { isNamed, entry } of partition.segments) {
        if (!isNamed && entry.minLsn > appliedLsn) first = Math.min(first, entry.minLsn);
      }
      for (const memtable of memtablesOf(partition)) {
        if (memtable.rowCount > 0 && !flushedMemtables.has(memtable)) first = Math.min(first, memtable.firstLsn);
      }
    }
  }
  return first;
}
