import type { ScanCounters } from '../catalog/table.ts';

/** What EXPLAIN ANALYZE prints of one plan node. Times include those of the inputs, as in PostgreSQL. */
export interface OperatorCounters {
  rows: number;
  batches: number;
  elapsedMs: number;
  scan: ScanCounters | undefined;
}

export function newOperatorCounters(): OperatorCounters {
  return { rows: 0, batches: 0, elapsedMs: 0, scan: undefined };
}

export function noteScan(counters: OperatorCounters, scan: ScanCounters): void {
  counters.scan = { ...scan };
}
