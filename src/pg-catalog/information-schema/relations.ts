import type { StoredView } from '../../catalog/catalog-object.ts';
import type { SequenceDescriptor } from '../../catalog/sequence-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { isTemporarySchema } from '../../catalog/temporary-schemas.ts';
import {
  characterLength,
  intervalFields,
  numericPrecision,
  numericScale,
  octetLength,
  precisionRadix,
  timePrecision,
} from '../../functions/catalog/information-schema.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { CatalogSource } from '../catalog-source.ts';
import { rowMaker } from '../named-row.ts';
import { allSystemRelations } from '../system-relation.ts';
import { INFORMATION_SCHEMA, PG_CATALOG } from '../system-schemas.ts';
import { typeFactNamed } from '../type-facts.ts';
import { dataTypeName } from './data-type-name.ts';

/** A table or view as information_schema sees it. */
interface ListedRelation {
  readonly oid: number;
  readonly schemaName: string;
  readonly name: string;
  readonly isView: boolean;
  readonly isWritable: boolean;
  columns(): Iterable<ListedColumn>;
}

interface ListedColumn {
  readonly number: number;
  readonly name: string;
  readonly type: SqlType;
  readonly typeSchema: string;
  /** Of columns of information_schema: the domain that they are declared as. */
  readonly domain?: string;
  readonly isNotNull: boolean;
  readonly default?: string | undefined;
  readonly generated?: string | undefined;
  readonly identity?: 'always' | 'by default' | undefined;
  readonly sequence?: SequenceDescriptor | undefined;
}

/** Relations that whoever asks may do something with, or with a column of. */
function* listedRelations(source: CatalogSource): Iterable<ListedRelation> {
  const catalog = source.catalog();
  const schemaOfType = (oid: number): string => {
    if (typeByOid(oid) !== undefined) return PG_CATALOG.name;
    const type = catalog.userTypeByOid(oid);
    return catalog.enumByOid(type?.elementOid || oid)?.schemaName ?? PG_CATALOG.name;
  };
  const identities = new Map<string, SequenceDescriptor>();
  for (const sequence of catalog.sequences()) {
    const { owner } = sequence;
    if (owner?.kind === 'identity') identities.set(`${owner.tableOid} ${owner.columnNumber}`, sequence);
  }
  const ofTable = (table: TableDescriptor, column: ColumnDescriptor): ListedColumn => ({
    number: column.number,
    name: column.name,
    type: column.type,
    typeSchema: schemaOfType(column.type.definition.oid),
    isNotNull: column.isNotNull,
    default: column.default,
    generated: column.generated,
    identity: column.identity,
    sequence: column.identity === undefined ? undefined : identities.get(`${table.oid} ${column.number}`),
  });
  const ofView = (
    { typeOid, typmod, name, default: value }: StoredView['columns'][number],
    at: number,
  ): ListedColumn[] => {
    const definition = typeByOid(typeOid) ?? catalog.userTypeByOid(typeOid);
    if (definition === undefined) return [];
    const type = { definition, typmod };
    return [{ number: at + 1, name, type, typeSchema: schemaOfType(typeOid), isNotNull: false, default: value }];
  };
  for (const { oid, schema, name, kind, columns } of allSystemRelations()) {
    yield {
      ...{ oid, name, schemaName: schema.name, isView: kind === 'view', isWritable: kind === 'table' },
      columns: () =>
        columns.map((column, at): ListedColumn => {
          const domain = typeFactNamed(column.declaredType)?.kind === 'd' ? column.declaredType : undefined;
          return {
            ...{ number: at + 1, name: column.name, type: column.type, typeSchema: PG_CATALOG.name },
            isNotNull: column.isNotNull,
            ...(domain === undefined ? {} : { domain }),
          };
        }),
    };
  }
  for (const table of catalog.tables()) {
    if (table.kind === 'system-table') continue;
    yield {
      ...{ oid: table.oid, schemaName: table.schemaName, name: table.name, isView: false, isWritable: true },
      columns: () => table.columns.filter((column) => column.isHidden !== true).map((column) => ofTable(table, column)),
    };
  }
  for (const view of catalog.views()) {
    yield {
      ...{ oid: view.oid, schemaName: view.schemaName, name: view.name, isView: true, isWritable: false },
      columns: () => view.columns.flatMap(ofView),
    };
  }
}

const yes = (answer: boolean): string => (answer ? 'YES' : 'NO');

/** information_schema.tables. */
export function* tablesRows(source: CatalogSource): Iterable<readonly Value[]> {
  const row = rowMaker(INFORMATION_SCHEMA.name, 'tables');
  const database = source.databaseName();
  for (const { oid, schemaName, name, isView, isWritable } of listedRelations(source)) {
    if (!source.mayUse(oid)) continue;
    const isTemporary = isTemporarySchema(schemaName);
    if (isTemporary && schemaName !== source.temporarySchema()) continue;
    yield row({
      table_catalog: database,
      table_schema: schemaName,
      table_name: name,
      table_type: isTemporary ? 'LOCAL TEMPORARY' : isView ? 'VIEW' : 'BASE TABLE',
      is_insertable_into: yes(isWritable),
      is_typed: 'NO',
    });
  }
}

/** information_schema.columns. */
export function* columnsRows(source: CatalogSource): Iterable<readonly Value[]> {
  const database = source.databaseName();
  for (const relation of listedRelations(source)) {
    const isTemporary = isTemporarySchema(relation.schemaName);
    if (isTemporary && relation.schemaName !== source.temporarySchema()) continue;
    const mayUseAll = source.mayUse(relation.oid, 'whole');
    for (const column of relation.columns()) {
      if (!mayUseAll && !source.mayUse(relation.oid, column.number)) continue;
      yield columnRow(source, database, relation, column, mayUseAll);
    }
  }
}

/** In the order of the columns of information_schema.columns: there may be many rows, and they come in one go. */
function columnRow(
  source: CatalogSource,
  database: string,
  relation: ListedRelation,
  column: ListedColumn,
  isOwned: boolean,
): Value[] {
  const { type, typeSchema, domain, identity, sequence, generated, default: value } = column;
  const { definition, typmod } = type;
  const { oid } = definition;
  const isByBytes = definition.name === 'name' || (domain !== undefined && definition.name === 'varchar');
  const isDomain = domain !== undefined;
  const isShown = isOwned && value !== undefined;
  return [
    database,
    relation.schemaName,
    relation.name,
    column.name,
    column.number,
    isShown ? source.expressionText(value, relation.oid) : null,
    yes(!column.isNotNull),
    dataTypeName(type, typeSchema === PG_CATALOG.name),
    characterLength(oid, typmod),
    octetLength(oid, typmod),
    numericPrecision(oid, typmod),
    precisionRadix(oid),
    numericScale(oid, typmod),
    timePrecision(oid, typmod),
    intervalFields(oid, typmod),
    null,
    null,
    null,
    null,
    // Only collations other than the database's own are told.
    isByBytes ? database : null,
    isByBytes ? PG_CATALOG.name : null,
    isByBytes ? 'C' : null,
    isDomain ? database : null,
    isDomain ? INFORMATION_SCHEMA.name : null,
    isDomain ? domain : null,
    database,
    typeSchema,
    definition.name,
    null,
    null,
    null,
    null,
    String(column.number),
    'NO',
    yes(identity !== undefined),
    identity === undefined ? null : identity === 'always' ? 'ALWAYS' : 'BY DEFAULT',
    sequence === undefined ? null : String(sequence.start),
    sequence === undefined ? null : String(sequence.increment),
    sequence === undefined ? null : String(sequence.max),
    sequence === undefined ? null : String(sequence.min),
    yes(sequence?.isCycled === true),
    generated === undefined ? 'NEVER' : 'ALWAYS',
    generated === undefined ? null : source.expressionText(generated, relation.oid),
    yes(relation.isWritable),
  ];
}
