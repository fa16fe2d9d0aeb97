import { BOOTSTRAP_ROLE } from '../catalog/access/role.ts';
import { AVAILABLE_EXTENSIONS } from '../functions/extensions/extension-list.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { PG_CATALOG } from './system-schemas.ts';

/** Of extensions that are in every database; the first of them is `timescaledb`. */
export const FIRST_BUILT_IN_OID = 15_050;

/** Extensions: what is built in, and what was created. */
export function* pgExtensionRows(source: CatalogSource): Iterable<Value[]> {
  let oid = FIRST_BUILT_IN_OID;
  for (const { name, release, isBuiltIn, isRelocatable } of AVAILABLE_EXTENSIONS) {
    if (isBuiltIn !== true) continue;
    yield [oid, name, BOOTSTRAP_ROLE.oid, PG_CATALOG.oid, isRelocatable, release, null, null];
    oid += 1;
  }
  for (const extension of source.catalog().extensions()) {
    const { name, ownerOid, schemaOid, release } = extension;
    const isRelocatable = AVAILABLE_EXTENSIONS.some((known) => known.name === name && known.isRelocatable);
    yield [extension.oid, name, ownerOid, schemaOid, isRelocatable, release, null, null];
  }
}
