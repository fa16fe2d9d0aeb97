/** One row of pg_stat_statements: what a role has run in a database, by the statement without its constants. */
export interface StatementStatistic {
  readonly roleOid: number;
  readonly databaseOid: number;
  readonly queryId: bigint;
  readonly text: string;
  readonly calls: number;
  readonly rows: number;
  readonly totalMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Of the population. */
  readonly deviationMs: number;
}
