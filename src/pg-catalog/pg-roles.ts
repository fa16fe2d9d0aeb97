import type { StoredRole } from '../catalog/access/role.ts';
import type { Value } from '../types/value.ts';
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

function validUntil({ validUntil: until }: StoredRole): number | null {
  if (until === undefined) return null;
  if (until === 'infinity') return Number.POSITIVE_INFINITY;
  return until === '-infinity' ? Number.NEGATIVE_INFINITY : until;
}
