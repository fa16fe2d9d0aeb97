import type { Run, ScanControl } from '../../catalog/table.ts';
import type { BatchReader } from './batch-reader.ts';
import type { ScanSource } from './run-directory.ts';
import type { ScanParts } from './table-scan.ts';

/** What a scan has to read from, as one snapshot sees it. */
export interface ScanLayers {
  /** Those that the time range touches; ascending. */
  readonly partitions: readonly number[];
  readonly partitionMicros: number;
  /** The layers of a partition that have rows, newest first. */
  sourcesOf(partition: number): readonly ScanSource[];
  /** How many of them, from the first on, the reader's own transaction has written. */
  ownSourceCount(partition: number): number;
  /** The table's series have ids below this. */
  readonly seriesCount: number;
  /** `TimeKeys.times` that no row of a series of the table is beyond; own rows apart. */
  boundOf(seriesId: number): number;
  /** Opens a reader of runs of one kind, with other bounds or outputs than the scan's. */
  open(parts: ScanParts, sources: readonly ScanSource[], runs: readonly Run[], control: ScanControl): BatchReader;
}
