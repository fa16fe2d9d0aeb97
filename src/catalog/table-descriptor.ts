import type { SqlType } from '../types/type-definition.ts';

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
}

/** PRIMARY KEY or UNIQUE over column numbers. */
export interface UniqueKey {
  readonly name: string;
  readonly constraintOid: number;
  readonly indexOid: number;
  readonly isPrimary: boolean;
  readonly columnNumbers: readonly number[];
  /** NULLS NOT DISTINCT: what line protocol creates, where a missing tag is NULL and still identifies. */
  readonly nullsNotDistinct: boolean;
}

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
  readonly uniqueKey: UniqueKey | undefined;
  /** Made by a line-protocol write rather than by CREATE TABLE. */
  readonly isFromLineProtocol: boolean;
  readonly schemaVersion: number;
  /** pg_type OID of the table's row type. */
  readonly rowTypeOid: number;
}
