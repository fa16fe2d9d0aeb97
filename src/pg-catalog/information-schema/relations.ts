import { isTemporarySchema } from '../../catalog/temporary-schemas.ts';
import type { Value } from '../../types/value.ts';
import type { CatalogSource } from '../catalog-source.ts';
import { rowMaker } from '../named-row.ts';
import { allSystemRelations } from '../system-relation.ts';
import { INFORMATION_SCHEMA } from '../system-schemas.ts';

/** A table or view as information_schema sees it. */
interface ListedRelation {
  readonly oid: number;
  readonly schemaName: string;
  readonly name: string;
  readonly isView: boolean;
  readonly isWritable: boolean;
}

function* listedRelations(source: CatalogSource): Iterable<ListedRelation> {
  const catalog = source.catalog();
  for (const { oid, schema, name, kind } of allSystemRelations()) {
    yield { oid, name, schemaName: schema.name, isView: kind === 'view', isWritable: kind === 'table' };
  }
  for (const { oid, schemaName, name, kind } of catalog.tables()) {
    if (kind !== 'system-table') yield { oid, schemaName, name, isView: false, isWritable: true };
  }
  for (const { oid, schemaName, name } of catalog.views()) {
    yield { oid, schemaName, name, isView: true, isWritable: false };
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
