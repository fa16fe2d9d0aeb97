import {
  type AccessKind,
  type AclItem,
  ALL_PRIVILEGES,
  defaultAcl,
  grantTo,
  PUBLIC_OID,
  privilegeOf,
  privilegeWords,
} from '../../catalog/access/acl.ts';
import { isSameAcl } from '../../database/access-writes.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { DefaultPrivilegesStatement, GrantKind, GrantStatement, RoleSyntax } from '../../sql/syntax/role-ast.ts';
import type { DefinitionRun } from '../definitions/definition-run.ts';
import { changeAcl, changeColumn, type GrantChange, revoked } from './change-acl.ts';
import { columnNamed, findGrantTarget, objectsInSchemas, SYSTEM_COLUMNS } from './grant-target.ts';

/** GRANT and REVOKE on objects. */
export function grantPrivileges(run: DefinitionRun, statement: GrantStatement): string {
  const { isGrant, object, privileges, target: how } = statement;
  requireOwnGrantor(run, statement.grantor);
  const change: GrantChange = {
    isGrant,
    grantees: granteesOf(run, statement),
    grantOption: statement.grantOption,
    isCascade: statement.isCascade,
    isAll: privileges === undefined,
  };
  const kind = kindOf(object);
  const whole = privileges === undefined ? undefined : wholePrivileges(kind, privileges);
  const byColumn = (privileges ?? []).filter(({ columns }) => columns.length > 0);
  if (byColumn.length > 0 && kind !== 'table') {
    throw new SqlError(SqlState.InvalidGrantOperation, 'column privileges are only valid for relations');
  }
  const objects =
    how === 'schemas'
      ? objectsInSchemas(run, statement)
      : statement.names.map((name) => findGrantTarget(run, object, name));
  for (const found of objects) {
    const { target } = found;
    const all = ALL_PRIVILEGES[target.kind];
    const wanted = whole ?? (byColumn.length > 0 ? 0 : all);
    if (wanted !== 0) changeAcl(run, found, wanted, change);
    if (!isGrant && (wanted & ALL_PRIVILEGES.column) !== 0) {
      // Taken from the whole is taken from each column.
      const own = target.kind !== 'table' ? [] : target.word === 'table' ? SYSTEM_COLUMNS : [];
      for (const column of [...own, ...found.columns]) {
        changeColumn(run, target, column, wanted & ALL_PRIVILEGES.column, change);
      }
    }
    for (const { name, columns } of byColumn) {
      const bits = columnPrivilege(name);
      for (const column of columns) changeColumn(run, target, columnNamed(found, column), bits, change);
    }
  }
  return isGrant ? 'GRANT' : 'REVOKE';
}

/** ALTER DEFAULT PRIVILEGES. */
export function changeDefaultPrivileges(run: DefinitionRun, statement: DefaultPrivilegesStatement): string {
  const { roles, schemas, grant } = statement;
  const kind = kindOf(grant.object);
  const type = DEFAULT_TYPES[kind];
  if (type === undefined) throw notSupported(`default privileges on ${grant.object}s`);
  if (kind === 'schema' && schemas.length > 0) {
    throw new SqlError(
      SqlState.InvalidGrantOperation,
      'cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS',
    );
  }
  const privileges =
    grant.privileges === undefined
      ? ALL_PRIVILEGES[kind]
      : wholePrivileges(kind, grant.privileges, { isDefault: true });
  if (grant.privileges?.some(({ columns }) => columns.length > 0) === true) {
    throw new SqlError(SqlState.InvalidGrantOperation, 'default privileges cannot be set for columns');
  }
  const grantees = granteesOf(run, grant);
  const owners = roles.length === 0 ? [run.roleOid] : roles.map((role) => run.role(role));
  for (const roleOid of owners) run.access.requireMember(run.roleOid, roleOid);
  const places = schemas.length === 0 ? [0] : schemas.map((name) => run.schema(name).oid);
  for (const roleOid of owners) {
    for (const schemaOid of places) {
      const before = [...run.transaction.catalog().defaultAcls()].find(
        (acl) => acl.roleOid === roleOid && acl.schemaOid === schemaOid && acl.objectType === type,
      );
      const usual = schemaOid === 0 ? defaultAcl(kind, roleOid) : [];
      let items = before?.items ?? usual;
      for (const grantee of grantees) {
        const item = { grantee, grantor: roleOid, privileges, grantOptions: grant.grantOption ? privileges : 0 };
        items = grant.isGrant ? grantTo(items, item) : revoked(items, item, grant.grantOption);
      }
      const { access } = run.transaction;
      const named = { kind: 'default-acl', roleOid, schemaOid, objectType: type, items } as const;
      const oid = before?.oid ?? run.transaction.takeOid();
      if (isSameAcl(items, usual)) access.drop({ ...named, oid });
      else access.put({ ...named, oid });
    }
  }
  return 'ALTER DEFAULT PRIVILEGES';
}

/** Takes from some roles all that they were granted in this database, and on databases. */
export function revokeAllFrom(run: DefinitionRun, roleOids: ReadonlySet<number>): void {
  const { access } = run.transaction;
  const strip = (items: readonly AclItem[]): readonly AclItem[] =>
    items.filter(({ grantee, grantor }) => !roleOids.has(grantee) && !roleOids.has(grantor));
  for (const acl of [...run.transaction.catalog().acls()]) {
    const items = strip(acl.items);
    if (items.length !== acl.items.length) access.setAcl(acl, items);
  }
  for (const acl of [...run.transaction.catalog().defaultAcls()]) {
    const items = strip(acl.items);
    if (roleOids.has(acl.roleOid)) access.drop(acl);
    else if (items.length === 0) access.drop(acl);
    else if (items.length !== acl.items.length) access.put({ ...acl, items });
  }
  for (const { oid } of [...run.identity.shared.databases()]) {
    const acl = run.identity.shared.databaseAcl(oid);
    if (acl === undefined) continue;
    const items = strip(acl.items);
    if (items.length !== acl.items.length) access.setAcl(acl, items);
  }
}

const KINDS: Readonly<Record<GrantKind, AccessKind>> = {
  table: 'table',
  sequence: 'sequence',
  database: 'database',
  schema: 'schema',
  type: 'type',
  function: 'function',
  procedure: 'function',
  routine: 'function',
  language: 'language',
  tablespace: 'tablespace',
};

const DEFAULT_TYPES = { table: 'r', sequence: 'S', function: 'f', type: 'T', schema: 'n' } as Readonly<
  Partial<Record<AccessKind, 'r' | 'S' | 'f' | 'T' | 'n'>>
>;

function kindOf(object: GrantKind): AccessKind {
  return KINDS[object];
}

/** Throws 0A000, as PostgreSQL does, unless rights are given in one's own name. */
function requireOwnGrantor(run: DefinitionRun, grantor: RoleSyntax | undefined): void {
  if (grantor === undefined || run.role(grantor) === run.roleOid) return;
  throw new SqlError(SqlState.FeatureNotSupported, 'grantor must be current user');
}

function granteesOf(run: DefinitionRun, { grantees, isGrant, grantOption }: GrantStatement): readonly number[] {
  return grantees.map((grantee) => {
    if (grantee.kind !== 'public') return run.role(grantee);
    if (isGrant && grantOption) {
      throw new SqlError(SqlState.InvalidGrantOperation, 'grant options can only be granted to roles');
    }
    return PUBLIC_OID;
  });
}

const KIND_WORDS: Readonly<Partial<Record<AccessKind, string>>> = { table: 'relation' };

/** The bits of those privileges that are about the whole of an object. Throws 42601, 0LP01. */
function wholePrivileges(
  kind: AccessKind,
  privileges: readonly { readonly name: string; readonly columns: readonly string[] }[],
  { isDefault = false } = {},
): number {
  let bits = 0;
  for (const { name, columns } of privileges) {
    if (columns.length > 0) continue;
    const bit = bitOf(name);
    // GRANT ON TABLE is good for sequences too.
    const allowed =
      kind === 'table' && !isDefault ? ALL_PRIVILEGES.table | ALL_PRIVILEGES.sequence : ALL_PRIVILEGES[kind];
    if ((bit & allowed) === 0) {
      throw new SqlError(
        SqlState.InvalidGrantOperation,
        `invalid privilege type ${privilegeWords(bit)[0]} for ${KIND_WORDS[kind] ?? kind}`,
      );
    }
    bits |= bit;
  }
  return bits;
}

function bitOf(name: string): number {
  const bit = privilegeOf(name);
  if (bit !== undefined) return bit;
  throw new SqlError(SqlState.SyntaxError, `unrecognized privilege type "${name}"`);
}

function columnPrivilege(name: string): number {
  if (name === 'all') return ALL_PRIVILEGES.column;
  const bit = bitOf(name);
  if ((bit & ALL_PRIVILEGES.column) !== 0) return bit;
  throw new SqlError(SqlState.InvalidGrantOperation, `invalid privilege type ${privilegeWords(bit)[0]} for column`);
}
