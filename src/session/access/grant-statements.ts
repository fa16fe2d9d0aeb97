import { permissionDenied } from '../../catalog/access/access-control.ts';
import type { AccessTarget } from '../../catalog/access/access-target.ts';
import {
  databaseTarget,
  schemaTarget,
  sequenceTarget,
  systemTarget,
  tableTarget,
  typeTarget,
  viewTarget,
} from '../../catalog/access/access-target.ts';
import {
  type AccessKind,
  type AclItem,
  ALL_PRIVILEGES,
  defaultAcl,
  grantTo,
  PUBLIC_OID,
  privilegeOf,
  privilegeWords,
  revokeFrom,
} from '../../catalog/access/acl.ts';
import { ObjectClass } from '../../catalog/catalog-object.ts';
import { isSameAcl } from '../../database/access-writes.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isSystemColumn } from '../../sql/binder/bind-column-definitions.ts';
import { findRelation, undefinedRelation } from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import { findType } from '../../sql/binder/resolve-type.ts';
import type { RelationName } from '../../sql/syntax/ast.ts';
import type { RoleSyntax } from '../../sql/syntax/definition-ast.ts';
import type { DefaultPrivilegesStatement, GrantedName, GrantKind, GrantStatement } from '../../sql/syntax/role-ast.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { type DefinitionRun, undefinedSchema } from '../definitions/definition-run.ts';
import { warning } from '../notice.ts';
import { functionGranted, languageGranted } from './granted-objects.ts';

/** An object that rights are given on, with the columns that can be named. */
interface GrantTarget {
  readonly target: AccessTarget;
  readonly columns: readonly GrantColumn[];
}

interface GrantColumn {
  readonly number: number;
  readonly name: string;
}

/** Those that PostgreSQL's tables have, in the order in which it speaks of them. */
const SYSTEM_COLUMNS: readonly GrantColumn[] = ['ctid', 'xmin', 'cmin', 'xmax', 'cmax', 'tableoid']
  .map((name, at) => ({ name, number: -1 - at }))
  .reverse();

/** What a statement gives or takes, whatever it is on. */
interface GrantChange {
  readonly isGrant: boolean;
  readonly grantees: readonly number[];
  readonly grantOption: boolean;
  readonly isCascade: boolean;
  /** ALL was said: nobody minds what an object does not have. */
  readonly isAll: boolean;
}

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
    how === 'schemas' ? objectsInSchemas(run, statement) : statement.names.map((name) => find(run, object, name));
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

function columnNamed({ target, columns }: GrantTarget, name: string): GrantColumn {
  const column = columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  if (isSystemColumn(name)) throw notSupported('rights on a system column');
  throw new SqlError(SqlState.UndefinedColumn, `column "${name}" of relation "${target.name}" does not exist`);
}

/** The object that GRANT names. Throws 42P01 and its like, 42809 for one of another kind. */
function find(run: DefinitionRun, object: GrantKind, name: GrantedName): GrantTarget {
  if (name.schema !== undefined) run.requireUsage(name.schema);
  switch (object) {
    case 'database': {
      const database = run.identity.shared.database(name.name);
      if (database !== undefined) return { target: databaseTarget(database), columns: [] };
      throw new SqlError(SqlState.InvalidCatalogName, `database "${name.name}" does not exist`);
    }
    case 'schema': {
      const schema = run.catalog.schema(name.name);
      if (schema === undefined) throw undefinedSchema(name.name);
      return { target: schemaTarget(schema), columns: [] };
    }
    case 'type': {
      const type = findType(run.bindContext(), name.schema, name.name);
      const found = type === undefined ? undefined : run.catalog.enumByOid(type.oid);
      if (found !== undefined) return { target: typeTarget(found), columns: [] };
      if (type !== undefined) return systemType(run, type);
      throw new SqlError(SqlState.UndefinedObject, `type "${nameAsWritten(name)}" does not exist`);
    }
    case 'table':
    case 'sequence':
      return findGranted(run, object, name);
    case 'function':
    case 'procedure':
    case 'routine':
      return { target: functionGranted(run, object, name), columns: [] };
    case 'language':
      return { target: languageGranted(name.name), columns: [] };
    default:
      throw notSupported(`GRANT on a ${object}`);
  }
}

/** A built-in type, or an array over one that was created. */
function systemType(run: DefinitionRun, type: TypeDefinition): GrantTarget {
  if (type.category === 'A') {
    throw new SqlError(SqlState.InvalidGrantOperation, 'cannot set privileges of array types', {
      hint: 'Set the privileges of the element type instead.',
    });
  }
  if (run.catalog.userTypeByOid(type.oid) !== undefined) throw notSupported(`GRANT on the type ${type.sqlName}`);
  return { target: systemTarget('type', ObjectClass.Type, type.oid, type.sqlName), columns: [] };
}

function findGranted(run: DefinitionRun, object: 'table' | 'sequence', name: RelationName): GrantTarget {
  const found = findRelation(run.bindContext(), name);
  if (found === undefined) throw undefinedRelation(run.bindContext(), name);
  if (found.kind === 'index') throw new SqlError(SqlState.WrongObjectType, `"${name.name}" is an index`);
  if (object === 'sequence' && found.kind !== 'sequence') {
    throw new SqlError(SqlState.WrongObjectType, `"${name.name}" is not a sequence`);
  }
  switch (found.kind) {
    case 'table':
      return {
        target: tableTarget(found.table),
        columns: found.table.columns.filter(({ isHidden }) => isHidden !== true),
      };
    case 'view':
      return {
        target: viewTarget(found.view),
        columns: found.view.columns.map((column, at) => ({ name: column.name, number: at + 1 })),
      };
    case 'sequence':
      return { target: sequenceTarget(found.sequence), columns: [] };
  }
}

/** ON ALL … IN SCHEMA: views are tables here. */
function objectsInSchemas(run: DefinitionRun, { object, names }: GrantStatement): readonly GrantTarget[] {
  return names.flatMap(({ name }) => {
    const { oid } = run.schema(name);
    const isInside = ({ schemaOid }: { readonly schemaOid: number }): boolean => schemaOid === oid;
    const qualified = (found: { readonly name: string }): RelationName => ({
      database: undefined,
      schema: name,
      name: found.name,
      position: 0,
    });
    const { catalog } = run;
    if (object === 'table') {
      const relations = [...catalog.tables(), ...catalog.views()].filter(isInside);
      return relations.map((found) => find(run, 'table', qualified(found)));
    }
    if (object === 'sequence') {
      return [...catalog.sequences()].filter(isInside).map((found) => find(run, 'sequence', qualified(found)));
    }
    // There are no functions but the system's own.
    if (name === 'pg_catalog' || name === 'information_schema')
      throw notSupported(`GRANT on the ${object}s of ${name}`);
    return [];
  });
}

function changeAcl(run: DefinitionRun, { target }: GrantTarget, wanted: number, change: GrantChange): void {
  let asked = wanted & ALL_PRIVILEGES[target.kind];
  if (asked !== wanted) {
    if (target.kind === 'sequence') {
      const message = `sequence "${target.name}" only supports USAGE, SELECT, and UPDATE privileges`;
      run.scope.notice(warning(SqlState.InvalidGrantOperation, message));
    } else {
      const [word] = privilegeWords(wanted & ~asked);
      throw new SqlError(SqlState.InvalidGrantOperation, `invalid privilege type ${word} for table`);
    }
  }
  const { grantor, options } = bestGrantor(run, target, 0, asked);
  asked = restrict(run, target, asked, options, change);
  const items = changed(run.access.aclOf(target), { asked, grantor, ownerOid: target.ownerOid }, change);
  run.transaction.access.setAcl({ classOid: target.classOid, objectOid: target.objectOid, subId: 0 }, items);
}

function changeColumn(
  run: DefinitionRun,
  target: AccessTarget,
  { number: subId, name }: GrantColumn,
  wanted: number,
  change: GrantChange,
): void {
  const { grantor, options } = bestGrantor(run, target, subId, wanted);
  const asked = restrict(run, target, wanted, options, { ...change, columnName: name });
  const before = run.access.storedAcl(target, subId) ?? [];
  if (before.length === 0 && !change.isGrant) return;
  const items = changed(before, { asked, grantor, ownerOid: target.ownerOid }, change);
  const place = { classOid: target.classOid, objectOid: target.objectOid, subId };
  run.transaction.access.setAcl(place, items.length === 0 ? undefined : items);
}

/** In whose name rights are given: the owner's, or that of the role among one's own that may give most. */
function bestGrantor(
  run: DefinitionRun,
  target: AccessTarget,
  subId: number,
  wanted: number,
): { readonly grantor: number; readonly options: number } {
  const { access, roleOid } = run;
  if (access.isOwner(roleOid, target)) {
    return { grantor: target.ownerOid, options: ALL_PRIVILEGES[subId === 0 ? target.kind : 'column'] };
  }
  const items = [...access.aclOf(target), ...(subId === 0 ? [] : (access.storedAcl(target, subId) ?? []))];
  let best = { grantor: roleOid, options: 0 };
  for (const oid of access.shared.rolesOf(roleOid, 'inherited', undefined)) {
    let options = 0;
    for (const item of items) if (item.grantee === oid) options |= item.grantOptions;
    options &= wanted;
    if (countBits(options) > countBits(best.options)) best = { grantor: oid, options };
  }
  return best;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** What of it may be given: with a word about the rest. Throws 42501 for who has nothing to do with the object. */
function restrict(
  run: DefinitionRun,
  target: AccessTarget,
  asked: number,
  options: number,
  { isGrant, isAll, columnName }: GrantChange & { readonly columnName?: string },
): number {
  const given = asked & options;
  if (options === 0 && run.access.privileges(run.roleOid, target) === 0) throw permissionDenied(target);
  if (given !== asked) {
    const verb = isGrant ? 'were granted' : 'could be revoked';
    const code = isGrant ? SqlState.PrivilegeNotGranted : SqlState.PrivilegeNotRevoked;
    const amount = given === 0 ? 'no privileges' : 'not all privileges';
    const what = columnName === undefined ? `"${target.name}"` : `column "${columnName}" of relation "${target.name}"`;
    if (given === 0 || !isAll) run.scope.notice(warning(code, `${amount} ${verb} for ${what}`));
  }
  return given;
}

function changed(
  before: readonly AclItem[],
  { asked, grantor, ownerOid }: { readonly asked: number; readonly grantor: number; readonly ownerOid: number },
  change: GrantChange,
): readonly AclItem[] {
  let items = before;
  for (const grantee of change.grantees) {
    const item = { grantee, grantor, privileges: asked, grantOptions: change.grantOption ? asked : 0 };
    if (change.isGrant) {
      if (change.grantOption) requireNoCircle(items, item, ownerOid);
      items = grantTo(items, item);
      continue;
    }
    items = revoked(items, item, change.grantOption);
    items = withoutDependents(items, ownerOid, change.isCascade);
  }
  return items;
}

/** REVOKE, or REVOKE GRANT OPTION FOR. */
function revoked(items: readonly AclItem[], item: AclItem, optionsOnly: boolean): readonly AclItem[] {
  return revokeFrom(items, optionsOnly ? { ...item, privileges: 0 } : item);
}

/** Throws 0LP01 where a grantor would owe his right to whom he gives it. */
function requireNoCircle(items: readonly AclItem[], { grantee, grantor }: AclItem, ownerOid: number): void {
  if (grantor === ownerOid) return;
  const givers = new Set([grantor]);
  for (const giver of givers) {
    for (const item of items) if (item.grantee === giver && item.grantOptions !== 0) givers.add(item.grantor);
  }
  givers.delete(ownerOid);
  if (!givers.has(grantee)) return;
  throw new SqlError(SqlState.InvalidGrantOperation, 'grant options cannot be granted back to your own grantor');
}

/** What was given by who may not give it any more goes too. Throws 2BP01 unless CASCADE was said. */
function withoutDependents(items: readonly AclItem[], ownerOid: number, isCascade: boolean): readonly AclItem[] {
  for (let left = items; ; ) {
    const mayGive = (oid: number): number => {
      if (oid === ownerOid) return -1;
      let options = 0;
      for (const item of left) if (item.grantee === oid) options |= item.grantOptions;
      return options;
    };
    const orphan = left.find((item) => (item.privileges & ~mayGive(item.grantor)) !== 0);
    if (orphan === undefined) return left;
    if (!isCascade) {
      throw new SqlError(SqlState.DependentObjectsStillExist, 'dependent privileges exist', {
        hint: 'Use CASCADE to revoke them too.',
      });
    }
    const lost = orphan.privileges & ~mayGive(orphan.grantor);
    left = revokeFrom(left, { ...orphan, privileges: lost, grantOptions: lost });
  }
}
