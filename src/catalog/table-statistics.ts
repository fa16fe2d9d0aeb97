/** What ANALYZE has found out about a column. */
export interface ColumnStatistics {
  /** The share of NULLs. */
  readonly nullFraction: number;
  /** About how many different values there are, NULL aside. */
  readonly distinctCount: number;
  /** Of columns that are numbers, instants and dates among them; undefined where there are none. */
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
}

export interface TableStatistics {
  /** How many rows there were. */
  readonly rowCount: number;
  /** By column number. */
  readonly columns: ReadonlyMap<number, ColumnStatistics>;
}
