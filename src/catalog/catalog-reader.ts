import type { TableDescriptor } from './table-descriptor.ts';

export interface SchemaDescriptor {
  readonly oid: number;
  readonly name: string;
  readonly ownerOid: number;
}

export interface DatabaseDescriptor {
  readonly oid: number;
  readonly name: string;
  readonly ownerOid: number;
}

export interface RoleDescriptor {
  readonly oid: number;
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly canLogin: boolean;
}

/** Which tables exist, as one transaction sees it: stored tables, its own uncommitted ones and system tables. */
export interface CatalogReader {
  schema(name: string): SchemaDescriptor | undefined;
  schemas(): Iterable<SchemaDescriptor>;
  tables(): Iterable<TableDescriptor>;
  table(schemaName: string, tableName: string): TableDescriptor | undefined;
  tableByOid(oid: number): TableDescriptor | undefined;
}
