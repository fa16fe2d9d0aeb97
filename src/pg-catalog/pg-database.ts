import { databaseTarget } from '../catalog/access/access-target.ts';
import type { Value } from '../types/value.ts';
import { aclArray } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';

const UTF8 = 6;
const DEFAULT_TABLESPACE = 1663;

/** The databases of this instance, which all have UTF-8 and byte order. */
export function* pgDatabaseRows(source: CatalogSource): Iterable<Value[]> {
  const access = source.access();
  for (const database of source.databases()) {
    const acl = access.storedAcl(databaseTarget(database), 0);
    yield [
      database.oid,
      database.name,
      database.ownerOid,
      UTF8,
      'c',
      database.isTemplate,
      database.allowsConnections,
      database.connectionLimit,
      0,
      0,
      DEFAULT_TABLESPACE,
      'C.UTF-8',
      'C.UTF-8',
      null,
      null,
      acl === undefined ? null : aclArray(source, acl),
    ];
  }
}
