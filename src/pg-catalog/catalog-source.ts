import type { CatalogReader, DatabaseDescriptor, RoleDescriptor } from '../catalog/catalog-reader.ts';

/** Where the system tables get their rows from: the catalog as the current transaction sees it, and the instance. */
export interface CatalogSource {
  /** Stored tables and system tables. */
  catalog(): CatalogReader;
  databases(): Iterable<DatabaseDescriptor>;
  roles(): Iterable<RoleDescriptor>;
}
