/** One merge of one or more groups of segments, as a view may show it. */
export interface CompactionFacts {
  readonly tableOid: number;
  readonly tableName: string;
  readonly partition: number;
  readonly reason: string;
  readonly inputSegments: number;
  readonly inputRows: number;
  readonly inputBytes: number;
  /** What the result has; 0 while the merge runs, and where nothing is left. */
  readonly outputRows: number;
  readonly outputBytes: number;
  /** µs since 2000-01-01 UTC. */
  readonly startMicros: number;
  /** undefined while it runs. */
  readonly durationMs: number | undefined;
}

/** Since the start of the server. */
export interface CompactionCounts {
  readonly merges: number;
  /** Given up since the table was dropped, emptied or changed, or the server was stopped. */
  readonly abandoned: number;
  readonly failures: number;
  readonly inputSegments: number;
  readonly inputRows: number;
  readonly inputBytes: number;
  readonly outputRows: number;
  readonly outputBytes: number;
  readonly durationMs: number;
}

export interface CompactionReport {
  readonly running: CompactionFacts | undefined;
  readonly last: CompactionFacts | undefined;
  readonly counts: CompactionCounts;
  /** Why the last one failed that did, until one succeeds. */
  readonly problem: string | undefined;
}
