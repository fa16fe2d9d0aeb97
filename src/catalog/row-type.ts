import { compositeType } from '../types/composite-type.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import type { CatalogReader } from './catalog-reader.ts';
import type { TableDescriptor } from './table-descriptor.ts';

const rowTypes = new WeakMap<TableDescriptor, TypeDefinition>();

/** The type that goes by a table's name; undefined for relations without one. */
export function rowTypeOf(table: TableDescriptor): TypeDefinition | undefined {
  if (table.rowTypeOid === 0) return undefined;
  let type = rowTypes.get(table);
  if (type === undefined) {
    const fields = table.columns
      .filter((column) => column.isHidden !== true)
      .map(({ name, type: columnType }) => ({ name, type: columnType }));
    type = compositeType({ oid: table.rowTypeOid, name: table.name, fields });
    rowTypes.set(table, type);
  }
  return type;
}

/** The table whose rows are of this type. */
export function tableOfRowType(catalog: CatalogReader, oid: number): TableDescriptor | undefined {
  for (const table of catalog.tables()) if (table.rowTypeOid === oid) return table;
  return undefined;
}

/** The type of the rows of the table that has this type; undefined for any other type. */
export function rowTypeByOid(catalog: CatalogReader, oid: number): TypeDefinition | undefined {
  const table = tableOfRowType(catalog, oid);
  return table === undefined ? undefined : rowTypeOf(table);
}
