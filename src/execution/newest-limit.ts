/** How far back a scan that gives rows newest first has to go. The top-n above it says so, more exactly as it goes on. */
export class NewestLimit {
  /** Rows at the same time as the last one of interest are of interest too, since other sort keys decide among them. */
  readonly hasMoreKeys: boolean;
  /** How many rows are wanted. */
  rowCount = Number.POSITIVE_INFINITY;
  /** In the unit of the time column: as many rows as are wanted are known that are not before it. */
  time = Number.NEGATIVE_INFINITY;

  constructor(hasMoreKeys: boolean) {
    this.hasMoreKeys = hasMoreKeys;
  }
}
