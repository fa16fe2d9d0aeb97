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
  /** For how many tag values and series the predicates over tags were evaluated. */
  tagTests?: number;
  /** Rows that an index has named, seen by the reader or not. */
  indexRows?: number;
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
  /** Instead of runs: series whose last row has to be looked for, in this partition and then in older ones. */
  readonly lastOf?: readonly number[];
  /** Instead of runs: rows of a plain table, by their ids; ascending. */
  readonly rowIds?: Float64Array;
  /** Of the rows of its runs only those with `from` ≤ time < `to`, in µs since 2000. */
  readonly from?: number;
  readonly to?: number;
}

/** What the reader of a scan needs from whoever runs the statement. */
export interface ScanControl {
  /** Throws when the statement is cancelled; gives the event loop a turn when 5 ms have passed. */
  yieldIfDue(): Promise<void> | undefined;
}

export interface TableScan {
  /** Decides which series pass and gives others a turn meanwhile; otherwise `morsels` does so in one go. */
  prepare?(control: ScanControl): Promise<void>;
  /** Of a scan in order: only the newest `rowCount` rows are needed, whichever of those at one time. After `prepare`. */
  needNewest?(rowCount: number): void;
  /** Rows before `time` (µs since 2000) are not needed any more; nor those at it unless `isInclusive`. */
  skipBefore?(time: number, options: { readonly isInclusive: boolean }): void;
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
