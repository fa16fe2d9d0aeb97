import type { StoredView } from '../catalog/catalog-object.ts';
import type { CatalogReader, DatabaseDescriptor, RoleDescriptor } from '../catalog/catalog-reader.ts';

/** Where the system tables get their rows from: the catalog as the current transaction sees it, and the instance. */
export interface CatalogSource {
  /** Stored tables and system tables. */
  catalog(): CatalogReader;
  databases(): Iterable<DatabaseDescriptor>;
  roles(): Iterable<RoleDescriptor>;
  /** How many rows a table had when it was analysed; undefined: it never was. */
  analyzedRows(tableOid: number): number | undefined;
  /** The query of a view as SQL. */
  viewDefinition(view: StoredView): string;
}
