import type { CatalogReader, SchemaDescriptor } from '../../../src/catalog/catalog-reader.ts';
import type { ColumnDescriptor, ColumnRole, TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import { SqlError } from '../../../src/errors/sql-error.ts';
import type { FunctionEnvironment } from '../../../src/functions/environment.ts';
import type { BindContext } from '../../../src/sql/binder/bind-context.ts';
import { type Binding, bindStatement } from '../../../src/sql/binder/bind-statement.ts';
import type { LogicalPlan } from '../../../src/sql/plan/logical-plan.ts';
import { loadParser, parseSql } from '../../../src/sql/syntax/parse-sql.ts';
import { UTC } from '../../../src/types/time-zone.ts';
import type { TypeContext, TypeDefinition } from '../../../src/types/type-definition.ts';
import { sqlType, typeByName } from '../../../src/types/type-registry.ts';
import { emptyCatalog } from '../../support/empty-catalog.ts';

await loadParser();

export function typeNamed(name: string): TypeDefinition {
  const definition = typeByName(name);
  if (definition === undefined) throw new Error(`no type ${name}`);
  return definition;
}

/** `name type[:role]`, e.g. `host text:tag`; `~` before the name hides the column. */
function column(text: string, at: number): ColumnDescriptor {
  const [name = '', spec = ''] = text.split(' ');
  const [typeName = '', role = 'field'] = spec.split(':');
  const [, base = typeName, modifier] = /^(\w+)\((\d+)\)$/.exec(typeName) ?? [];
  const typmod = modifier === undefined ? -1 : Number(modifier) + 4;
  return {
    number: name.startsWith('~') ? -6 : at + 1,
    name: name.replace('~', ''),
    type: sqlType(typeNamed(base), typmod),
    isNotNull: role === 'time',
    role: role as ColumnRole,
    ...(name.startsWith('~') ? { isHidden: true } : {}),
  };
}

export function table(oid: number, schemaName: string, name: string, columns: readonly string[]): TableDescriptor {
  const described = columns.map(column);
  const time = described.find((candidate) => candidate.role === 'time');
  return {
    oid,
    schemaOid: schemaName === 'pg_catalog' ? 11 : 2200,
    schemaName,
    name,
    ownerOid: 10,
    kind: schemaName === 'pg_catalog' ? 'system-table' : 'table',
    columns: described,
    timeSeries:
      time === undefined
        ? undefined
        : {
            timeColumnNumber: time.number,
            tagColumnNumbers: described.filter((tag) => tag.role === 'tag').map((tag) => tag.number),
            partitionMicros: 86_400_000_000,
          },
    uniqueKey: undefined,
    indexes: [],
    constraints: [],
    nextColumnNumber: described.length + 1,
    isFromLineProtocol: false,
    persistence: 'permanent',
    schemaVersion: 1,
    rowTypeOid: oid + 1,
  };
}

export const cpu = table(20000, 'public', 'cpu', [
  'time timestamptz:time',
  'host text:tag',
  'region text:tag',
  'usage float8',
  'idle float8',
  'cores int4',
  'total int8',
  'note text',
]);
export const mem = table(20002, 'public', 'mem', ['time timestamptz:time', 'host text:tag', 'free int8']);
export const daily = table(20004, 'public', 'daily', ['day date:time', 'place text:tag', 'rain float8']);
export const devices = table(20006, 'public', 'devices', [
  'id int4',
  'host text',
  'attributes json',
  'price numeric',
  'code varchar(5)',
  'born date',
  'seen timestamp',
  'is_up bool',
]);
export const trips = table(20008, 'public', 'trips', ['PULocationID int4', 'fare float8']);
export const pgClass = table(1259, 'pg_catalog', 'pg_class', ['oid oid', 'relname name', '~tableoid oid']);
export const otherCpu = table(20010, 'other', 'cpu', ['time timestamptz:time', 'watts float8']);

const tables = [cpu, mem, daily, devices, trips, pgClass, otherCpu];
const schemas: readonly SchemaDescriptor[] = [
  { oid: 11, name: 'pg_catalog', ownerOid: 10 },
  { oid: 2200, name: 'public', ownerOid: 10 },
  { oid: 20020, name: 'other', ownerOid: 10 },
];

export const catalog: CatalogReader = {
  ...emptyCatalog,
  schema: (name) => schemas.find((schema) => schema.name === name),
  schemas: () => schemas,
  tables: () => tables,
  table: (schemaName, name) => tables.find((found) => found.schemaName === schemaName && found.name === name),
  tableByOid: (oid) => tables.find((found) => found.oid === oid),
};

const typeContext: TypeContext = {
  timeZone: UTC,
  dateStyle: { format: 'ISO', order: 'MDY' },
  intervalStyle: 'postgres',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  transactionStart: 757_382_400_000_000,
};

export function contextWith(changes: Partial<BindContext> = {}): BindContext {
  return {
    catalog,
    searchPath: ['pg_catalog', 'public'],
    databaseName: 'tide',
    rowNameColumns: (descriptor) => descriptor.columns.flatMap((hidden, at) => (hidden.isHidden === true ? [at] : [])),
    typeContext,
    // Binding calls no function that looks at the world.
    environment: { typeContext } as FunctionEnvironment,
    parameterTypes: [],
    ...changes,
  };
}

/** Binds the one statement in `sql`. */
export function bindSql(sql: string, changes: Partial<BindContext> = {}): Binding {
  const [parsed] = parseSql(sql);
  if (parsed === undefined) throw new Error('no statement');
  return bindStatement(parsed.statement, contextWith(changes));
}

/** The plan of a query. */
export function planSql(sql: string, changes: Partial<BindContext> = {}): LogicalPlan {
  const { bound } = bindSql(sql, changes);
  if (bound.kind !== 'query') throw new Error(`${bound.kind} is not a query`);
  return bound.plan;
}

/** `name type` of each result column. */
export function columnsOf(plan: LogicalPlan): string[] {
  return plan.output.map(({ name, type }) => `${name} ${type.definition.name}`);
}

/** What `bind` was refused with: `code message` and, where there is one, `@position`. */
export function errorOf(bind: () => unknown): SqlError {
  try {
    bind();
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error('no error was raised');
}
