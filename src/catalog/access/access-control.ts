import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { ObjectClass } from '../catalog-object.ts';
import type { CatalogReader } from '../catalog-reader.ts';
import { type AccessTarget, databaseTarget } from './access-target.ts';
import { type AclItem, ALL_PRIVILEGES, defaultAcl, Privilege, PUBLIC_OID } from './acl.ts';
import { PredefinedRole } from './role.ts';
import type { SharedCatalog } from './shared-catalog.ts';

const WRITES = Privilege.Insert | Privilege.Update | Privilege.Delete;
const SYSTEM_WRITES = WRITES | Privilege.Truncate | Privilege.Usage;

/** What is read and written of a relation, column by column. */
export interface ColumnUse {
  /** Bits of Select, Insert and Update that any column suffices for where none is named. */
  readonly privileges: number;
  /** Numbers of columns; those below 1 are the system's own, and need the right to the whole. */
  readonly selected: ReadonlySet<number>;
  readonly inserted: ReadonlySet<number>;
  readonly updated: ReadonlySet<number>;
}

/**
 * Who may do what: the one place that knows. It stands on the catalog and the roles as one transaction sees them, so it is
 * made anew for each statement, which costs nothing.
 */
export class AccessControl {
  readonly shared: SharedCatalog;
  readonly #catalog: Pick<CatalogReader, 'acl' | 'acls'>;
  readonly #databaseOid: number;

  constructor(shared: SharedCatalog, catalog: Pick<CatalogReader, 'acl' | 'acls'>, databaseOid: number) {
    this.shared = shared;
    this.#catalog = catalog;
    this.#databaseOid = databaseOid;
  }

  isSuperuser(roleOid: number): boolean {
    return this.shared.isSuperuser(roleOid);
  }

  /** Whether SET ROLE would be allowed. */
  isMember(memberOid: number, roleOid: number): boolean {
    if (memberOid === roleOid || this.isSuperuser(memberOid)) return true;
    return this.shared.rolesOf(memberOid, 'all', this.#databaseOwner).has(roleOid);
  }

  /** Whether a role has the rights of another as it is. An owner's rights are such. */
  hasRightsOf(roleOid: number, ownerOid: number): boolean {
    if (roleOid === ownerOid || this.isSuperuser(roleOid)) return true;
    return this.shared.rolesOf(roleOid, 'inherited', this.#databaseOwner).has(ownerOid);
  }

  isOwner(roleOid: number, { ownerOid }: Pick<AccessTarget, 'ownerOid'>): boolean {
    return this.hasRightsOf(roleOid, ownerOid);
  }

  /** The items in force for an object. */
  aclOf(target: AccessTarget): readonly AclItem[] {
    return this.storedAcl(target, 0) ?? target.defaults ?? defaultAcl(target.kind, target.ownerOid);
  }

  /** What was granted; undefined: nothing ever was. */
  storedAcl({ classOid, objectOid }: AccessTarget, subId: number): readonly AclItem[] | undefined {
    if (classOid === ObjectClass.Database) return this.shared.databaseAcl(objectOid)?.items;
    return this.#catalog.acl({ classOid, objectOid, subId })?.items;
  }

  /** Whether a role has all of the privileges, or any of them. */
  has(roleOid: number, target: AccessTarget, privileges: number, how: 'all' | 'any' = 'all'): boolean {
    const held = this.privileges(roleOid, target) & privileges;
    return how === 'all' ? held === privileges : held !== 0;
  }

  /** The privileges that a role has on an object, as bits. */
  privileges(roleOid: number, target: AccessTarget): number {
    const all = ALL_PRIVILEGES[target.kind];
    if (this.isSuperuser(roleOid)) return all;
    if (target.isTemporary === true) {
      const database = this.shared.databaseByOid(this.#databaseOid);
      const isAllowed = database !== undefined && this.has(roleOid, databaseTarget(database), Privilege.Temporary);
      return isAllowed ? all : Privilege.Usage;
    }
    let held = heldOf(this.aclOf(target), this.#rolesOf(roleOid));
    held |= this.#everywhere(roleOid, target);
    if (target.isSystem === true) held &= ~SYSTEM_WRITES;
    return held & all;
  }

  /** What a role may grant on. */
  grantOptions(roleOid: number, target: AccessTarget, subId = 0): number {
    const { kind } = target;
    if (this.isOwner(roleOid, target)) return ALL_PRIVILEGES[kind];
    const roles = this.#rolesOf(roleOid);
    const items = subId === 0 ? this.aclOf(target) : (this.storedAcl(target, subId) ?? []);
    let options = 0;
    for (const item of items) if (roles.has(item.grantee)) options |= item.grantOptions;
    return options & ALL_PRIVILEGES[kind];
  }

  /** The privileges on a column itself, without those on its relation. */
  columnPrivileges(roleOid: number, target: AccessTarget, subId: number): number {
    if (this.isSuperuser(roleOid)) return ALL_PRIVILEGES.column;
    const items = this.storedAcl(target, subId);
    return items === undefined ? 0 : heldOf(items, this.#rolesOf(roleOid));
  }

  /** Whether a role has a privilege on any column of a relation, or on the whole. */
  hasOnAnyColumn(roleOid: number, target: AccessTarget, privilege: number): boolean {
    if (this.has(roleOid, target, privilege)) return true;
    const roles = this.#rolesOf(roleOid);
    for (const acl of this.#catalog.acls()) {
      if (acl.classOid !== target.classOid || acl.objectOid !== target.objectOid || acl.subId === 0) continue;
      if ((heldOf(acl.items, roles) & privilege) !== 0) return true;
    }
    return false;
  }

  /** Whether a role may read and write these columns of a relation; a right to the whole is one to each. */
  mayUse(roleOid: number, target: AccessTarget, use: ColumnUse): boolean {
    const missing = use.privileges & ~this.privileges(roleOid, target);
    if (missing === 0) return true;
    const { Select, Insert, Update } = Privilege;
    if ((missing & ~(Select | Insert | Update)) !== 0) return false;
    return (
      this.#mayUseColumns(roleOid, target, missing & Select, use.selected) &&
      this.#mayUseColumns(roleOid, target, missing & Insert, use.inserted) &&
      this.#mayUseColumns(roleOid, target, missing & Update, use.updated)
    );
  }

  /** Throws 42501 `permission denied for table x`. */
  require(roleOid: number, target: AccessTarget, privileges: number, how: 'all' | 'any' = 'all'): void {
    if (!this.has(roleOid, target, privileges, how)) throw permissionDenied(target);
  }

  /** Throws 42501 `must be owner of table x`. */
  requireOwner(roleOid: number, target: AccessTarget): void {
    if (!this.isOwner(roleOid, target)) throw notOwner(target);
  }

  /** Throws 42501 `must be member of role "x"`. */
  requireMember(memberOid: number, roleOid: number): void {
    if (this.isMember(memberOid, roleOid)) return;
    const name = this.shared.role(roleOid)?.name ?? String(roleOid);
    throw new SqlError(SqlState.InsufficientPrivilege, `must be member of role "${name}"`);
  }

  #mayUseColumns(roleOid: number, target: AccessTarget, privilege: number, columns: ReadonlySet<number>): boolean {
    if (privilege === 0) return true;
    if (columns.size === 0) return this.hasOnAnyColumn(roleOid, target, privilege);
    for (const number of columns) {
      if (number <= 0 || (this.columnPrivileges(roleOid, target, number) & privilege) === 0) return false;
    }
    return true;
  }

  #rolesOf(roleOid: number): ReadonlySet<number> {
    return this.shared.rolesOf(roleOid, 'inherited', this.#databaseOwner);
  }

  /** What the predefined roles give on every object. */
  #everywhere(roleOid: number, { kind }: AccessTarget): number {
    if (kind !== 'table' && kind !== 'sequence' && kind !== 'schema') return 0;
    const roles = this.#rolesOf(roleOid);
    const reads = roles.has(PredefinedRole.ReadAllData);
    const writes = roles.has(PredefinedRole.WriteAllData);
    if (kind === 'schema') return reads || writes ? Privilege.Usage : 0;
    return (reads ? Privilege.Select : 0) | (writes ? WRITES : 0);
  }

  get #databaseOwner(): number | undefined {
    return this.shared.databaseByOid(this.#databaseOid)?.ownerOid;
  }
}

function heldOf(items: readonly AclItem[], roles: ReadonlySet<number>): number {
  let held = 0;
  for (const { grantee, privileges } of items) if (grantee === PUBLIC_OID || roles.has(grantee)) held |= privileges;
  return held;
}

/** 42501, as PostgreSQL words it for this kind of object. */
export function permissionDenied({ word, name }: Pick<AccessTarget, 'word' | 'name'>, position = 0): SqlError {
  return new SqlError(SqlState.InsufficientPrivilege, `permission denied for ${word} ${name}`, { position });
}

/** 42501. */
export function notOwner({ word, name }: Pick<AccessTarget, 'word' | 'name'>): SqlError {
  return new SqlError(SqlState.InsufficientPrivilege, `must be owner of ${word} ${name}`);
}
