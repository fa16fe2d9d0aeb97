/** A value that is none of its column's type. */
export interface CellFailure {
  readonly row: number;
  /** Among the columns that are read. */
  readonly column: number;
  readonly error: unknown;
}

/**
 * The values of a block of rows that could not be read. Columns are read one after another: of several failures the one of
 * the earliest row counts, and in it that of the first column, as if rows were read one by one.
 */
export class CellFailures {
  readonly #isStopping: boolean;
  /** Rows before this one are to be read; it is not known to be worth reading. */
  rowLimit: number;
  #first: CellFailure | undefined;
  /** With `ignore`: of each row that is left out the first column that failed. */
  readonly #ignored = new Map<number, CellFailure>();

  constructor(rowCount: number, onError: 'stop' | 'ignore') {
    this.rowLimit = rowCount;
    this.#isStopping = onError === 'stop';
  }

  /** The failure that ends it all. */
  get first(): CellFailure | undefined {
    return this.#first;
  }

  /** The rows to leave out, ascending. */
  ignored(): CellFailure[] {
    return [...this.#ignored.values()].sort((left, right) => left.row - right.row);
  }

  /** Tells whether the column is to be read on. */
  note(failure: CellFailure): boolean {
    if (!this.#isStopping) {
      if (!this.#ignored.has(failure.row)) this.#ignored.set(failure.row, failure);
      return true;
    }
    this.#first = failure;
    this.rowLimit = failure.row;
    return false;
  }
}
