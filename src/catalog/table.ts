import type { Batch, BatchStream } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import type { UnitStatistics } from '../columnar/unit-statistics.ts';
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

/** Rows `from` to `to` (exclusive) of one source, sorted by time; deleted ones among them are left out as they are read. */
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

/**
 * Neighbouring rows of a scan, at most some thousand, whose columns are read only when they are asked for. Columns are
 * named by their places in the request. Valid until the next span is asked for.
 */
export interface ScanSpan {
  readonly rowCount: number;
  /**
   * 1 = the row is there, 0 = it is deleted, or another layer has it; undefined: all are there. The others stand among the
   * rows in all that follows.
   */
  readonly live: Uint8Array | undefined;
  /** How many are there; one at least. */
  readonly liveCount: number;
  /** Series i has the rows up to `seriesEnds[i]`, sorted by time. */
  readonly seriesIds: readonly number[];
  readonly seriesEnds: readonly number[];
  /** Makes columns ready for `column`; a promise when something is not in memory. */
  load(columns: readonly number[]): Promise<void> | undefined;
  column(column: number): Column;
  /** Of just these rows, as far as they are known without reading the column. */
  statistics(column: number): UnitStatistics | undefined;
  /** Of these rows and perhaps some more: bounds hold, counts and sums do not. */
  bounds(column: number): UnitStatistics | undefined;
  /** No row's time is before or after these, in µs since 2000; rounded down by up to 2048 µs beyond ±2^53. */
  readonly firstTime: number;
  readonly lastTime: number;
  /**
   * Only of whole runs: nothing but statistics is known of them. After a call the same rows come once more, in spans that
   * have columns.
   */
  split?(): void;
}

export interface SpanOptions {
  /** Who reads can do with the statistics of whole runs, where they are known. */
  readonly hasWholeRuns?: boolean;
}

/** Spans one behind the other, without a promise where everything is in memory. */
export interface SpanReader {
  /** undefined after the last one. */
  next(): ScanSpan | undefined | Promise<ScanSpan | undefined>;
  /** Lets go of what the last span lies in. */
  close(): void;
}

/**
 * A part of a scan that another thread can read as well: its rows lie in segments. The same scan over the same segments is
 * always cut in the same way, whatever else goes on.
 */
export interface ScanShare {
  readonly rowCount: number;
  /** Its rows, for this thread. */
  readonly morsels: readonly Morsel[];
  /** The same as plain data, from which storage makes a table in another thread; undefined where that cannot be. */
  portable(): unknown;
}

/** What is known of the rows of a morsel before they are read. */
export interface MorselExtent {
  readonly rowCount: number;
  /** How much time a unit of its runs spans, about, in µs. */
  readonly unitMicros: number;
  /** Other threads can read it. */
  readonly isShareable: boolean;
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
  /**
   * All its rows in one go, of a scan of few that an index names. Undefined where they are many or not in memory, and always
   * for others: then they are to be read by another scan.
   */
  rowsNow?(): readonly Batch[] | undefined;
  /** The same rows as spans, of scans that are neither in order nor of last rows. */
  spans?(morsel: Morsel, control: ScanControl, options?: SpanOptions): SpanReader;
  /** A row per series: the request's columns that are tags hold its values, others mean nothing. */
  seriesColumns?(seriesIds: readonly number[]): readonly (Column | undefined)[];
  /** Of morsels with runs. */
  extentOf?(morsel: Morsel): MorselExtent;
  /** Cuts shareable morsels into pieces of at most about so many rows. */
  cut?(morsel: Morsel, maxRows: number): readonly Morsel[];
  /** These morsels, all of them shareable, as one share. */
  shareOf?(morsels: readonly Morsel[]): ScanShare;
  readonly counters: ScanCounters;
}

/** The one seam between execution and what holds rows: stored tables and system tables implement it. */
export interface Table {
  readonly descriptor: TableDescriptor;
  scan(request: ScanRequest, snapshot: Snapshot): TableScan;
}
