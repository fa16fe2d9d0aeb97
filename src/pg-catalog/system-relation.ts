import type { StoredView } from '../catalog/catalog-object.ts';
import type { IndexDescriptor } from '../catalog/index-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import { invariant } from '../errors/invariant.ts';
import { lengthTypmod } from '../types/string-types.ts';
import type { SqlType } from '../types/type-definition.ts';
import { catalogTypeByName, sqlType } from '../types/type-registry.ts';
import { INDEX_FACTS } from './facts/index-facts.ts';
import { numbersIn } from './facts/read-facts.ts';
import { RELATION_FACTS } from './facts/relation-facts.ts';
import { OWN_RELATIONS } from './own-relations.ts';
import { type SystemSchema, schemaNamed } from './system-schemas.ts';
import { SYSTEM_VIEWS } from './views/system-views.ts';

export const SUPERUSER_OID = 10;

export interface SystemColumn {
  readonly name: string;
  /** pg_type.typname of what the column is declared as, which may be a domain of information_schema. */
  readonly declaredType: string;
  readonly type: SqlType;
  readonly isNotNull: boolean;
}

export interface SystemIndex extends IndexDescriptor {
  readonly isPrimary: boolean;
  readonly constraint: { readonly oid: number; readonly name: string } | undefined;
}

/** A relation of a schema of the system's: PostgreSQL's own with its numbers and columns, or one of ours. */
export interface SystemRelation {
  readonly oid: number;
  readonly name: string;
  readonly schema: SystemSchema;
  readonly kind: 'table' | 'view';
  readonly rowTypeOid: number;
  readonly rowArrayOid: number;
  readonly columns: readonly SystemColumn[];
  readonly indexes: readonly SystemIndex[];
  /** How the binder knows it. Its columns are followed by those that every table has without declaring them. */
  readonly descriptor: TableDescriptor;
}

/** The domains of information_schema, as what values of them are sent. */
const DOMAINS: Readonly<Record<string, SqlType>> = {
  cardinal_number: typeNamed('int4'),
  character_data: typeNamed('varchar'),
  sql_identifier: typeNamed('name'),
  time_stamp: typeNamed('timestamptz', 2),
  yes_or_no: typeNamed('varchar', lengthTypmod(3)),
  _pg_statistic: typeNamed('anyarray'),
};

/** Behind the columns of every table of PostgreSQL's; views have none of them. */
const HIDDEN_COLUMNS: readonly ColumnDescriptor[] = (
  [
    ['tableoid', 'oid', -6],
    ['cmax', 'cid', -5],
    ['xmax', 'xid', -4],
    ['cmin', 'cid', -3],
    ['xmin', 'xid', -2],
    ['ctid', 'tid', -1],
  ] as const
).map(([name, typeName, number]) => ({
  number,
  name,
  type: typeNamed(typeName),
  isNotNull: true,
  role: 'field',
  isHidden: true,
}));

let known: Relations | undefined;

interface Relations {
  readonly all: readonly SystemRelation[];
  readonly byOid: ReadonlyMap<number, SystemRelation>;
  readonly byName: ReadonlyMap<string, SystemRelation>;
}

/** All of them, read from the facts at first use. */
function relations(): Relations {
  if (known !== undefined) return known;
  const indexes = readIndexes();
  const all = `${RELATION_FACTS}\n${OWN_RELATIONS}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => readRelation(line.trim(), indexes));
  known = {
    all,
    byOid: new Map(all.map((relation) => [relation.oid, relation])),
    byName: new Map(all.map((relation) => [`${relation.schema.name}.${relation.name}`, relation])),
  };
  return known;
}

export function allSystemRelations(): readonly SystemRelation[] {
  return relations().all;
}

export function systemRelationByOid(oid: number): SystemRelation | undefined {
  return relations().byOid.get(oid);
}

export function systemRelation(schemaName: string, name: string): SystemRelation | undefined {
  return relations().byName.get(`${schemaName}.${name}`);
}

function typeNamed(name: string, typmod = -1): SqlType {
  const type = catalogTypeByName(name);
  invariant(type !== undefined, `the catalog's type ${name} is known`);
  return sqlType(type, typmod);
}

function readRelation(line: string, indexesOfTables: ReadonlyMap<number, readonly SystemIndex[]>): SystemRelation {
  const [head = '', body = ''] = line.split('|');
  const [schemaName = '', name = '', letter, ...oids] = head.split(' ');
  const [oid = 0, rowTypeOid = 0, rowArrayOid = 0] = oids.map(Number);
  const schema = schemaNamed(schemaName);
  const kind = letter === 'v' ? 'view' : 'table';
  const columns = body.split(' ').map(readColumn);
  const indexes = indexesOfTables.get(oid) ?? [];
  const declared = columns.map(
    (column, at): ColumnDescriptor => ({
      number: at + 1,
      name: column.name,
      type: column.type,
      isNotNull: column.isNotNull,
      role: 'field',
    }),
  );
  const view = viewOf({ oid, rowTypeOid, name, schema, columns });
  const descriptor: TableDescriptor = {
    oid,
    schemaOid: schema.oid,
    schemaName: schema.name,
    name,
    ownerOid: SUPERUSER_OID,
    kind: 'system-table',
    columns: kind === 'view' ? declared : [...declared, ...HIDDEN_COLUMNS],
    timeSeries: undefined,
    uniqueKey: undefined,
    indexes: [...indexes, ...lookupIndexes(schema.name, name, columns)],
    constraints: [],
    nextColumnNumber: columns.length + 1,
    isFromLineProtocol: false,
    persistence: 'permanent',
    schemaVersion: 1,
    rowTypeOid,
    ...(view === undefined ? {} : { systemView: view }),
  };
  return { oid, name, schema, kind, rowTypeOid, rowArrayOid, columns, indexes, descriptor };
}

/**
 * What clients look for, and join by, in relations whose rows are kept and PostgreSQL has no index for, or one that begins
 * with something else: the binder takes an index to be there, and no catalog tells of it.
 */
const LOOKUPS: Readonly<Record<string, readonly string[]>> = {
  'information_schema.columns': ['table_name'],
  'information_schema.tables': ['table_name'],
  'pg_catalog.pg_constraint': ['conindid', 'confrelid'],
  'pg_catalog.pg_depend': ['objid', 'refobjid'],
  'pg_catalog.pg_type': ['typrelid', 'typelem', 'typarray'],
};

function lookupIndexes(schemaName: string, name: string, columns: readonly SystemColumn[]): readonly IndexDescriptor[] {
  const looked = LOOKUPS[`${schemaName}.${name}`] ?? [];
  return looked.map((columnName, at) => {
    const columnNumber = columns.findIndex((column) => column.name === columnName) + 1;
    return {
      // Nobody else has such a number.
      oid: -at - 1,
      name: `${name}_${columnName}`,
      method: 'btree',
      columns: [{ columnNumber, isDescending: false, nullsFirst: false }],
      isUnique: false,
      nullsNotDistinct: false,
    };
  });
}

function readColumn(text: string): SystemColumn {
  const [name = '', typeText = ''] = text.split(':');
  const declaredType = typeText.replace('!', '');
  return {
    name,
    declaredType,
    type: DOMAINS[declaredType] ?? typeNamed(declaredType),
    isNotNull: typeText.endsWith('!'),
  };
}

/** What stands for the relation where it is a query over others. The query's columns become those of the relation. */
function viewOf({
  oid,
  rowTypeOid,
  name,
  schema,
  columns,
}: Pick<SystemRelation, 'oid' | 'rowTypeOid' | 'name' | 'schema' | 'columns'>): StoredView | undefined {
  const query = SYSTEM_VIEWS[`${schema.name}.${name}`];
  if (query === undefined) return undefined;
  const casts = columns.map(({ type }, at) => `q.c${at}::${castTo(type)}`);
  const names = columns.map((_, at) => `c${at}`);
  return {
    kind: 'view',
    oid,
    rowTypeOid,
    schemaOid: schema.oid,
    schemaName: schema.name,
    name,
    ownerOid: SUPERUSER_OID,
    columns: columns.map((column) => ({
      name: column.name,
      typeOid: column.type.definition.oid,
      typmod: column.type.typmod,
    })),
    query: `SELECT ${casts.join(', ')} FROM (${query}) AS q(${names.join(', ')})`,
    uses: [],
    typeOids: [],
    version: 1,
  };
}

function castTo({ definition, typmod }: SqlType): string {
  const name = definition.name === 'char' ? '"char"' : definition.name === '_char' ? '"char"[]' : definition.sqlName;
  if (definition.name === 'varchar' && typmod >= 0) return `varchar(${typmod - 4})`;
  return definition.name === 'timestamptz' && typmod >= 0 ? `timestamptz(${typmod})` : name;
}

function readIndexes(): ReadonlyMap<number, SystemIndex[]> {
  const byTable = new Map<number, SystemIndex[]>();
  for (const line of INDEX_FACTS.trim().split('\n')) {
    const [oid, name = '', tableOid, columns = '', kind, constraintName, constraintOid] = line.split(' ');
    const index: SystemIndex = {
      oid: Number(oid),
      name,
      method: 'btree',
      columns: numbersIn(columns).map((columnNumber) => ({ columnNumber, isDescending: false, nullsFirst: false })),
      isUnique: kind !== '-',
      isPrimary: kind === 'p',
      nullsNotDistinct: false,
      constraint: constraintName === undefined ? undefined : { oid: Number(constraintOid), name: constraintName },
    };
    const siblings = byTable.get(Number(tableOid));
    if (siblings === undefined) byTable.set(Number(tableOid), [index]);
    else siblings.push(index);
  }
  return byTable;
}
