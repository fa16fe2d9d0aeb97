import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type {
  ColumnDescriptor,
  ColumnRole,
  TableDescriptor,
  TimeSeriesSettings,
  UniqueKey,
} from '../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { hiddenColumns } from '../storage/undeclared-columns.ts';
import type { SqlType } from '../types/type-definition.ts';

/** What CREATE TABLE says. Positions count in `columns`. */
export interface NewTable {
  readonly schemaName: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType; readonly isNotNull: boolean }[];
  readonly timeSeries:
    | { readonly timeColumn: number; readonly tagColumns: readonly number[]; readonly partitionMicros: number }
    | undefined;
  readonly primaryKey: { readonly name: string; readonly columns: readonly number[] } | undefined;
  readonly ownerOid: number;
}

/** Gives a new table its OIDs and hidden columns. Throws 3F000, 42701 and 0A000. */
export function describeNewTable(definition: NewTable, catalog: CatalogReader, takeOid: () => number): TableDescriptor {
  const schema = catalog.schema(definition.schemaName);
  if (schema === undefined) {
    throw new SqlError(SqlState.InvalidSchemaName, `schema "${definition.schemaName}" does not exist`);
  }
  const { timeSeries, primaryKey } = definition;
  if (timeSeries !== undefined && primaryKey !== undefined) checkTimeSeriesKey(definition);
  const columns = definition.columns.map(
    ({ name, type, isNotNull }, position): ColumnDescriptor => ({
      number: position + 1,
      name,
      type,
      role: roleOf(definition, position),
      isNotNull: isNotNull || position === timeSeries?.timeColumn || primaryKey?.columns.includes(position) === true,
    }),
  );
  const settings: TimeSeriesSettings | undefined =
    timeSeries === undefined
      ? undefined
      : {
          timeColumnNumber: timeSeries.timeColumn + 1,
          tagColumnNumbers: timeSeries.tagColumns.map((position) => position + 1),
          partitionMicros: timeSeries.partitionMicros,
        };
  const tableOid = takeOid();
  const rowTypeOid = takeOid();
  const uniqueKey: UniqueKey | undefined =
    primaryKey === undefined
      ? undefined
      : {
          name: primaryKey.name,
          indexOid: takeOid(),
          constraintOid: takeOid(),
          isPrimary: true,
          columnNumbers: primaryKey.columns.map((position) => position + 1),
          nullsNotDistinct: false,
        };
  const hidden = hiddenColumns({ timeSeries: settings, uniqueKey });
  for (const { name } of columns) {
    if (!hidden.some((column) => column.name === name)) continue;
    throw new SqlError(SqlState.DuplicateColumn, `column name "${name}" conflicts with a system column name`);
  }
  return {
    oid: tableOid,
    schemaOid: schema.oid,
    schemaName: schema.name,
    name: definition.name,
    ownerOid: definition.ownerOid,
    kind: 'table',
    columns: [...columns, ...hidden],
    timeSeries: settings,
    uniqueKey,
    isFromLineProtocol: false,
    schemaVersion: 1,
    rowTypeOid,
  };
}

function roleOf({ timeSeries }: NewTable, position: number): ColumnRole {
  if (position === timeSeries?.timeColumn) return 'time';
  return timeSeries?.tagColumns.includes(position) === true ? 'tag' : 'field';
}

/** A point is (tags, time): a key of other columns would have to be looked up in every series. */
function checkTimeSeriesKey({ timeSeries, primaryKey, columns }: NewTable): void {
  const key = new Set(primaryKey!.columns);
  if (!key.has(timeSeries!.timeColumn)) {
    throw notSupported(
      `a primary key without the time column "${columns[timeSeries!.timeColumn]!.name}"`,
      0,
      'Add the time column to the key.',
    );
  }
  const isExact = timeSeries!.tagColumns.every((tag) => key.has(tag)) && key.size === timeSeries!.tagColumns.length + 1;
  if (!isExact) {
    throw notSupported(
      'a primary key of a time-series table over other columns than its tags and its time column',
      0,
      'Declare the key columns other than the time column as tags.',
    );
  }
}
