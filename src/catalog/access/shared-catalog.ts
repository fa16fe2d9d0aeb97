import type { CatalogObject, StoredAcl, StoredComment, StoredDatabase, StoredRoleSettings } from '../catalog-object.ts';
import { commentKey, ObjectClass, roleSettingsKey } from '../catalog-object.ts';
import {
  PREDEFINED_MEMBERSHIPS,
  PREDEFINED_ROLES,
  PredefinedRole,
  type StoredMembership,
  type StoredRole,
} from './role.ts';

/** What all databases of a server share, as one transaction sees it: roles, their members, databases. Immutable. */
export class SharedCatalog {
  readonly #roles = new Map<number, StoredRole>();
  readonly #rolesByName = new Map<string, StoredRole>();
  readonly #databases = new Map<string, StoredDatabase>();
  readonly #databaseAcls = new Map<number, StoredAcl>();
  readonly #settings = new Map<string, StoredRoleSettings>();
  readonly #comments = new Map<string, StoredComment>();
  /** By member: what it was granted. */
  readonly #granted = new Map<number, StoredMembership[]>();
  readonly #memberships: StoredMembership[] = [];
  readonly #closures = new Map<string, ReadonlySet<number>>();

  constructor(objects: Iterable<CatalogObject>) {
    for (const role of PREDEFINED_ROLES) this.#addRole(role);
    for (const membership of PREDEFINED_MEMBERSHIPS) this.#addMembership(membership);
    for (const object of objects) {
      if (object.kind === 'role') this.#addRole(object);
      else if (object.kind === 'membership') this.#addMembership(object);
      else if (object.kind === 'database') this.#databases.set(object.name, object);
      else if (object.kind === 'acl' && object.classOid === ObjectClass.Database) {
        this.#databaseAcls.set(object.objectOid, object);
      } else if (object.kind === 'role-settings') this.#settings.set(roleSettingsKey(object), object);
      else if (object.kind === 'comment') this.#comments.set(commentKey(object), object);
    }
  }

  roles(): Iterable<StoredRole> {
    return this.#roles.values();
  }

  role(oid: number): StoredRole | undefined {
    return this.#roles.get(oid);
  }

  roleByName(name: string): StoredRole | undefined {
    return this.#rolesByName.get(name);
  }

  memberships(): Iterable<StoredMembership> {
    return this.#memberships;
  }

  membership(roleOid: number, memberOid: number): StoredMembership | undefined {
    return this.#granted.get(memberOid)?.find((membership) => membership.roleOid === roleOid);
  }

  databases(): Iterable<StoredDatabase> {
    return this.#databases.values();
  }

  database(name: string): StoredDatabase | undefined {
    return this.#databases.get(name);
  }

  databaseByOid(oid: number): StoredDatabase | undefined {
    for (const database of this.#databases.values()) if (database.oid === oid) return database;
    return undefined;
  }

  /** What was granted on a database; undefined: what is so by default. */
  databaseAcl(oid: number): StoredAcl | undefined {
    return this.#databaseAcls.get(oid);
  }

  /** ALTER ROLE and ALTER DATABASE … SET; an OID of 0: of all roles, of all databases. */
  settings(databaseOid: number, roleOid: number): StoredRoleSettings | undefined {
    return this.#settings.get(roleSettingsKey({ databaseOid, roleOid }));
  }

  allSettings(): Iterable<StoredRoleSettings> {
    return this.#settings.values();
  }

  /** COMMENT ON ROLE and DATABASE. */
  comments(): Iterable<StoredComment> {
    return this.#comments.values();
  }

  comment(classOid: number, objectOid: number): StoredComment | undefined {
    return this.#comments.get(commentKey({ classOid, objectOid, subId: 0 }));
  }

  isSuperuser(roleOid: number): boolean {
    return this.#roles.get(roleOid)?.isSuperuser === true;
  }

  /**
   * The role and all that it is a member of, directly or by way of others; `inherited`: those alone whose rights it has
   * without SET ROLE. `databaseOwner`: who is pg_database_owner where this is asked.
   */
  rolesOf(roleOid: number, how: 'all' | 'inherited', databaseOwner: number | undefined): ReadonlySet<number> {
    const key = `${roleOid} ${how} ${databaseOwner ?? ''}`;
    const known = this.#closures.get(key);
    if (known !== undefined) return known;
    const found = new Set([roleOid]);
    // What is added on the way is visited too.
    for (const oid of found) {
      if (how === 'inherited' && this.#roles.get(oid)?.inherits !== true) continue;
      for (const membership of this.#granted.get(oid) ?? []) found.add(membership.roleOid);
      if (oid === databaseOwner) found.add(PredefinedRole.DatabaseOwner);
    }
    this.#closures.set(key, found);
    return found;
  }

  /** Whether a role may grant another on: one that it is a member of, with the option. */
  hasAdminOption(roleOid: number, of: number): boolean {
    if (this.isSuperuser(roleOid)) return true;
    for (const oid of this.rolesOf(roleOid, 'all', undefined)) {
      if (this.membership(of, oid)?.hasAdminOption === true) return true;
    }
    return false;
  }

  #addRole(role: StoredRole): void {
    this.#roles.set(role.oid, role);
    this.#rolesByName.set(role.name, role);
  }

  #addMembership(membership: StoredMembership): void {
    this.#memberships.push(membership);
    const granted = this.#granted.get(membership.memberOid);
    if (granted === undefined) this.#granted.set(membership.memberOid, [membership]);
    else granted.push(membership);
  }
}
