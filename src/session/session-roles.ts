import { AccessControl } from '../catalog/access/access-control.ts';
import type { StoredRole } from '../catalog/access/role.ts';
import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { RoleSettings } from './setting-definitions.ts';

export interface SessionRolesOptions {
  /** Who has logged in. */
  readonly login: StoredRole;
  readonly databaseOid: number;
  /** As the running transaction sees them, or else as they are committed. */
  readonly shared: () => SharedCatalog;
  readonly catalog: () => CatalogReader;
  /** Canonical value of a setting; undefined while there are no settings yet. */
  readonly setting: (name: 'role' | 'session_authorization') => string | undefined;
}

const NONE = 'none';
const NO_CATALOG = { acl: () => undefined, acls: () => [] };

/**
 * Who acts in a session. Three roles: the one that has logged in, which decides what SET SESSION AUTHORIZATION may do; the
 * session's, which decides what SET ROLE may do; and the current one, whose rights count. The latter two are settings,
 * which hold OIDs, so that they follow transactions, and a role stays itself when it is renamed.
 */
export class SessionRoles implements RoleSettings {
  readonly #options: SessionRolesOptions;
  #known:
    | {
        readonly shared: SharedCatalog;
        readonly role: string | undefined;
        readonly session: string | undefined;
        readonly current: StoredRole;
      }
    | undefined;

  constructor(options: SessionRolesOptions) {
    this.#options = options;
  }

  get shared(): SharedCatalog {
    return this.#options.shared();
  }

  get roles(): object {
    return this.#options.shared();
  }

  /** As it is by now; a role that was dropped meanwhile is what it was. */
  get login(): StoredRole {
    const { login, shared } = this.#options;
    return shared().role(login.oid) ?? login;
  }

  get session(): StoredRole {
    return this.#roleOf(this.#options.setting('session_authorization')) ?? this.login;
  }

  get current(): StoredRole {
    const { setting } = this.#options;
    const shared = this.#options.shared();
    const role = setting('role');
    const session = setting('session_authorization');
    const known = this.#known;
    if (known?.shared === shared && known.role === role && known.session === session) return known.current;
    const current = this.#roleOf(role) ?? this.session;
    this.#known = { shared, role, session, current };
    return current;
  }

  get isSuperuser(): boolean {
    return this.current.isSuperuser;
  }

  /** Whose rights are what, in the session's database. */
  get access(): AccessControl {
    const { shared, catalog, databaseOid } = this.#options;
    return new AccessControl(shared(), catalog(), databaseOid);
  }

  get firstSessionAuthorization(): string {
    return String(this.#options.login.oid);
  }

  isRole(name: string): boolean {
    return this.#options.shared().roleByName(name) !== undefined;
  }

  readRole(name: string): string {
    if (name === NONE) return NONE;
    const role = this.#named(name);
    const { session, shared } = this;
    // Who is a member of what stands in no database: at login there is no transaction to read one in.
    const access = new AccessControl(shared, NO_CATALOG, this.#options.databaseOid);
    if (!access.isMember(session.oid, role.oid)) throw this.#refused(`permission denied to set role "${name}"`);
    return String(role.oid);
  }

  readSessionAuthorization(name: string): string {
    const role = this.#named(name);
    const { login } = this;
    if (role.oid !== login.oid && !login.isSuperuser) {
      throw this.#refused('permission denied to set session authorization');
    }
    return String(role.oid);
  }

  showRole(value: string): string {
    return value === NONE ? NONE : (this.#roleOf(value)?.name ?? value);
  }

  #roleOf(value: string | undefined): StoredRole | undefined {
    if (value === undefined || value === NONE) return undefined;
    const oid = Number(value);
    invariant(Number.isSafeInteger(oid), 'a setting that is a role holds its OID');
    const { login } = this.#options;
    return this.#options.shared().role(oid) ?? (oid === login.oid ? login : gone(oid));
  }

  #named(name: string): StoredRole {
    const role = this.#options.shared().roleByName(name);
    if (role !== undefined) return role;
    throw new SqlError(SqlState.InvalidParameterValue, `role "${name}" does not exist`);
  }

  #refused(message: string): SqlError {
    return new SqlError(SqlState.InsufficientPrivilege, message);
  }
}

/** A role that was dropped while a session acted as it: it has no rights. */
function gone(oid: number): StoredRole {
  return {
    kind: 'role',
    oid,
    name: String(oid),
    isSuperuser: false,
    inherits: false,
    canCreateRole: false,
    canCreateDatabase: false,
    canLogin: false,
    canReplicate: false,
    bypassesRowSecurity: false,
    connectionLimit: -1,
    version: 0,
  };
}
