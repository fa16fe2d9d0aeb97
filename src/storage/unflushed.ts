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
export function unflushedFrom(state: EngineState, flushed: Flushed | undefined): Lsn {
  let first = Number.POSITIVE_INFINITY;
  for (const { store, partitions } of state.layers.tables()) {
    first = Math.min(first, store.unflushedDeletes.first(store === flushed?.store ? flushed : undefined));
    for (const partition of partitions) {
      for (const memtable of memtablesOf(partition)) {
        if (memtable !== flushed?.memtable && memtable.rowCount > 0) first = Math.min(first, memtable.firstLsn);
      }
    }
  }
  return first;
}
