import { ObjectClass, type StoredView } from '../catalog-object.ts';
import type { SchemaDescriptor } from '../catalog-reader.ts';
import type { EnumDescriptor } from '../enum-descriptor.ts';
import type { SequenceDescriptor } from '../sequence-descriptor.ts';
import type { TableDescriptor } from '../table-descriptor.ts';
import { isTemporarySchema } from '../temporary-schemas.ts';
import { type AccessKind, type AclItem, systemSchemaAcl, systemTableAcl } from './acl.ts';
import { BOOTSTRAP_ROLE } from './role.ts';

/** An object that rights are about. */
export interface AccessTarget {
  readonly kind: AccessKind;
  /** As messages call it: `table`, `view`. */
  readonly word: string;
  readonly name: string;
  readonly classOid: number;
  readonly objectOid: number;
  readonly ownerOid: number;
  /** What it has before anything was granted, where that differs from other objects of its kind. */
  readonly defaults?: readonly AclItem[];
  /** A table of the system's own: nobody but a superuser changes its rows. */
  readonly isSystem?: boolean;
  /** A schema of temporary objects, whose owner is whoever may make such. */
  readonly isTemporary?: boolean;
}

/** What passwords and the like could be read from: for superusers alone. */
const SECRET_TABLES = new Set([
  'pg_authid',
  'pg_backend_memory_contexts',
  'pg_config',
  'pg_file_settings',
  'pg_hba_file_rules',
  'pg_ident_file_mappings',
  'pg_largeobject',
  'pg_replication_origin_status',
  'pg_shadow',
  'pg_shmem_allocations',
  'pg_statistic',
  'pg_statistic_ext_data',
  'pg_user_mapping',
]);

const SYSTEM_SCHEMAS = new Set(['pg_catalog', 'information_schema']);

export function tableTarget({ oid, name, ownerOid, kind }: TableDescriptor): AccessTarget {
  const target = {
    kind: 'table',
    word: 'table',
    name,
    classOid: ObjectClass.Relation,
    objectOid: oid,
    ownerOid,
  } as const;
  if (kind !== 'system-table') return target;
  return SECRET_TABLES.has(name)
    ? { ...target, isSystem: true }
    : { ...target, isSystem: true, defaults: systemTableAcl(ownerOid) };
}

export function viewTarget({ oid, name, ownerOid, schemaName }: StoredView): AccessTarget {
  const target = {
    kind: 'table',
    word: 'view',
    name,
    classOid: ObjectClass.Relation,
    objectOid: oid,
    ownerOid,
  } as const;
  if (!SYSTEM_SCHEMAS.has(schemaName)) return target;
  return SECRET_TABLES.has(name)
    ? { ...target, isSystem: true }
    : { ...target, isSystem: true, defaults: systemTableAcl(ownerOid) };
}

export function sequenceTarget({ oid, name, ownerOid }: SequenceDescriptor): AccessTarget {
  return { kind: 'sequence', word: 'sequence', name, classOid: ObjectClass.Relation, objectOid: oid, ownerOid };
}

export function schemaTarget({ oid, name, ownerOid }: SchemaDescriptor): AccessTarget {
  const target = {
    kind: 'schema',
    word: 'schema',
    name,
    classOid: ObjectClass.Schema,
    objectOid: oid,
    ownerOid,
  } as const;
  if (isTemporarySchema(name)) return { ...target, isTemporary: true };
  return SYSTEM_SCHEMAS.has(name) ? { ...target, defaults: systemSchemaAcl(ownerOid) } : target;
}

export function databaseTarget(database: {
  readonly oid: number;
  readonly name: string;
  readonly ownerOid: number;
}): AccessTarget {
  const { oid, name, ownerOid } = database;
  return { kind: 'database', word: 'database', name, classOid: ObjectClass.Database, objectOid: oid, ownerOid };
}

/** What the system has made of its own, and superusers own: types, functions, languages. */
export function systemTarget(kind: AccessKind, classOid: number, objectOid: number, name: string): AccessTarget {
  return { kind, word: kind, name, classOid, objectOid, ownerOid: BOOTSTRAP_ROLE.oid };
}

export function typeTarget({ oid, name, ownerOid }: EnumDescriptor): AccessTarget {
  return { kind: 'type', word: 'type', name, classOid: ObjectClass.Type, objectOid: oid, ownerOid };
}
