import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { ReferentialAction } from '../catalog/constraint-descriptor.ts';
import type { ColumnDescriptor, ColumnRole, TableDescriptor, TimeSeriesSettings } from '../catalog/table-descriptor.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { withHiddenColumns } from '../storage/undeclared-columns.ts';
import { describeColumn, type NewColumn } from './schema-change/add-column.ts';
import { addCheck, addForeignKey, addKey } from './schema-change/new-constraint.ts';

/** What CREATE TABLE says. Positions count in `columns`. */
export interface NewTable {
  readonly schemaName: string;
  readonly name: string;
  readonly columns: readonly NewColumn[];
  readonly timeSeries:
    | { readonly timeColumn: number; readonly tagColumns: readonly number[]; readonly partitionMicros: number }
    | undefined;
  /** PRIMARY KEY and UNIQUE; a time-series table takes one, over its tags and its time column. */
  readonly keys: readonly {
    readonly name: string;
    readonly isPrimary: boolean;
    readonly columns: readonly number[];
    readonly nullsNotDistinct: boolean;
    readonly isDeferrable: boolean;
    readonly isInitiallyDeferred: boolean;
  }[];
  /** Expressions as pg_get_expr prints them, with the positions of the columns in them. */
  readonly checks: readonly {
    readonly name: string;
    readonly expression: string;
    readonly columns: readonly number[];
    readonly isNoInherit?: boolean;
  }[];
  readonly foreignKeys: readonly {
    readonly name: string;
    readonly columns: readonly number[];
    readonly referencedTableOid: number | 'self';
    readonly referencedColumnNumbers: readonly number[];
    readonly match: 'simple' | 'full';
    readonly onUpdate: ReferentialAction;
    readonly onDelete: ReferentialAction;
    readonly deleteSetColumns: readonly number[];
    readonly isDeferrable: boolean;
    readonly isInitiallyDeferred: boolean;
  }[];
  readonly ownerOid: number;
  /** Default `permanent`. */
  readonly persistence?: TableDescriptor['persistence'] | undefined;
  /** Of a temporary one. */
  readonly onCommit?: TableDescriptor['onCommit'] | undefined;
  /** What line protocol may do to its columns; undefined: what the server is told to do. */
  readonly fieldConflict?: TableDescriptor['fieldConflict'];
}

/**
 * Gives a new table its OIDs and hidden columns. Throws 3F000, 42701, 42710, 42830 and 0A000. That no other relation has
 * the name of the table or of one of its indexes is for the caller to see to.
 */
export function describeNewTable(definition: NewTable, catalog: CatalogReader, takeOid: () => number): TableDescriptor {
  const schema = catalog.schema(definition.schemaName);
  if (schema === undefined) {
    throw new SqlError(SqlState.InvalidSchemaName, `schema "${definition.schemaName}" does not exist`);
  }
  let table: TableDescriptor = {
    oid: takeOid(),
    schemaOid: schema.oid,
    schemaName: schema.name,
    name: definition.name,
    ownerOid: definition.ownerOid,
    kind: 'table',
    persistence: definition.persistence ?? 'permanent',
    ...(definition.onCommit === undefined ? {} : { onCommit: definition.onCommit }),
    ...(definition.fieldConflict === undefined ? {} : { fieldConflict: definition.fieldConflict }),
    columns: definition.columns.map((column, position) => newColumn(definition, column, position)),
    timeSeries: timeSeriesSettings(definition),
    uniqueKey: undefined,
    indexes: [],
    constraints: [],
    nextColumnNumber: definition.columns.length + 1,
    isFromLineProtocol: false,
    schemaVersion: 1,
    rowTypeOid: takeOid(),
  };
  for (const { columns, ...key } of definition.keys) {
    table = addKey(table, { ...key, columnNumbers: numbersOf(columns) }, takeOid);
  }
  for (const { columns, ...check } of definition.checks) {
    table = addCheck(table, { ...check, columnNumbers: numbersOf(columns), isValidated: true }, takeOid);
  }
  for (const { columns, deleteSetColumns, ...key } of definition.foreignKeys) {
    const numbers = { columnNumbers: numbersOf(columns), deleteSetColumns: numbersOf(deleteSetColumns) };
    table = addForeignKey(table, { ...key, ...numbers, isValidated: true }, { catalog, takeOid });
  }
  const described = withHiddenColumns(table);
  assertNamesDiffer(described);
  return described;
}

function newColumn(definition: NewTable, column: NewColumn, position: number): ColumnDescriptor {
  const described = describeColumn(column, position + 1);
  const role = roleOf(definition, position);
  return { ...described, role, isNotNull: described.isNotNull || role === 'time' };
}

function roleOf({ timeSeries }: NewTable, position: number): ColumnRole {
  if (position === timeSeries?.timeColumn) return 'time';
  return timeSeries?.tagColumns.includes(position) === true ? 'tag' : 'field';
}

function timeSeriesSettings({ timeSeries }: NewTable): TimeSeriesSettings | undefined {
  if (timeSeries === undefined) return undefined;
  return {
    timeColumnNumber: timeSeries.timeColumn + 1,
    tagColumnNumbers: numbersOf(timeSeries.tagColumns),
    partitionMicros: timeSeries.partitionMicros,
  };
}

function numbersOf(positions: readonly number[]): number[] {
  return positions.map((position) => position + 1);
}

function assertNamesDiffer({ columns }: TableDescriptor): void {
  const hidden = new Set(columns.filter(({ isHidden }) => isHidden === true).map(({ name }) => name));
  for (const { name, isHidden } of columns) {
    if (isHidden === true || !hidden.has(name)) continue;
    throw new SqlError(SqlState.DuplicateColumn, `column name "${name}" conflicts with a system column name`);
  }
}
