import { isReservedRoleName } from '../../catalog/access/role.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { GrantRoleStatement } from '../../sql/syntax/role-ast.ts';
import type { DefinitionRun } from '../definitions/definition-run.ts';
import { warning } from '../notice.ts';
import { isImplicitRole, mayManageRoles } from './role-statements.ts';

interface MembershipOptions {
  readonly grantorOid: number;
  readonly hasAdminOption: boolean;
}

/** GRANT and REVOKE of membership in roles. */
export function grantRoles(run: DefinitionRun, statement: GrantRoleStatement): string {
  const { isGrant, roles, grantees, adminOption, grantor } = statement;
  const { current, isSuperuser } = run.identity;
  const grantorOid = grantor === undefined ? current.oid : run.role(grantor);
  if (grantorOid !== current.oid && !isSuperuser) {
    throw new SqlError(SqlState.InsufficientPrivilege, 'must be superuser to set grantor');
  }
  const members = grantees.map((grantee) => run.role(grantee));
  for (const name of roles) {
    const { oid } = run.namedRole(name);
    if (isGrant) addMembers(run, oid, members, { grantorOid, hasAdminOption: adminOption });
    else removeMembers(run, oid, members, { adminOptionOnly: adminOption });
  }
  return isGrant ? 'GRANT ROLE' : 'REVOKE ROLE';
}

/**
 * Makes roles members of another. Throws 42501, 0LP01 where a role would be a member of itself, XX000 (as PostgreSQL does)
 * for pg_database_owner.
 */
export function addMembers(
  run: DefinitionRun,
  roleOid: number,
  members: readonly number[],
  { grantorOid, hasAdminOption }: MembershipOptions,
): void {
  if (members.length === 0) return;
  requireAdmin(run, roleOid);
  const nameOf = (oid: number): string => run.identity.shared.role(oid)?.name ?? String(oid);
  for (const memberOid of members) {
    if (isImplicitRole(roleOid)) {
      throw new SqlError(SqlState.InternalError, `role "${nameOf(roleOid)}" cannot have explicit members`);
    }
    if (isImplicitRole(memberOid)) {
      throw new SqlError(SqlState.InternalError, `role "${nameOf(memberOid)}" cannot be a member of any role`);
    }
    const { shared } = run.identity;
    if (shared.rolesOf(roleOid, 'all', undefined).has(memberOid)) {
      throw new SqlError(
        SqlState.InvalidGrantOperation,
        `role "${nameOf(roleOid)}" is a member of role "${nameOf(memberOid)}"`,
      );
    }
    const known = shared.membership(roleOid, memberOid);
    if (known !== undefined && (!hasAdminOption || known.hasAdminOption)) {
      run.notice(`role "${nameOf(memberOid)}" is already a member of role "${nameOf(roleOid)}"`);
      continue;
    }
    run.transaction.access.put({ kind: 'membership', roleOid, memberOid, grantorOid, hasAdminOption });
  }
}

export function removeMembers(
  run: DefinitionRun,
  roleOid: number,
  members: readonly number[],
  { adminOptionOnly }: { readonly adminOptionOnly: boolean },
): void {
  requireAdmin(run, roleOid);
  for (const memberOid of members) {
    const { shared } = run.identity;
    const known = shared.membership(roleOid, memberOid);
    if (known === undefined || (known.memberOid < FIRST_USER_OID && isBuiltIn(run, memberOid))) {
      const [member, role] = [memberOid, roleOid].map((oid) => shared.role(oid)?.name ?? String(oid));
      run.scope.notice(warning(SqlState.Warning, `role "${member}" is not a member of role "${role}"`));
      continue;
    }
    if (adminOptionOnly) run.transaction.access.put({ ...known, hasAdminOption: false });
    else run.transaction.access.drop(known);
  }
}

const FIRST_USER_OID = 16_384;

/** What pg_monitor has is part of the system. */
function isBuiltIn(run: DefinitionRun, oid: number): boolean {
  return isReservedRoleName(run.identity.shared.role(oid)?.name ?? '');
}

/** Throws 42501 for who may not give a role to others. */
function requireAdmin(run: DefinitionRun, roleOid: number): void {
  const { shared, current, isSuperuser } = run.identity;
  const role = shared.role(roleOid);
  if (role?.isSuperuser === true) {
    if (!isSuperuser) throw new SqlError(SqlState.InsufficientPrivilege, 'must be superuser to alter superusers');
    return;
  }
  if (mayManageRoles(current) || shared.hasAdminOption(current.oid, roleOid)) return;
  throw new SqlError(SqlState.InsufficientPrivilege, `must have admin option on role "${role?.name ?? roleOid}"`);
}
