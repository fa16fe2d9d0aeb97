import type { Morsel, ScanCounters } from '../../catalog/table.ts';
import type { Column } from '../../columnar/column.ts';
import { buffersOf, type PortableColumn, portableColumn } from '../../columnar/portable-column.ts';
import { SLICE_GROUPS } from '../aggregate/group-slices.ts';
import type { GroupStates } from '../aggregate/group-states.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { OpenScan } from '../operators/open-scan.ts';
import { Aggregation, bucketKey, type FusedAggregate } from '../scan-aggregate/scan-aggregate.ts';
import type { PartialGroups, ShareCounters } from './share-task.ts';

export interface AggregatedMorsels {
  readonly groups: readonly GroupStates[];
  readonly counters: ShareCounters;
}

/**
 * Aggregates the rows of some morsels of a scan by themselves. undefined where that cannot be: there is no memory for the
 * groups, or their buckets cannot be told.
 */
export async function aggregateMorsels(
  node: FusedAggregate,
  open: OpenScan,
  morsels: Iterable<Morsel>,
  context: ExecutionContext,
): Promise<AggregatedMorsels | undefined> {
  const bucket = bucketKey(node, context);
  if (bucket === null) return undefined;
  const before = { ...open.tableScan.counters };
  const aggregation = new Aggregation(node, bucket, open, context);
  try {
    if (!(await aggregation.run(morsels))) return undefined;
    const { groupCount, passedRows, removedRows } = aggregation;
    const groups: GroupStates[] = [];
    for (let from = 0; from < groupCount; from += SLICE_GROUPS) {
      groups.push(aggregation.states(from, Math.min(from + SLICE_GROUPS, groupCount)));
    }
    const scan = difference(open.tableScan.counters, before);
    return { groups, counters: { passedRows, removedRows, scan } };
  } finally {
    await aggregation.close();
  }
}

function difference(after: ScanCounters, before: ScanCounters): ScanCounters {
  return {
    // Counted where the scan was planned.
    seriesScanned: 0,
    unitsRead: after.unitsRead - before.unitsRead,
    unitsSkipped: after.unitsSkipped - before.unitsSkipped,
    soleRows: after.soleRows - before.soleRows,
    mergedRows: after.mergedRows - before.mergedRows,
  };
}

/** The groups as plain data; undefined where some value does not travel. */
export function portableGroups({ rowCount, keys, states }: GroupStates): PartialGroups | undefined {
  const portableKeys = portableColumns(keys, rowCount);
  if (portableKeys === undefined) return undefined;
  const portableStates: (readonly PortableColumn[])[] = [];
  for (const columns of states) {
    const portable = portableColumns(columns, rowCount);
    if (portable === undefined) return undefined;
    portableStates.push(portable);
  }
  return { rowCount, keys: portableKeys, states: portableStates };
}

function portableColumns(columns: readonly Column[], rowCount: number): PortableColumn[] | undefined {
  const portable: PortableColumn[] = [];
  for (const column of columns) {
    const one = portableColumn(column, rowCount);
    if (one === undefined) return undefined;
    portable.push(one);
  }
  return portable;
}

/** What need not be copied on the way. */
export function buffersOfGroups({ keys, states }: PartialGroups): ArrayBuffer[] {
  return [...keys, ...states.flat()].flatMap(buffersOf);
}
