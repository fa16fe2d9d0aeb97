import type { Lsn } from '../../catalog/table.ts';
import { PLAIN_PARTITION } from '../table-identity.ts';
import { timeKeyOf } from '../time-key.ts';
import { findPartition, memtablesOf, type TableLayers } from '../versions/table-layers.ts';

/** Above the row ids that the commits up to `lsn` have given to the rows of a plain table which are not deleted for good. */
export function rowIdHorizon(layers: TableLayers | undefined, lsn: Lsn): number {
  const partition = layers === undefined ? undefined : findPartition(layers, PLAIN_PARTITION);
  if (partition === undefined) return 0;
  let horizon = 0;
  for (const memtable of memtablesOf(partition)) {
    const rowCount = memtable.rowCountAt(lsn);
    if (rowCount > 0) horizon = Math.max(horizon, memtable.rowIdAt(rowCount - 1) + 1);
  }
  for (const segment of partition.segments) {
    if (segment.entry.minLsn > lsn || segment.isDamaged) continue;
    const { lastTimes } = segment.reader;
    if (lastTimes.length > 0) horizon = Math.max(horizon, timeKeyOf(lastTimes[0]!).time + 1);
  }
  return horizon;
}
