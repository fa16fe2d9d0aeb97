import type { Lsn } from '../catalog/table.ts';
import type { EngineState } from './engine-state.ts';
import type { Memtable } from './memtable/memtable.ts';
import { memtablesOf } from './versions/table-layers.ts';

/** The first commit with rows that stand in memory alone, leaving one memtable out; Infinity when there is none. */
export function unflushedFrom(state: EngineState, except: Memtable | undefined): Lsn {
  let first = Number.POSITIVE_INFINITY;
  for (const { partitions } of state.layers.tables()) {
    for (const partition of partitions) {
      for (const memtable of memtablesOf(partition)) {
        if (memtable !== except && memtable.rowCount > 0) first = Math.min(first, memtable.firstLsn);
      }
    }
  }
  return first;
}
