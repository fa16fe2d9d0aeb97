import { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { CatalogVersion } from '../storage/versions/catalog-version.ts';

const known = new WeakMap<CatalogVersion, SharedCatalog>();

/** The roles and databases of a version: the same object as long as nobody changes any of them. */
export function sharedCatalogOf(version: CatalogVersion): SharedCatalog {
  let shared = known.get(version);
  if (shared === undefined) {
    shared = new SharedCatalog(version.objects());
    known.set(version, shared);
  }
  return shared;
}
