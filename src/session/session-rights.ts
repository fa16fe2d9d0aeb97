import { sequenceTarget, tableTarget } from '../catalog/access/access-target.ts';
import { Privilege } from '../catalog/access/acl.ts';
import { PredefinedRole } from '../catalog/access/role.ts';
import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { SequenceDescriptor } from '../catalog/sequence-descriptor.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SessionRoles } from './session-roles.ts';

/** Throws 42501. Whoever may insert rows may have their identity columns counted. */
export function requireSequenceRight(
  roles: SessionRoles,
  catalog: () => Pick<CatalogReader, 'tableByOid'>,
  sequence: SequenceDescriptor,
  privileges: number,
): void {
  if (roles.isSuperuser) return;
  const { access, current } = roles;
  const { owner } = sequence;
  const table = owner?.kind === 'identity' ? catalog().tableByOid(owner.tableOid) : undefined;
  if (table !== undefined && access.hasOnAnyColumn(current.oid, tableTarget(table), Privilege.Insert)) return;
  access.require(current.oid, sequenceTarget(sequence), privileges, 'any');
}

/** Throws 42501 for a function that only superusers may call. */
export function requireSuperuserFor(functionName: string, { isSuperuser }: SessionRoles): void {
  if (isSuperuser) return;
  throw new SqlError(SqlState.InsufficientPrivilege, `permission denied for function ${functionName}`);
}

/** Whether the session's role is shown what sessions of another role do. */
export function maySeeActivity({ access, current }: SessionRoles, roleOid: number): boolean {
  return access.hasRightsOf(current.oid, roleOid) || access.hasRightsOf(current.oid, PredefinedRole.ReadAllStats);
}

const known = new WeakMap<SharedCatalog, WeakMap<object, Map<number, object>>>();

/** One object for each role, as long as roles and grants are what they are. */
export function rightsOf(shared: SharedCatalog, acls: Iterable<unknown> & object, roleOid: number): object {
  const byAcls = known.get(shared) ?? new WeakMap<object, Map<number, object>>();
  known.set(shared, byAcls);
  const byRole = byAcls.get(acls) ?? new Map<number, object>();
  byAcls.set(acls, byRole);
  const rights = byRole.get(roleOid) ?? {};
  byRole.set(roleOid, rights);
  return rights;
}
