import type { SqlType } from '../types/type-definition.ts';
import type { StoredView } from './catalog-object.ts';
import type { ConstraintDescriptor } from './constraint-descriptor.ts';
import type { IndexDescriptor } from './index-descriptor.ts';

/** What a column is to its table. Fields of plain tables are just columns. */
export type ColumnRole = 'time' | 'tag' | 'field';

export interface ColumnDescriptor {
  /** pg_attribute.attnum: from 1, never reused within a table; negative for hidden system columns. */
  readonly number: number;
  readonly name: string;
  readonly type: SqlType;
  readonly isNotNull: boolean;
  readonly role: ColumnRole;
  /** Not part of `SELECT *`; found by name only (`time_ns`, `tableoid`). */
  readonly isHidden?: boolean;
  /** DEFAULT, as SQL in PostgreSQL's own form (pg_get_expr's); bound anew where it is needed. */
  readonly default?: string;
  /** GENERATED … AS IDENTITY; its sequence is the one whose owner is this column. */
  readonly identity?: 'always' | 'by default';
  /** GENERATED ALWAYS AS (…) STORED, over the other columns, as SQL like `default`. */
  readonly generated?: string;
  /** COLLATE, where it is not `default`: C, POSIX or ucs_basic, all of which order by bytes as the default does. */
  readonly collation?: string;
  /**
   * What rows that were stored before ADD COLUMN … DEFAULT have here, in the text form of the type as which values are
   * stored (`storedType`) under `neutralContext`; absent: NULL (PostgreSQL's attmissingval).
   */
  readonly missing?: string;
  /** The `schemaVersion` that brought `missing`: rows that were stored under an earlier one have it. */
  readonly missingBefore?: number;
}

/** The key of a time-series table, over its tags and its time column. Plain tables have constraints instead. */
export interface UniqueKey {
  readonly name: string;
  readonly constraintOid: number;
  readonly indexOid: number;
  readonly isPrimary: boolean;
  readonly columnNumbers: readonly number[];
  /** NULLS NOT DISTINCT: what line protocol creates, where a missing tag is NULL and still identifies. */
  readonly nullsNotDistinct: boolean;
}

/** `strict`: the line is refused. `widen`: the column becomes double precision. */
export type FieldConflict = 'strict' | 'widen';

/** What makes a table a time-series table. */
export interface TimeSeriesSettings {
  readonly timeColumnNumber: number;
  /** In the order in which they were declared or first seen. */
  readonly tagColumnNumbers: readonly number[];
  readonly partitionMicros: number;
}

/**
 * One version of one table's definition: immutable; a schema change makes a new object with `schemaVersion` + 1.
 * Pure data (types by OID on disk), no behaviour.
 */
export interface TableDescriptor {
  readonly oid: number;
  readonly schemaOid: number;
  readonly schemaName: string;
  readonly name: string;
  readonly ownerOid: number;
  readonly kind: 'table' | 'system-table';
  readonly columns: readonly ColumnDescriptor[];
  readonly timeSeries: TimeSeriesSettings | undefined;
  /** The identity of a time-series table's points; undefined for plain tables and where rows have no key. */
  readonly uniqueKey: UniqueKey | undefined;
  /** Of plain tables: those that are kept; of time-series tables: declared ones (see IndexDescriptor). */
  readonly indexes: readonly IndexDescriptor[];
  /** All but `uniqueKey` and NOT NULL. */
  readonly constraints: readonly ConstraintDescriptor[];
  /** The number that the next column gets: numbers of dropped ones are not used again. */
  readonly nextColumnNumber: number;
  /** Made by a line-protocol write rather than by CREATE TABLE. */
  readonly isFromLineProtocol: boolean;
  /**
   * Rows of an unlogged table are not in the log: after a crash it is empty, after an orderly end it is as it was. Nor are
   * those of a temporary table, which is gone with its session, or when the server starts.
   */
  readonly persistence: 'permanent' | 'unlogged' | 'temporary';
  /** What the end of a transaction does to a temporary table: its rows go, or itself; absent: nothing. */
  readonly onCommit?: 'delete rows' | 'drop';
  /** What line protocol does when a float arrives for an integer column; undefined: what the server is told to do. */
  readonly fieldConflict?: FieldConflict | undefined;
  readonly schemaVersion: number;
  /** pg_type OID of the table's row type. */
  readonly rowTypeOid: number;
  /** Of a system relation that is a query over others: what stands for it in FROM. */
  readonly systemView?: StoredView;
}
