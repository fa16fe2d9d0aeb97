import { memtablesOf, type TableLayers } from './table-layers.ts';

/** About how many rows a table has: versions of a point and rows that are deleted count too. */
export function estimateRows(layers: TableLayers): number {
  let rowCount = 0;
  for (const partition of layers.partitions) {
    for (const memtable of memtablesOf(partition)) rowCount += memtable.rowCount;
    for (const { entry } of partition.segments) rowCount += entry.rowCount;
  }
  return rowCount;
}
