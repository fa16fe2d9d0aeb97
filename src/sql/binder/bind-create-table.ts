import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ColumnDefinitionSyntax, CreateTableStatement, RelationName } from '../syntax/ast.ts';
import type { BoundCreateTable, NewColumn } from './bound-statement.ts';
import { checkDatabase } from './find-table.ts';
import { resolveType } from './resolve-type.ts';
import type { StatementBinding } from './statement-binding.ts';
import { readTableOptions, type TableOptions } from './table-options.ts';

const MAX_COLUMNS = 1600;
const SYSTEM_COLUMNS = new Set(['tableoid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax']);
/** The hidden column of whole nanoseconds. */
const NANOSECONDS_COLUMN = 'time_ns';
const SYSTEM_SCHEMAS = new Set(['pg_catalog', 'information_schema']);
const TIME_TYPES = new Set(['timestamptz', 'timestamp', 'date']);

type TimeSeries = NonNullable<BoundCreateTable['timeSeries']>;
type PrimaryKey = NonNullable<BoundCreateTable['primaryKey']>;

/** CREATE TABLE, plain or time-series (`WITH (tidewire.time = …)`). Whether the name is free is asked later. */
export function bindCreateTable(binding: StatementBinding, statement: CreateTableStatement): BoundCreateTable {
  const schemaName = creationSchema(binding, statement.relation);
  const options = readTableOptions(binding.context.typeContext, statement.options);
  const columns = bindColumns(binding, statement.columns);
  const timeSeries = bindTimeSeries(statement, options, columns);
  const primaryKey = bindPrimaryKey(statement);
  checkPrimaryKey(statement, primaryKey, timeSeries);
  const notNull = new Set([
    ...(primaryKey?.columns ?? []),
    ...(timeSeries === undefined ? [] : [timeSeries.timeColumn]),
  ]);
  return {
    kind: 'create-table',
    schemaName,
    tableName: statement.relation.name,
    ifNotExists: statement.ifNotExists,
    columns: columns.map((column, at) => (notNull.has(at) ? { ...column, isNotNull: true } : column)),
    timeSeries,
    primaryKey,
  };
}

/** The schema that is written, else the first of the search path in which tables can be made. */
function creationSchema(binding: StatementBinding, relation: RelationName): string {
  const { catalog, searchPath } = binding.context;
  checkDatabase(binding.context, relation);
  const { schema, position } = relation;
  if (schema === undefined) {
    const first = searchPath.find((name) => !SYSTEM_SCHEMAS.has(name) && catalog.schema(name) !== undefined);
    if (first !== undefined) return first;
    throw new SqlError(SqlState.InvalidSchemaName, 'no schema has been selected to create in', { position });
  }
  if (catalog.schema(schema) === undefined) {
    throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`, { position });
  }
  if (SYSTEM_SCHEMAS.has(schema)) {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied to create "${schema}.${relation.name}"`, {
      detail: 'System catalog modifications are currently disallowed.',
    });
  }
  return schema;
}

function bindColumns(binding: StatementBinding, definitions: readonly ColumnDefinitionSyntax[]): NewColumn[] {
  if (definitions.length === 0) throw notSupported('a table without columns');
  if (definitions.length > MAX_COLUMNS) {
    throw new SqlError(SqlState.TooManyColumns, `tables can have at most ${MAX_COLUMNS} columns`);
  }
  const names = new Set<string>();
  return definitions.map(({ name, type, isNotNull }) => {
    const resolved = resolveType(binding, type);
    if (resolved.definition.category === 'P' || resolved.definition.category === 'X') {
      throw new SqlError(
        SqlState.InvalidTableDefinition,
        `column "${name}" has pseudo-type ${resolved.definition.sqlName}`,
      );
    }
    if (SYSTEM_COLUMNS.has(name)) {
      throw new SqlError(SqlState.DuplicateColumn, `column name "${name}" conflicts with a system column name`);
    }
    if (names.has(name)) throw new SqlError(SqlState.DuplicateColumn, `column "${name}" specified more than once`);
    names.add(name);
    return { name, type: resolved, isNotNull };
  });
}

function bindTimeSeries(
  statement: CreateTableStatement,
  options: TableOptions,
  columns: readonly NewColumn[],
): TimeSeries | undefined {
  const { time, tags, partition } = options;
  if (time === undefined) {
    const dependent = tags ?? partition;
    if (dependent === undefined) return undefined;
    throw new SqlError(
      SqlState.InvalidParameterValue,
      `parameter "tidewire.${tags === undefined ? 'partition' : 'tags'}" requires "tidewire.time"`,
      { position: dependent.position, hint: "Name the time column, as in WITH (tidewire.time = 'time')." },
    );
  }
  const timeColumn = findColumn(columns, time.value, time.position);
  const { name, type } = columns[timeColumn];
  if (!TIME_TYPES.has(type.definition.name)) {
    if (type.definition.category === 'N') {
      throw notSupported('a time column of a number type', time.position, 'Use timestamp with time zone.');
    }
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `time column "${name}" must be of type timestamp with time zone, timestamp without time zone or date, not ${type.definition.sqlName}`,
      { position: time.position },
    );
  }
  const hidden = statement.columns.find((column) => column.name === NANOSECONDS_COLUMN);
  if (hidden !== undefined) {
    throw new SqlError(
      SqlState.DuplicateColumn,
      `column name "${NANOSECONDS_COLUMN}" conflicts with a system column name`,
      { position: hidden.position },
    );
  }
  const tagColumns: number[] = [];
  for (const tag of tags?.value ?? []) {
    const at = findColumn(columns, tag, tags?.position ?? 0);
    const { definition } = columns[at].type;
    if (at === timeColumn) {
      throw new SqlError(SqlState.InvalidParameterValue, `time column "${tag}" cannot be a tag`, {
        position: tags?.position,
      });
    }
    if (tagColumns.includes(at)) {
      throw new SqlError(SqlState.DuplicateColumn, `tag column "${tag}" specified more than once`, {
        position: tags?.position,
      });
    }
    if (!definition.isComparable) {
      throw new SqlError(
        SqlState.UndefinedFunction,
        `could not identify an equality operator for type ${definition.sqlName}`,
        { position: tags?.position },
      );
    }
    tagColumns.push(at);
  }
  return { timeColumn, tagColumns, partitionMicros: options.partitionMicros };
}

function findColumn(columns: readonly NewColumn[], name: string, position: number): number {
  const at = columns.findIndex((column) => column.name === name);
  if (at >= 0) return at;
  throw new SqlError(SqlState.UndefinedColumn, `column "${name}" does not exist`, { position });
}

function bindPrimaryKey(statement: CreateTableStatement): PrimaryKey | undefined {
  const { primaryKey, relation } = statement;
  const marked = statement.columns.filter((column) => column.isPrimaryKey);
  if (marked.length + (primaryKey === undefined ? 0 : 1) > 1) {
    throw new SqlError(
      SqlState.InvalidTableDefinition,
      `multiple primary keys for table "${relation.name}" are not allowed`,
      { position: primaryKey?.position ?? marked[1]?.position },
    );
  }
  const position = primaryKey?.position ?? 0;
  const names = primaryKey?.columns ?? marked.map((column) => column.name);
  if (names.length === 0) return undefined;
  const columns: number[] = [];
  for (const name of names) {
    const at = statement.columns.findIndex((column) => column.name === name);
    if (at < 0) {
      throw new SqlError(SqlState.UndefinedColumn, `column "${name}" named in key does not exist`, { position });
    }
    if (columns.includes(at)) {
      throw new SqlError(SqlState.DuplicateColumn, `column "${name}" appears twice in primary key constraint`, {
        position,
      });
    }
    columns.push(at);
  }
  return { name: primaryKey?.name ?? `${relation.name}_pkey`, columns };
}

/** A point is identified by its tags and its time; other keys cannot be checked. */
function checkPrimaryKey(
  statement: CreateTableStatement,
  primaryKey: PrimaryKey | undefined,
  timeSeries: TimeSeries | undefined,
): void {
  if (primaryKey === undefined) return;
  const position = statement.primaryKey?.position ?? statement.columns.find((column) => column.isPrimaryKey)?.position;
  if (timeSeries === undefined) {
    throw notSupported(
      'PRIMARY KEY on a table without a time column',
      position,
      "Declare the time column: WITH (tidewire.time = '…', tidewire.tags = '…').",
    );
  }
  const identity = [...timeSeries.tagColumns, timeSeries.timeColumn];
  const isIdentity =
    identity.length === primaryKey.columns.length && identity.every((column) => primaryKey.columns.includes(column));
  if (isIdentity) return;
  const names = identity.map((column) => statement.columns[column].name).join(', ');
  throw notSupported(
    'a PRIMARY KEY other than the tags and the time column',
    position,
    `Declare PRIMARY KEY (${names}), or list other key columns in tidewire.tags.`,
  );
}
