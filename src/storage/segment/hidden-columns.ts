/**
 * Numbers of columns that stand in segments and that no table declares: below those of PostgreSQL's system columns, so that none is
 * ever taken for one.
 */

/** float64: nanoseconds past the microsecond, 0 to 999. */
export const REMAINDER = -101;

/** boolean: the row was written whole, so its NULLs are values. */
export const FULL_ROW = -102;

/** int64: the row id of keyless tables; what plain tables are sorted by. */
export const ROW_ID = -103;

/**
 * int32, as its bits: the number of the transaction that has written the row, in plain tables. No column that a table declares
 * has this number.
 */
export const WRITER = 0;

/** int64: the table-wide id of the row's series. Never stored; it follows from where the row stands. */
export const SERIES_ID = -104;
