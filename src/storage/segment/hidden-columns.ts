/**
 * Numbers of columns that stand in segments and in no table: below those of PostgreSQL's system columns, so that none is
 * ever taken for one.
 */

/** float64: nanoseconds past the microsecond, 0 to 999. */
export const REMAINDER = -101;

/** boolean: the row was written whole, so its NULLs are values. */
export const FULL_ROW = -102;

/** int64: the row id of keyless tables; what plain tables are sorted by. */
export const ROW_ID = -103;
