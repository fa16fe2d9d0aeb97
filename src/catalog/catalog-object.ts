import { type AclItem, publicSchemaAcl } from './access/acl.ts';
import { PredefinedRole, type StoredMembership, type StoredRole } from './access/role.ts';

/**
 * What the catalog holds beside tables, sequences and types: plain data, kept as it is in the log and in the manifest. Each
 * has a key of its own within its database (`objectKey`) and a version that grows with each change of it. Roles and
 * databases, and what was granted on these, are in none: all databases share them (`isShared`).
 */
export type CatalogObject =
  | StoredSchema
  | StoredComment
  | StoredView
  | StoredAcl
  | StoredDefaultAcl
  | StoredRole
  | StoredMembership
  | StoredDatabase
  | StoredRoleSettings
  | StoredExtension;

/** What was granted on an object, in place of what it has by default. */
export interface StoredAcl {
  readonly kind: 'acl';
  /** The system table that the object is a row of. */
  readonly classOid: number;
  readonly objectOid: number;
  /** The number of a column; 0: the object itself. */
  readonly subId: number;
  readonly items: readonly AclItem[];
  readonly version: number;
}

/** pg_default_acl.defaclobjtype: what kind of objects is made. */
export type DefaultAclType = 'r' | 'S' | 'f' | 'T' | 'n';

/** ALTER DEFAULT PRIVILEGES: what objects are to have that a role makes. */
export interface StoredDefaultAcl {
  readonly kind: 'default-acl';
  readonly oid: number;
  readonly roleOid: number;
  /** 0: in every schema, in place of the built-in default; otherwise what comes to it. */
  readonly schemaOid: number;
  readonly objectType: DefaultAclType;
  readonly items: readonly AclItem[];
  readonly version: number;
}

/** A database as its server knows it. */
export interface StoredDatabase {
  readonly kind: 'database';
  readonly oid: number;
  readonly name: string;
  readonly ownerOid: number;
  /** -1: any number. */
  readonly connectionLimit: number;
  readonly allowsConnections: boolean;
  readonly isTemplate: boolean;
  readonly version: number;
}

/** ALTER ROLE and ALTER DATABASE … SET: what sessions begin with. A row of pg_db_role_setting. */
export interface StoredRoleSettings {
  readonly kind: 'role-settings';
  /** 0: whatever the database. */
  readonly databaseOid: number;
  /** 0: whoever logs in. */
  readonly roleOid: number;
  /** Names in their canonical spelling, values as they were written, in the order in which they were set. */
  readonly values: readonly (readonly [name: string, value: string])[];
  readonly version: number;
}

/** CREATE EXTENSION: a row of pg_extension. What it brings is there anyway. */
export interface StoredExtension {
  readonly kind: 'extension';
  readonly oid: number;
  readonly name: string;
  readonly ownerOid: number;
  readonly schemaOid: number;
  /** pg_extension.extversion. */
  readonly release: string;
  readonly version: number;
}

/** A schema. Its name stands in the descriptors of what is in it as well. */
export interface StoredSchema {
  readonly kind: 'schema';
  readonly oid: number;
  readonly name: string;
  readonly ownerOid: number;
  readonly version: number;
}

/** COMMENT ON: a row of pg_description. */
export interface StoredComment {
  readonly kind: 'comment';
  /** The system table that the object is a row of. */
  readonly classOid: number;
  readonly objectOid: number;
  /** The number of a column; 0: the object itself. */
  readonly subId: number;
  readonly text: string;
  readonly version: number;
}

/**
 * A view. Its query is SQL that means the same to every session, bound anew whenever it is read: relations and types of the
 * user have their schemas, columns their relations. What it names gets other names only together with it.
 */
export interface StoredView {
  readonly kind: 'view';
  readonly oid: number;
  readonly rowTypeOid: number;
  readonly schemaOid: number;
  readonly schemaName: string;
  readonly name: string;
  readonly ownerOid: number;
  readonly columns: readonly StoredViewColumn[];
  readonly query: string;
  /** What the query reads: tables and other views, and which of their columns. */
  readonly uses: readonly ViewUse[];
  /** Types of the user that the query names. */
  readonly typeOids: readonly number[];
  /** WITH CHECK OPTION: rows that are written through the view must be rows of it. */
  readonly checkOption?: 'local' | 'cascaded';
  readonly version: number;
}

/** Numbered from 1 by their places. */
export interface StoredViewColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typmod: number;
  /** ALTER VIEW … SET DEFAULT: of rows that are inserted through the view. */
  readonly default?: string;
}

export interface ViewUse {
  readonly oid: number;
  readonly columnNumbers: readonly number[];
}

/** The OIDs of the system tables whose rows have comments. */
export const ObjectClass = {
  Type: 1247,
  Function: 1255,
  Relation: 1259,
  Role: 1260,
  Database: 1262,
  Constraint: 2606,
  Language: 2612,
  Schema: 2615,
  Extension: 3079,
} as const;

/** Names an object among all of a database; the log names dropped ones by it. */
export function objectKey(object: CatalogObject): string {
  switch (object.kind) {
    case 'schema':
      return `schema ${object.oid}`;
    case 'comment':
      return commentKey(object);
    case 'view':
      return `view ${object.oid}`;
    case 'acl':
      return aclKey(object);
    case 'default-acl':
      return `default-acl ${object.roleOid} ${object.schemaOid} ${object.objectType}`;
    case 'role':
      return `role ${object.oid}`;
    case 'membership':
      return `membership ${object.roleOid} ${object.memberOid}`;
    case 'database':
      return `database ${object.oid}`;
    case 'role-settings':
      return roleSettingsKey(object);
    case 'extension':
      return `extension ${object.oid}`;
  }
}

export function aclKey(place: { classOid: number; objectOid: number; subId: number }): string {
  return `acl ${place.classOid} ${place.objectOid} ${place.subId}`;
}

export function roleSettingsKey(place: { databaseOid: number; roleOid: number }): string {
  return `role-settings ${place.databaseOid} ${place.roleOid}`;
}

/** What stands in the database of this OID belongs to all of them. No database has it as its own. */
export const SHARED_OID = 0;

const SHARED_KEY = new RegExp(
  `^(role|membership|database|role-settings|acl ${ObjectClass.Database}|comment (${ObjectClass.Role}|${ObjectClass.Database})) `,
);

/** Whether all databases share the object of a key. */
export function isSharedKey(key: string): boolean {
  return SHARED_KEY.test(key);
}

export function isShared(object: CatalogObject): boolean {
  return isSharedKey(objectKey(object));
}

export function commentKey(place: { classOid: number; objectOid: number; subId: number }): string {
  return `comment ${place.classOid} ${place.objectOid} ${place.subId}`;
}

/** The schema that every database begins with, which can be dropped as any other. */
export const PUBLIC_SCHEMA: StoredSchema = {
  kind: 'schema',
  oid: 2200,
  name: 'public',
  ownerOid: PredefinedRole.DatabaseOwner,
  version: 1,
};

/** What a database has before anything was made in it. */
export const FIRST_OBJECTS: readonly CatalogObject[] = [
  PUBLIC_SCHEMA,
  {
    kind: 'comment',
    classOid: ObjectClass.Schema,
    objectOid: PUBLIC_SCHEMA.oid,
    subId: 0,
    text: 'standard public schema',
    version: 1,
  },
  {
    kind: 'acl',
    classOid: ObjectClass.Schema,
    objectOid: PUBLIC_SCHEMA.oid,
    subId: 0,
    items: publicSchemaAcl(PUBLIC_SCHEMA.ownerOid),
    version: 1,
  },
];
