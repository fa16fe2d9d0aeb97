import { type AclItem, formatAclItem } from '../catalog/access/acl.ts';
import { SqlArray } from '../types/sql-array.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** The access list of an object as its column of the catalog has it; NULL where nothing was said of it. */
export function aclOf(source: CatalogSource, classOid: number, objectOid: number, subId = 0): Value {
  const stored = source.catalog().acl({ classOid, objectOid, subId });
  return stored === undefined ? null : aclArray(source, stored.items);
}

export function aclArray(source: CatalogSource, items: readonly AclItem[]): SqlArray {
  const names = new Map([...source.roles()].map(({ oid, name }) => [oid, name]));
  return new SqlArray(items.map((item) => formatAclItem(item, (oid) => names.get(oid))));
}
