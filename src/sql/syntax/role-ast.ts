import type { Located, RelationName, TypeSyntax } from './located.ts';
import type { SetStatement } from './session-ast.ts';

/** Roles, rights and databases. */
export type RoleStatement =
  | CreateRoleStatement
  | AlterRoleStatement
  | RenameRoleStatement
  | DropRoleStatement
  | GrantRoleStatement
  | GrantStatement
  | DefaultPrivilegesStatement
  | DropOwnedStatement
  | ReassignOwnedStatement
  | CreateDatabaseStatement
  | AlterDatabaseStatement
  | RenameDatabaseStatement
  | DropDatabaseStatement
  | AlterSettingsStatement;

/** What CREATE and ALTER ROLE say of a role; absent: nothing was said. */
export interface RoleOptions {
  readonly isSuperuser?: boolean;
  readonly inherits?: boolean;
  readonly canCreateRole?: boolean;
  readonly canCreateDatabase?: boolean;
  readonly canLogin?: boolean;
  readonly canReplicate?: boolean;
  readonly bypassesRowSecurity?: boolean;
  readonly connectionLimit?: number;
  /** null: PASSWORD NULL. */
  readonly password?: string | null;
  readonly validUntil?: string;
}

export interface CreateRoleStatement extends Located {
  readonly kind: 'create-role';
  readonly name: string;
  /** CREATE USER may log in. */
  readonly isUser: boolean;
  readonly options: RoleOptions;
  /** IN ROLE: what the new role becomes a member of. */
  readonly inRoles: readonly RoleSyntax[];
  /** ROLE: who becomes a member of it. */
  readonly members: readonly RoleSyntax[];
  readonly admins: readonly RoleSyntax[];
}

export interface AlterRoleStatement extends Located {
  readonly kind: 'alter-role';
  readonly role: RoleSyntax;
  readonly options: RoleOptions;
  /** ALTER GROUP … ADD and DROP USER. */
  readonly members: readonly RoleSyntax[] | undefined;
  readonly isDrop: boolean;
}

export interface RenameRoleStatement extends Located {
  readonly kind: 'rename-role';
  readonly name: string;
  readonly newName: string;
}

export interface DropRoleStatement extends Located {
  readonly kind: 'drop-role';
  readonly roles: readonly RoleSyntax[];
  readonly ifExists: boolean;
}

/** GRANT and REVOKE of membership. */
export interface GrantRoleStatement extends Located {
  readonly kind: 'grant-role';
  readonly isGrant: boolean;
  readonly roles: readonly string[];
  readonly grantees: readonly RoleSyntax[];
  /** WITH ADMIN OPTION; REVOKE ADMIN OPTION FOR takes that alone. */
  readonly adminOption: boolean;
  readonly grantor: RoleSyntax | undefined;
}

/** Kinds of objects that rights are given on. */
export type GrantKind =
  | 'table'
  | 'sequence'
  | 'database'
  | 'schema'
  | 'type'
  | 'function'
  | 'procedure'
  | 'routine'
  | 'language'
  | 'tablespace';

/** What rights are given on. */
export interface GrantedName extends RelationName {
  /** Of a function: what it takes; undefined: whatever that is. */
  readonly argumentTypes?: readonly TypeSyntax[] | undefined;
}

export interface PrivilegeSyntax {
  /** As it is written. */
  readonly name: string;
  /** Of a relation; empty: the whole. */
  readonly columns: readonly string[];
}

export interface GrantStatement extends Located {
  readonly kind: 'grant';
  readonly isGrant: boolean;
  readonly object: GrantKind;
  /** `schemas`: ON ALL … IN SCHEMA; `default`: part of ALTER DEFAULT PRIVILEGES. */
  readonly target: 'objects' | 'schemas' | 'default';
  /** Objects, or schemas. */
  readonly names: readonly GrantedName[];
  /** undefined: ALL. */
  readonly privileges: readonly PrivilegeSyntax[] | undefined;
  readonly grantees: readonly RoleSyntax[];
  /** WITH GRANT OPTION; REVOKE GRANT OPTION FOR takes that alone. */
  readonly grantOption: boolean;
  readonly grantor: RoleSyntax | undefined;
  readonly isCascade: boolean;
}

export interface DefaultPrivilegesStatement extends Located {
  readonly kind: 'default-privileges';
  /** FOR ROLE; empty: the current one. */
  readonly roles: readonly RoleSyntax[];
  /** IN SCHEMA; empty: everywhere. */
  readonly schemas: readonly string[];
  readonly grant: GrantStatement;
}

export interface DropOwnedStatement extends Located {
  readonly kind: 'drop-owned';
  readonly roles: readonly RoleSyntax[];
  readonly isCascade: boolean;
}

export interface ReassignOwnedStatement extends Located {
  readonly kind: 'reassign-owned';
  readonly roles: readonly RoleSyntax[];
  readonly newOwner: RoleSyntax;
}

export interface DatabaseOptions {
  readonly owner?: string;
  readonly connectionLimit?: number;
  readonly allowsConnections?: boolean;
  readonly isTemplate?: boolean;
}

export interface CreateDatabaseStatement extends Located {
  readonly kind: 'create-database';
  readonly name: string;
  readonly options: DatabaseOptions;
}

export interface AlterDatabaseStatement extends Located {
  readonly kind: 'alter-database';
  readonly name: string;
  readonly options: DatabaseOptions;
}

/** ALTER ROLE and ALTER DATABASE … SET and RESET. */
export interface AlterSettingsStatement extends Located {
  readonly kind: 'alter-settings';
  readonly of: 'role' | 'database';
  /** undefined: of every role. */
  readonly role: RoleSyntax | undefined;
  /** undefined: in every database. */
  readonly database: string | undefined;
  /** `all`: RESET ALL, when there is no value. */
  readonly name: string;
  /** undefined: DEFAULT or RESET. */
  readonly value: string | NonNullable<SetStatement['interval']> | undefined;
  /** FROM CURRENT: the value is the session's. */
  readonly isCurrent: boolean;
}

export interface RenameDatabaseStatement extends Located {
  readonly kind: 'rename-database';
  readonly name: string;
  readonly newName: string;
}

export interface DropDatabaseStatement extends Located {
  readonly kind: 'drop-database';
  readonly name: string;
  readonly ifExists: boolean;
  /** WITH (FORCE): ends the sessions that are in it. */
  readonly isForced: boolean;
}

/** A role: by name, the current one, that of the session, or everybody. */
export interface RoleSyntax extends Located {
  readonly kind: 'named' | 'current' | 'session' | 'public';
  /** undefined unless it is named. */
  readonly name: string | undefined;
}
