import type { AccessControl } from '../catalog/access/access-control.ts';
import {
  type AccessTarget,
  databaseTarget,
  schemaTarget,
  sequenceTarget,
  systemTarget,
  tableTarget,
  typeTarget,
  viewTarget,
} from '../catalog/access/access-target.ts';
import { type AccessKind, PUBLIC_OID, privilegeOf } from '../catalog/access/acl.ts';
import { ObjectClass } from '../catalog/catalog-object.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { PrivilegeInquiry } from '../functions/catalog/system-facts.ts';
import { catalogFunctionByOid } from '../pg-catalog/function-names.ts';
import { typeByOid } from '../types/type-registry.ts';

/** What is asked of: as one statement sees it. */
export interface InquiryWorld {
  readonly access: AccessControl;
  readonly catalog: CatalogReader;
  readonly currentRoleOid: number;
  /** OIDs of names, as they are written. Each throws as a reg type does. */
  readonly relationOid: (name: string) => number | undefined;
  readonly functionOid: (name: string) => number;
  readonly typeOid: (name: string) => number;
}

const GRANT_OPTION = / WITH GRANT OPTION$/;

const WORDS: Readonly<Record<PrivilegeInquiry['kind'], readonly string[]>> = {
  table: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'RULE'],
  'any-column': ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'],
  column: ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'],
  sequence: ['USAGE', 'SELECT', 'UPDATE'],
  database: ['CREATE', 'TEMPORARY', 'TEMP', 'CONNECT'],
  schema: ['CREATE', 'USAGE'],
  type: ['USAGE'],
  function: ['EXECUTE'],
  language: ['USAGE'],
  tablespace: ['CREATE'],
  parameter: ['SET', 'ALTER SYSTEM'],
  role: ['USAGE', 'MEMBER'],
  'foreign-data wrapper': ['USAGE'],
  server: ['USAGE'],
};

interface Asked {
  readonly word: string;
  /** Bits of `Privilege`; 0 for words that only say something of roles. */
  readonly bits: number;
  readonly withGrantOption: boolean;
}

/** has_table_privilege and its like: NULL for a number that nothing has. Throws for names that nothing has. */
export function hasPrivilege(world: InquiryWorld, inquiry: PrivilegeInquiry): boolean | null {
  const roleOid = inquiry.role === undefined ? world.currentRoleOid : roleOf(world, inquiry.role);
  if (inquiry.kind === 'role') return hasRole(world, roleOid, inquiry);
  const target = targetOf(world, inquiry);
  const asked = readPrivileges(inquiry);
  if (target === undefined) return null;
  const { access } = world;
  if (inquiry.kind === 'any-column') {
    return asked.some(({ bits }) => access.hasOnAnyColumn(roleOid, target, bits));
  }
  const column = inquiry.kind === 'column' ? columnOf(world, target, inquiry.column ?? 0) : undefined;
  if (column === null) return null;
  return asked.some(({ bits, withGrantOption }) => {
    const whole = withGrantOption ? access.grantOptions(roleOid, target) : access.privileges(roleOid, target);
    if ((whole & bits) !== 0) return true;
    if (column === undefined) return false;
    const own = withGrantOption
      ? access.grantOptions(roleOid, target, column)
      : access.columnPrivileges(roleOid, target, column);
    return (own & bits) !== 0;
  });
}

/** Throws 22023 for a word that is no privilege of the kind. */
function readPrivileges({ privileges, kind }: PrivilegeInquiry): Asked[] {
  return privileges.split(',').map((part) => {
    const text = part.trim().toUpperCase();
    const word = text.replace(GRANT_OPTION, '').replace(/ WITH ADMIN OPTION$/, '');
    if (!WORDS[kind].includes(word)) {
      throw new SqlError(SqlState.InvalidParameterValue, `unrecognized privilege type: "${part.trim()}"`);
    }
    return { word, bits: privilegeOf(word) ?? 0, withGrantOption: text !== word };
  });
}

function hasRole(world: InquiryWorld, memberOid: number, inquiry: PrivilegeInquiry): boolean | null {
  const roleOid = roleOf(world, inquiry.object);
  const asked = readPrivileges(inquiry);
  const { access } = world;
  return asked.some(({ word, withGrantOption }) => {
    if (withGrantOption) return access.shared.hasAdminOption(memberOid, roleOid);
    return word === 'USAGE' ? access.hasRightsOf(memberOid, roleOid) : access.isMember(memberOid, roleOid);
  });
}

function roleOf({ access }: InquiryWorld, role: string | number): number {
  if (typeof role === 'number') return role;
  if (role === 'public') return PUBLIC_OID;
  const found = access.shared.roleByName(role);
  if (found !== undefined) return found.oid;
  throw new SqlError(SqlState.UndefinedObject, `role "${role}" does not exist`);
}

function targetOf(world: InquiryWorld, { kind, object }: PrivilegeInquiry): AccessTarget | undefined {
  const { access, catalog } = world;
  switch (kind) {
    case 'table':
    case 'any-column':
    case 'column':
    case 'sequence':
      return relationTarget(world, object, kind);
    case 'database': {
      const { shared } = access;
      const found = typeof object === 'number' ? shared.databaseByOid(object) : shared.database(object);
      if (found !== undefined) return databaseTarget(found);
      if (typeof object === 'number') return undefined;
      throw new SqlError(SqlState.InvalidCatalogName, `database "${object}" does not exist`);
    }
    case 'schema': {
      const found = typeof object === 'number' ? catalog.schemaByOid(object) : catalog.schema(object);
      if (found !== undefined) return schemaTarget(found);
      if (typeof object === 'number') return undefined;
      throw new SqlError(SqlState.InvalidSchemaName, `schema "${object}" does not exist`);
    }
    case 'type': {
      const oid = typeof object === 'number' ? object : world.typeOid(object);
      const created = catalog.enumByOid(oid);
      if (created !== undefined) return typeTarget(created);
      const isKnown = typeByOid(oid) !== undefined || catalog.userTypeByOid(oid) !== undefined;
      return isKnown ? builtIn('type', oid, String(object), ObjectClass.Type) : undefined;
    }
    case 'function': {
      const oid = typeof object === 'number' ? object : world.functionOid(object);
      const found = catalogFunctionByOid(oid);
      return found && builtIn('function', oid, found.name, ObjectClass.Function);
    }
    case 'language':
      return named(object, 'language', [12, 13, 14], ['internal', 'c', 'sql'], ObjectClass.Language);
    case 'tablespace':
      return named(object, 'tablespace', [1663, 1664], ['pg_default', 'pg_global'], TABLESPACE_CLASS);
    case 'parameter':
      return builtIn('parameter', 0, String(object), PARAMETER_CLASS);
    default:
      if (typeof object === 'number') return undefined;
      throw new SqlError(SqlState.UndefinedObject, `${kind} "${object}" does not exist`);
  }
}

const TABLESPACE_CLASS = 1213;
const PARAMETER_CLASS = 6243;

function builtIn(kind: AccessKind, objectOid: number, name: string, classOid: number): AccessTarget {
  return systemTarget(kind, classOid, objectOid, name);
}

function named(
  object: string | number,
  kind: 'language' | 'tablespace',
  oids: readonly number[],
  names: readonly string[],
  classOid: number,
): AccessTarget | undefined {
  const at = typeof object === 'number' ? oids.indexOf(object) : names.indexOf(object);
  if (at >= 0) return builtIn(kind, oids[at], names[at] ?? '', classOid);
  if (typeof object === 'number') return undefined;
  throw new SqlError(SqlState.UndefinedObject, `${kind} "${object}" does not exist`);
}

function relationTarget(
  world: InquiryWorld,
  object: string | number,
  kind: PrivilegeInquiry['kind'],
): AccessTarget | undefined {
  const { catalog } = world;
  const oid = typeof object === 'number' ? object : world.relationOid(object);
  if (oid === undefined) throw new SqlError(SqlState.UndefinedTable, `relation "${object}" does not exist`);
  const sequence = catalog.sequenceByOid(oid);
  if (sequence !== undefined) return sequenceTarget(sequence);
  const table = catalog.tableByOid(oid);
  const view = catalog.viewByOid(oid);
  if (kind === 'sequence' && (table !== undefined || view !== undefined)) {
    throw new SqlError(SqlState.WrongObjectType, `"${table?.name ?? view?.name}" is not a sequence`);
  }
  return table !== undefined ? tableTarget(table) : view === undefined ? undefined : viewTarget(view);
}

/** The number of a column; null for a number that no column has. Throws 42703 for a name that none has. */
function columnOf({ catalog }: InquiryWorld, target: AccessTarget, column: string | number): number | null {
  const columns =
    catalog.tableByOid(target.objectOid)?.columns ??
    catalog.viewByOid(target.objectOid)?.columns.map(({ name }, at) => ({ name, number: at + 1 })) ??
    [];
  const found = columns.find(({ name, number }) => (typeof column === 'number' ? number === column : name === column));
  if (found !== undefined) return found.number;
  if (typeof column === 'number') return null;
  throw new SqlError(SqlState.UndefinedColumn, `column "${column}" of relation "${target.name}" does not exist`);
}
