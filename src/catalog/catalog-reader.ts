import type { TypeDefinition } from '../types/type-definition.ts';
import type { StoredRole } from './access/role.ts';
import type { StoredAcl, StoredComment, StoredDefaultAcl, StoredExtension, StoredView } from './catalog-object.ts';
import type { EnumDescriptor } from './enum-descriptor.ts';
import type { IndexDescriptor } from './index-descriptor.ts';
import type { SequenceDescriptor } from './sequence-descriptor.ts';
import type { TableDescriptor } from './table-descriptor.ts';

export interface SchemaDescriptor {
  readonly oid: number;
  readonly name: string;
  readonly ownerOid: number;
}

export interface DatabaseDescriptor {
  readonly oid: number;
  readonly name: string;
  readonly ownerOid: number;
}

/** A role as the server knows it. */
export type RoleDescriptor = StoredRole;

/** Which tables exist, as one transaction sees it: stored tables, its own uncommitted ones and system tables. */
export interface CatalogReader {
  schema(name: string): SchemaDescriptor | undefined;
  schemas(): Iterable<SchemaDescriptor>;
  schemaByOid(oid: number): SchemaDescriptor | undefined;
  tables(): Iterable<TableDescriptor>;
  table(schemaName: string, tableName: string): TableDescriptor | undefined;
  tableByOid(oid: number): TableDescriptor | undefined;
  sequences(): Iterable<SequenceDescriptor>;
  sequence(schemaName: string, name: string): SequenceDescriptor | undefined;
  sequenceByOid(oid: number): SequenceDescriptor | undefined;
  enums(): Iterable<EnumDescriptor>;
  enumByOid(oid: number): EnumDescriptor | undefined;
  /** A type that was created (an enum or an array over one); built-in types are in `types/type-registry.ts`. */
  userType(schemaName: string, name: string): TypeDefinition | undefined;
  userTypeByOid(oid: number): TypeDefinition | undefined;
  index(
    schemaName: string,
    name: string,
  ): { readonly table: TableDescriptor; readonly index: IndexDescriptor } | undefined;
  views(): Iterable<StoredView>;
  view(schemaName: string, name: string): StoredView | undefined;
  viewByOid(oid: number): StoredView | undefined;
  comments(): Iterable<StoredComment>;
  comment(place: { classOid: number; objectOid: number; subId: number }): StoredComment | undefined;
  /** What was granted on an object, and on its columns; undefined: what is so by default. */
  acl(place: { classOid: number; objectOid: number; subId: number }): StoredAcl | undefined;
  acls(): Iterable<StoredAcl>;
  defaultAcls(): Iterable<StoredDefaultAcl>;
  /** Those that were created. */
  extensions(): Iterable<StoredExtension>;
}
