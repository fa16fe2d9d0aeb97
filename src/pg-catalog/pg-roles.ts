import type { StoredRole } from '../catalog/access/role.ts';
import { SqlArray } from '../types/sql-array.ts';
import type { Value } from '../types/value.ts';
import { aclArray } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';

/** Roles. Only superusers may read what stands for their passwords. */
export function* pgAuthidRows(source: CatalogSource): Iterable<Value[]> {
  for (const role of source.roles()) {
    yield [
      role.oid,
      role.name,
      role.isSuperuser,
      role.inherits,
      role.canCreateRole,
      role.canCreateDatabase,
      role.canLogin,
      role.canReplicate,
      role.bypassesRowSecurity,
      role.connectionLimit,
      role.verifier ?? null,
      validUntil(role),
    ];
  }
}

export function* pgAuthMembersRows(source: CatalogSource): Iterable<Value[]> {
  for (const { roleOid, memberOid, grantorOid, hasAdminOption } of source.memberships()) {
    yield [roleOid, memberOid, grantorOid, hasAdminOption];
  }
}

/** What sessions begin with: ALTER ROLE and ALTER DATABASE … SET. */
export function* pgDbRoleSettingRows(source: CatalogSource): Iterable<Value[]> {
  for (const { databaseOid, roleOid, values } of source.roleSettings()) {
    yield [databaseOid, roleOid, new SqlArray(values.map(([name, value]) => `${name}=${value}`))];
  }
}

/** ALTER DEFAULT PRIVILEGES. */
export function* pgDefaultAclRows(source: CatalogSource): Iterable<Value[]> {
  for (const { oid, roleOid, schemaOid, objectType, items } of source.catalog().defaultAcls()) {
    const sorted = [...items].sort((a, b) => a.grantee - b.grantee || a.grantor - b.grantor);
    yield [oid, roleOid, schemaOid, objectType, aclArray(source, sorted)];
  }
}

/** Comments on roles and databases. */
export function* pgShdescriptionRows(source: CatalogSource): Iterable<Value[]> {
  for (const { objectOid, classOid, text } of source.sharedComments()) yield [objectOid, classOid, text];
}

function validUntil({ validUntil: until }: StoredRole): number | null {
  if (until === undefined) return null;
  if (until === 'infinity') return Number.POSITIVE_INFINITY;
  return until === '-infinity' ? Number.NEGATIVE_INFINITY : until;
}
