import type { TableDescriptor } from '../../catalog/table-descriptor.ts';

/** OWNER TO. */
export function setOwner(table: TableDescriptor, ownerOid: number): TableDescriptor {
  return { ...table, ownerOid };
}

/** SET LOGGED and SET UNLOGGED: the rows have to be written anew, by `Transaction.replaceRows`. */
export function setPersistence(table: TableDescriptor, persistence: TableDescriptor['persistence']): TableDescriptor {
  return { ...table, persistence };
}

/** SET SCHEMA: its indexes go with it; sequences of its columns are for the caller to move. */
export function setSchema(
  table: TableDescriptor,
  schema: { readonly oid: number; readonly name: string },
): TableDescriptor {
  return { ...table, schemaOid: schema.oid, schemaName: schema.name };
}
