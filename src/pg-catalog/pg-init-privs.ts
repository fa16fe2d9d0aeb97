import { publicSchemaAcl, systemSchemaAcl, systemTableAcl } from '../catalog/access/acl.ts';
import { PredefinedRole } from '../catalog/access/role.ts';
import { PUBLIC_SCHEMA } from '../catalog/catalog-object.ts';
import type { Value } from '../types/value.ts';
import { aclArray } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';
import { allSystemRelations, SUPERUSER_OID } from './system-relation.ts';
import { INFORMATION_SCHEMA, PG_CATALOG } from './system-schemas.ts';

const PG_CLASS = 1259;
const PG_NAMESPACE = 2615;

/** The rights that things had when the database was made: pg_dump writes only what differs from them. */
export function* pgInitPrivsRows(source: CatalogSource): Iterable<Value[]> {
  const ofSchema = aclArray(source, systemSchemaAcl(SUPERUSER_OID));
  for (const { oid } of [PG_CATALOG, INFORMATION_SCHEMA]) yield [oid, PG_NAMESPACE, 0, 'i', ofSchema];
  yield [PUBLIC_SCHEMA.oid, PG_NAMESPACE, 0, 'i', aclArray(source, publicSchemaAcl(PredefinedRole.DatabaseOwner))];
  const ofTable = aclArray(source, systemTableAcl(SUPERUSER_OID));
  for (const { oid } of allSystemRelations()) yield [oid, PG_CLASS, 0, 'i', ofTable];
}
