import type { Column } from '../columnar/column.ts';
import { SqlError } from '../errors/sql-error.ts';
import type { SqlState } from '../errors/sql-state.ts';

/** Field types of InfluxDB line protocol, which decide the column's type when the field is new: */
export type IngestFieldType =
  | 'float' //    double precision
  | 'integer' //  bigint
  | 'unsigned' // numeric
  | 'boolean' //  boolean
  | 'string'; //  text

/**
 * Partial rows for one time-series table, as line protocol brings them: what is NULL was not written and leaves an
 * earlier value of the point alone. The table, its tags and its fields are created on first sight.
 */
export interface IngestBatch {
  readonly tableName: string;
  readonly rowCount: number;
  readonly tagNames: readonly string[];
  /** The distinct tag sets of the batch, each in the order of `tagNames`; null = the tag is missing. */
  readonly series: readonly (readonly (string | null)[])[];
  /** Per row, an index into `series`. */
  readonly seriesOfRow: Uint32Array;
  /** µs since 2000-01-01 UTC, floored. */
  readonly times: Float64Array;
  /** Per row the 0 … 999 ns past `times`; undefined when all are 0. */
  readonly remainders: Uint16Array | undefined;
  readonly fields: readonly IngestField[];
}

export interface IngestField {
  readonly name: string;
  readonly type: IngestFieldType;
  /** float and integer: number or wide; unsigned: value (Numeric); boolean: boolean; string: dictionary, bytes or value. */
  readonly column: Column;
  /** The first row that brought the field, to name the line when its type does not fit. */
  readonly firstRow: number;
}

/** A batch that does not fit its table. Nothing of the request was stored. */
export class IngestError extends SqlError {
  readonly tableName: string;
  /** The offending row of that table's batch. */
  readonly row: number;

  constructor(code: SqlState, message: string, tableName: string, row: number) {
    super(code, message);
    this.name = 'IngestError';
    this.tableName = tableName;
    this.row = row;
  }
}
