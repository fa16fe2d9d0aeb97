import type {
  StoredAcl,
  StoredComment,
  StoredDefaultAcl,
  StoredExtension,
  StoredView,
} from '../catalog/catalog-object.ts';
import type { CatalogReader, SchemaDescriptor } from '../catalog/catalog-reader.ts';
import type { EnumDescriptor } from '../catalog/enum-descriptor.ts';
import type { IndexDescriptor } from '../catalog/index-descriptor.ts';
import type { SequenceDescriptor } from '../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { isTemporarySchema, TEMPORARY_ALIAS } from '../catalog/temporary-schemas.ts';
import type { SystemCatalog } from '../pg-catalog/system-catalog.ts';
import type { TypeDefinition } from '../types/type-definition.ts';

/** What a statement sees: the tables of its transaction and the system tables, which win where names meet. */
export class SessionCatalog implements CatalogReader {
  readonly #stored: CatalogReader;
  readonly #system: SystemCatalog;
  readonly #temporarySchema: string;

  constructor(stored: CatalogReader, system: SystemCatalog, temporarySchema: string) {
    this.#stored = stored;
    this.#system = system;
    this.#temporarySchema = temporarySchema;
  }

  schema(name: string): SchemaDescriptor | undefined {
    for (const schema of this.#system.schemas()) if (schema.name === name) return schema;
    return this.#stored.schema(this.#meant(name));
  }

  *schemas(): Iterable<SchemaDescriptor> {
    const names = new Set<string>();
    for (const schema of this.#system.schemas()) {
      names.add(schema.name);
      yield schema;
    }
    for (const schema of this.#stored.schemas()) if (!names.has(schema.name)) yield schema;
  }

  schemaByOid(oid: number): SchemaDescriptor | undefined {
    for (const schema of this.#system.schemas()) if (schema.oid === oid) return schema;
    return this.#stored.schemaByOid(oid);
  }

  views(): Iterable<StoredView> {
    return this.#stored.views();
  }

  view(schemaName: string, name: string): StoredView | undefined {
    return this.#stored.view(this.#meant(schemaName), name);
  }

  viewByOid(oid: number): StoredView | undefined {
    return this.#stored.viewByOid(oid);
  }

  extensions(): Iterable<StoredExtension> {
    return this.#stored.extensions();
  }

  comments(): Iterable<StoredComment> {
    return this.#stored.comments();
  }

  comment(place: { classOid: number; objectOid: number; subId: number }): StoredComment | undefined {
    return this.#stored.comment(place);
  }

  acl(place: { classOid: number; objectOid: number; subId: number }): StoredAcl | undefined {
    return this.#stored.acl(place);
  }

  acls(): Iterable<StoredAcl> {
    return this.#stored.acls();
  }

  defaultAcls(): Iterable<StoredDefaultAcl> {
    return this.#stored.defaultAcls();
  }

  *tables(): Iterable<TableDescriptor> {
    yield* this.#system.tables();
    yield* this.#stored.tables();
  }

  table(schemaName: string, tableName: string): TableDescriptor | undefined {
    return this.#system.table(schemaName, tableName) ?? this.#stored.table(this.#meant(schemaName), tableName);
  }

  tableByOid(oid: number): TableDescriptor | undefined {
    return this.#system.tableByOid(oid)?.descriptor ?? this.#stored.tableByOid(oid);
  }

  sequences(): Iterable<SequenceDescriptor> {
    return this.#stored.sequences();
  }

  sequence(schemaName: string, name: string): SequenceDescriptor | undefined {
    return this.#stored.sequence(this.#meant(schemaName), name);
  }

  sequenceByOid(oid: number): SequenceDescriptor | undefined {
    return this.#stored.sequenceByOid(oid);
  }

  enums(): Iterable<EnumDescriptor> {
    return this.#stored.enums();
  }

  enumByOid(oid: number): EnumDescriptor | undefined {
    return this.#stored.enumByOid(oid);
  }

  userType(schemaName: string, name: string): TypeDefinition | undefined {
    return this.#stored.userType(this.#meant(schemaName), name);
  }

  userTypeByOid(oid: number): TypeDefinition | undefined {
    return this.#stored.userTypeByOid(oid);
  }

  index(
    schemaName: string,
    name: string,
  ): { readonly table: TableDescriptor; readonly index: IndexDescriptor } | undefined {
    return this.#stored.index(this.#meant(schemaName), name);
  }

  /** `pg_temp` is the session's own; what other sessions have of that kind cannot be named. */
  #meant(schemaName: string): string {
    if (schemaName === TEMPORARY_ALIAS) return this.#temporarySchema;
    return isTemporarySchema(schemaName) && schemaName !== this.#temporarySchema ? '' : schemaName;
  }
}
