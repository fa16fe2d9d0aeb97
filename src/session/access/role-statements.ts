import { BOOTSTRAP_ROLE, isReservedRoleName, PredefinedRole, type StoredRole } from '../../catalog/access/role.ts';
import type { SharedCatalog } from '../../catalog/access/shared-catalog.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type {
  AlterRoleStatement,
  CreateRoleStatement,
  DropRoleStatement,
  RenameRoleStatement,
  RoleOptions,
  RoleSyntax,
} from '../../sql/syntax/role-ast.ts';
import { typeByName } from '../../types/type-registry.ts';
import type { DefinitionRun } from '../definitions/definition-run.ts';
import { formatVerifier, parseVerifier, SALT_BYTES, verifierOf } from '../passwords/scram-verifier.ts';
import { addMembers, removeMembers } from './membership-statements.ts';
import { roleDependents } from './role-dependents.ts';
import { dropSharedParts } from './settings-statements.ts';

type NewRole = Omit<StoredRole, 'version'>;

/** CREATE ROLE, USER and GROUP. */
export async function createRole(run: DefinitionRun, statement: CreateRoleStatement): Promise<string> {
  const { name, options } = statement;
  const { access, current } = run.identity;
  if (options.isSuperuser === true) requireSuperuser(run, 'must be superuser to create superusers');
  else if (options.canReplicate === true) requireSuperuser(run, 'must be superuser to create replication users');
  else if (options.bypassesRowSecurity === true) requireSuperuser(run, 'must be superuser to create bypassrls users');
  else if (!mayManageRoles(current)) throw denied('permission denied to create role');
  requireFreeName(access.shared, name);
  const { password } = options;
  const verifier = await newVerifier(run, password);
  const oid = run.transaction.takeOid();
  const role: NewRole = {
    ...BOOTSTRAP_ROLE,
    oid,
    name,
    isSuperuser: options.isSuperuser ?? false,
    inherits: options.inherits ?? true,
    canCreateRole: options.canCreateRole ?? false,
    canCreateDatabase: options.canCreateDatabase ?? false,
    canLogin: options.canLogin ?? statement.isUser,
    canReplicate: options.canReplicate ?? false,
    bypassesRowSecurity: options.bypassesRowSecurity ?? false,
    connectionLimit: connectionLimit(options),
    ...(verifier === undefined ? {} : { verifier }),
    ...validUntil(run, options),
  };
  run.transaction.access.put(role);
  const grantorOid = current.oid;
  for (const wanted of statement.inRoles) {
    addMembers(run, run.role(wanted), [oid], { grantorOid, hasAdminOption: false });
  }
  const members = (roles: readonly RoleSyntax[]): number[] => roles.map((member) => run.role(member));
  addMembers(run, oid, members(statement.admins), { grantorOid, hasAdminOption: true });
  addMembers(run, oid, members(statement.members), { grantorOid, hasAdminOption: false });
  return 'CREATE ROLE';
}

/** ALTER ROLE with options, and ALTER GROUP … ADD and DROP USER. */
export async function alterRole(run: DefinitionRun, statement: AlterRoleStatement): Promise<string> {
  const { options, members, isDrop } = statement;
  const role = changeableRole(run, statement.role, 'Cannot alter reserved roles.');
  const { current } = run.identity;
  if (role.isSuperuser || options.isSuperuser !== undefined) {
    requireSuperuser(run, 'must be superuser to alter superuser roles or change superuser attribute');
  } else if (role.canReplicate || options.canReplicate !== undefined) {
    requireSuperuser(run, 'must be superuser to alter replication roles or change replication attribute');
  } else if (options.bypassesRowSecurity !== undefined) {
    requireSuperuser(run, 'must be superuser to change bypassrls attribute');
  } else if (!mayManageRoles(current)) {
    const { password, ...others } = options;
    const isOwnPassword = role.oid === current.oid && password !== undefined && Object.keys(others).length === 0;
    if (!isOwnPassword || members !== undefined) throw denied('permission denied');
  }
  const { password, validUntil: _, connectionLimit: __, ...flags } = options;
  const { version: ___, verifier: known, ...before } = role;
  const verifier = password === undefined ? known : await newVerifier(run, password);
  run.transaction.access.put({
    ...before,
    ...flags,
    ...(options.connectionLimit === undefined ? {} : { connectionLimit: connectionLimit(options) }),
    ...(verifier === undefined ? {} : { verifier }),
    ...validUntil(run, options),
  });
  if (members !== undefined) {
    const oids = members.map((member) => run.role(member));
    const how = { grantorOid: current.oid, hasAdminOption: false };
    if (isDrop) removeMembers(run, role.oid, oids, { adminOptionOnly: false });
    else addMembers(run, role.oid, oids, how);
  }
  return 'ALTER ROLE';
}

export function renameRole(run: DefinitionRun, { name, newName }: RenameRoleStatement): string {
  const { identity } = run;
  const role = run.namedRole(name);
  requireUnreserved(name, 'Role names starting with "pg_" are reserved.');
  const isOwn = [
    ['session user', identity.session.oid],
    ['current user', identity.current.oid],
  ] as const;
  for (const [what, oid] of isOwn) {
    if (oid === role.oid) throw new SqlError(SqlState.FeatureNotSupported, `${what} cannot be renamed`);
  }
  requireFreeName(identity.shared, newName);
  if (role.isSuperuser) requireSuperuser(run, 'must be superuser to rename superusers');
  else if (!mayManageRoles(identity.current)) throw denied('permission denied to rename role');
  run.transaction.access.put({ ...role, name: newName });
  return 'ALTER ROLE';
}

/** Throws 2BP01 for a role that owns something or has rights on something, in whatever database. */
export function dropRoles(run: DefinitionRun, { roles, ifExists }: DropRoleStatement): string {
  const { identity } = run;
  if (!mayManageRoles(identity.current)) throw denied('permission denied to drop role');
  const doomed: StoredRole[] = [];
  for (const { kind, name = '' } of roles) {
    if (kind !== 'named') {
      throw new SqlError(SqlState.InvalidParameterValue, 'cannot use special role specifier in DROP ROLE');
    }
    const role = identity.shared.roleByName(name);
    if (role === undefined) {
      const message = `role "${name}" does not exist`;
      if (!ifExists) throw new SqlError(SqlState.UndefinedObject, message);
      run.notice(`${message}, skipping`);
      continue;
    }
    if (role.oid === identity.current.oid || role.oid === identity.login.oid) {
      throw new SqlError(SqlState.ObjectInUse, 'current user cannot be dropped');
    }
    if (role.oid === identity.session.oid) throw new SqlError(SqlState.ObjectInUse, 'session user cannot be dropped');
    if (role.isSuperuser) requireSuperuser(run, 'must be superuser to drop superusers');
    doomed.push(role);
  }
  for (const role of doomed) {
    if (role.oid === BOOTSTRAP_ROLE.oid || isReservedRoleName(role.name)) {
      throw new SqlError(
        SqlState.DependentObjectsStillExist,
        `cannot drop role ${role.name} because it is required by the database system`,
      );
    }
    // A membership of the one is none of the other's that is dropped with it.
    for (const membership of [...identity.shared.memberships()]) {
      if (membership.roleOid === role.oid || membership.memberOid === role.oid) run.transaction.access.drop(membership);
    }
    const dependents = roleDependents(run, role.oid);
    if (dependents.length > 0) {
      throw new SqlError(
        SqlState.DependentObjectsStillExist,
        `role "${role.name}" cannot be dropped because some objects depend on it`,
        { detail: dependents.join('\n') },
      );
    }
    dropSharedParts(run, { roleOid: role.oid });
    run.transaction.access.drop(role);
  }
  return 'DROP ROLE';
}

/** The role that a statement changes. Throws 42704, 42939 for one of the system's own. */
function changeableRole(run: DefinitionRun, written: RoleSyntax, detail: string): StoredRole {
  if (written.name !== undefined) requireUnreserved(written.name, detail);
  const role = run.identity.shared.role(run.role(written));
  if (role === undefined) throw new SqlError(SqlState.UndefinedObject, `role "${written.name}" does not exist`);
  return role;
}

/** Superusers, and who has CREATEROLE. */
export function mayManageRoles({ isSuperuser, canCreateRole }: StoredRole): boolean {
  return isSuperuser || canCreateRole;
}

function requireSuperuser(run: DefinitionRun, message: string): void {
  if (!run.identity.isSuperuser) throw denied(message);
}

function denied(message: string): SqlError {
  return new SqlError(SqlState.InsufficientPrivilege, message);
}

function requireFreeName(shared: SharedCatalog, name: string): void {
  requireUnreserved(name, 'Role names starting with "pg_" are reserved.');
  if (shared.roleByName(name) === undefined) return;
  throw new SqlError(SqlState.DuplicateObject, `role "${name}" already exists`);
}

function requireUnreserved(name: string, detail: string): void {
  if (!isReservedRoleName(name)) return;
  throw new SqlError(SqlState.ReservedName, `role name "${name}" is reserved`, { detail });
}

function connectionLimit({ connectionLimit: limit = -1 }: RoleOptions): number {
  if (limit >= -1) return limit;
  throw new SqlError(SqlState.InvalidParameterValue, `invalid connection limit: ${limit}`);
}

/** A verifier is taken as it is; of a password one is made. undefined: no password will do. */
async function newVerifier(run: DefinitionRun, password: string | null | undefined): Promise<string | undefined> {
  if (password === undefined || password === null) return undefined;
  if (password === '') {
    run.notice('empty string is not a valid password, clearing password');
    return undefined;
  }
  if (parseVerifier(password) !== undefined) return password;
  if (/^md5[0-9a-f]{32}$/.test(password)) throw notSupported('an MD5 password');
  const salt = new Uint8Array(SALT_BYTES);
  run.bindContext().environment.fillRandom(salt);
  const verifier = await verifierOf(password, { salt });
  // The empty password in another guise.
  return (await isEmptyPassword(verifier)) ? undefined : formatVerifier(verifier);
}

async function isEmptyPassword(verifier: Awaited<ReturnType<typeof verifierOf>>): Promise<boolean> {
  const { serverKey } = await verifierOf('', verifier);
  return Buffer.from(serverKey).equals(Buffer.from(verifier.serverKey));
}

/** VALID UNTIL, as timestamptz reads it. Throws 22007. */
function validUntil(run: DefinitionRun, { validUntil: text }: RoleOptions): Pick<NewRole, 'validUntil'> {
  if (text === undefined) return {};
  const type = typeByName('timestamptz');
  const micros = Number(type?.parse(text, run.bindContext().typeContext, -1));
  if (micros === Number.POSITIVE_INFINITY) return { validUntil: 'infinity' };
  return { validUntil: micros === Number.NEGATIVE_INFINITY ? '-infinity' : micros };
}

/** Whether a role may not be granted explicitly: whose members the server knows. */
export function isImplicitRole(oid: number): boolean {
  return oid === PredefinedRole.DatabaseOwner;
}
