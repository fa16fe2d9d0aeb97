import type { BatchStream } from '../columnar/batch.ts';
import type { ScanRequest } from './scan-request.ts';
import type { TableDescriptor } from './table-descriptor.ts';

/** A position in the order of commits: 1, 2, 3 …; 0 is before the first. Exact to 2^53. */
export type Lsn = number;

/**
 * A consistent view: everything committed up to `lsn`, overlaid with what the reader's own transaction has written so
 * far. Storage pins what it needs until `release`.
 */
export interface Snapshot {
  readonly lsn: Lsn;
  release(): void;
}

/** How far one scan got and what it spared; EXPLAIN ANALYZE and tests read it. */
export interface ScanCounters {
  seriesScanned: number;
  unitsRead: number;
  unitsSkipped: number;
  soleRows: number;
  mergedRows: number;
}

/** Rows `from` to `to` (exclusive) of one source, sorted by time. */
export interface RunPiece {
  /** Segment id, or -1 - memtable index: meaningful within the snapshot alone. */
  readonly source: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Rows of one series. Sole: one piece whose points stand nowhere else, so that statistics and field predicates hold.
 * Merged: versions of a point may stand in several pieces; the higher LSN wins, field by field.
 */
export interface Run {
  readonly seriesId: number;
  readonly isSole: boolean;
  readonly pieces: readonly RunPiece[];
}

/** A share of a scan: plain data, so that any thread with the same snapshot can read it. */
export interface Morsel {
  readonly partition: number;
  readonly runs: readonly Run[];
}

/** What the reader of a scan needs from whoever runs the statement. */
export interface ScanControl {
  /** Throws when the statement is cancelled; gives the event loop a turn when 5 ms have passed. */
  yieldIfDue(): Promise<void> | undefined;
}

export interface TableScan {
  morsels(): Iterable<Morsel>;
  /** Batches of the request's columns, at most 1,024 rows each, sorted by (series, time) within a run. */
  read(morsel: Morsel, control: ScanControl): BatchStream;
  readonly counters: ScanCounters;
}

/** The one seam between execution and what holds rows: stored tables and system tables implement it. */
export interface Table {
  readonly descriptor: TableDescriptor;
  scan(request: ScanRequest, snapshot: Snapshot): TableScan;
}
