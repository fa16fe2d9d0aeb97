import type { Value } from '../types/value.ts';

/** A share of a table's rows that lies in one object on disk, or in memory still. */
export interface StoredShare {
  /** Absent: in memory. */
  readonly id: number | undefined;
  readonly rowCount: number;
  readonly sizeBytes: number;
  readonly minLsn: number | undefined;
  readonly maxLsn: number | undefined;
}

/** The rows of a table within one interval of time; of a plain table, all of them. */
export interface StoredPartition {
  /** Counted in partitions from 2000-01-01 UTC. */
  readonly number: number;
  readonly segments: readonly StoredShare[];
}

/** How the rows of a table lie. */
export interface TableStorage {
  readonly partitions: readonly StoredPartition[];
  readonly seriesCount: number;
  readonly sizeBytes: number;
}

/** A series by its number, with the value of each tag by the number of its column. */
export interface StoredSeries {
  readonly id: number;
  tag(columnNumber: number): Value;
}

/** How far the log is. */
export interface LogFact {
  readonly nextLsn: number;
  readonly durableLsn: number;
  readonly publishedLsn: number;
  readonly sizeBytes: number;
  readonly failure: string | undefined;
}

/** Segments of one partition that are being merged into one, or were. */
export interface CompactionFact {
  readonly tableOid: number;
  readonly partition: number;
  readonly reason: string;
  readonly state: 'running' | 'finished';
  readonly startMicros: number;
  readonly durationMs: number | undefined;
  readonly inputSegments: number;
  readonly inputRows: number;
  readonly inputBytes: number;
  readonly outputRows: number;
  readonly outputBytes: number;
}

/** What the system's own relations tell of how things are stored. */
export interface StorageFacts {
  table(oid: number): TableStorage;
  series(oid: number): Iterable<StoredSeries>;
  log(): LogFact;
  compactions(): Iterable<CompactionFact>;
}
