import { schemaTarget } from '../catalog/access/access-target.ts';
import type { SchemaDescriptor } from '../catalog/catalog-reader.ts';
import type { Value } from '../types/value.ts';
import { aclArray } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';

/** Schemas. */
export function* pgNamespaceRows(source: CatalogSource): Iterable<Value[]> {
  for (const schema of source.catalog().schemas()) {
    yield [schema.oid, schema.name, schema.ownerOid, aclOf(source, schema)];
  }
}

function aclOf(source: CatalogSource, schema: SchemaDescriptor): Value {
  const target = schemaTarget(schema);
  const items = source.access().storedAcl(target, 0) ?? target.defaults;
  return items === undefined ? null : aclArray(source, items);
}
