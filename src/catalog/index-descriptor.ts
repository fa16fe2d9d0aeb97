/** One column of an index, with its place in the order. */
export interface IndexColumn {
  readonly columnNumber: number;
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
}

/**
 * An index of a table: a relation of its own in the table's schema, whose name it must not share. On a time-series table
 * it says what the order of its rows and its series index answer anyway.
 */
export interface IndexDescriptor {
  readonly oid: number;
  readonly name: string;
  readonly method: 'btree' | 'hash';
  readonly columns: readonly IndexColumn[];
  readonly isUnique: boolean;
  /** Two NULLs are one key. */
  readonly nullsNotDistinct: boolean;
}
