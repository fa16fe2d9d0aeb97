import type { ScanCounters } from '../catalog/table.ts';

/** What EXPLAIN ANALYZE prints of one plan node. Times include those of the inputs, as in PostgreSQL. */
export interface OperatorCounters {
  rows: number;
  batches: number;
  elapsedMs: number;
  /** How much of it had passed when the first rows were there. */
  firstMs: number;
  /** How often the node has run. */
  loops: number;
  /** Rows that a scan has read and its filters have left out. */
  removedRows: number;
  scan: ScanCounters | undefined;
  /** Rows that memory had no room for, as bytes in temporary files. */
  spilledBytes: number;
  /** Threads that could help, and how many of them did; absent: nobody was asked. */
  workersPlanned?: number;
  workersLaunched?: number;
}

export function newOperatorCounters(): OperatorCounters {
  return {
    rows: 0,
    batches: 0,
    elapsedMs: 0,
    firstMs: 0,
    loops: 0,
    removedRows: 0,
    scan: undefined,
    spilledBytes: 0,
  };
}

/** Adds what one more run of a scan has done. */
export function noteScan(counters: OperatorCounters, scan: ScanCounters): void {
  const before = counters.scan;
  if (before === undefined) {
    counters.scan = { ...scan };
    return;
  }
  before.seriesScanned += scan.seriesScanned;
  before.unitsRead += scan.unitsRead;
  before.unitsSkipped += scan.unitsSkipped;
  before.soleRows += scan.soleRows;
  before.mergedRows += scan.mergedRows;
}
