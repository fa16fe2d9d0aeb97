/** One column of an index, with its place in the order. */
export interface IndexColumn {
  readonly columnNumber: number;
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
  /** COLLATE as it was written: one of those that order by bytes, as all text is ordered. Only shown. */
  readonly collation?: string;
  /** An operator class other than the default one of the type, which here means the same. Only shown. */
  readonly operatorClass?: string;
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
  /** INCLUDE: numbers of columns that are no part of the key. What is found is read from the table anyway. */
  readonly includedColumns?: readonly number[];
  /** WHERE: rows for which the index is meant. It has all of them, so that what it finds is never too little. */
  readonly predicate?: IndexPredicate;
}

export interface IndexPredicate {
  /** As SQL in PostgreSQL's own form, like that of a CHECK. */
  readonly expression: string;
  readonly columnNumbers: readonly number[];
}
