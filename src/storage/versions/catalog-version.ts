import {
  type CatalogObject,
  FIRST_OBJECTS,
  type StoredAcl,
  type StoredComment,
  type StoredDefaultAcl,
  type StoredExtension,
  type StoredSchema,
  type StoredView,
} from '../../catalog/catalog-object.ts';
import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { SequenceDescriptor } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { unreachable } from '../../errors/invariant.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import { CatalogObjects } from './catalog-objects.ts';

/**
 * One step from a catalog to the next. `put…` adds an object or replaces its older version. `base`, in transactions: the
 * committed version that the changes of this object began with; undefined for an object of the transaction's own.
 */
export type CatalogChange = TableChange | SequenceChange | EnumChange | ObjectChange;

export interface TableChange {
  readonly kind: 'put' | 'drop';
  readonly table: TableDescriptor;
  readonly base?: TableDescriptor | undefined;
}

export interface SequenceChange {
  readonly kind: 'put-sequence' | 'drop-sequence';
  readonly sequence: SequenceDescriptor;
  readonly base?: SequenceDescriptor | undefined;
}

/** A new version of an enum gives the tables that use it new versions too. */
export interface EnumChange {
  readonly kind: 'put-enum' | 'drop-enum';
  readonly enum: EnumDescriptor;
  readonly base?: EnumDescriptor | undefined;
}

/** A schema, a comment or a view. */
export interface ObjectChange {
  readonly kind: 'put-object' | 'drop-object';
  readonly object: CatalogObject;
  readonly base?: CatalogObject | undefined;
}

interface Objects {
  readonly tables: ReadonlyMap<number, TableDescriptor>;
  readonly sequences: ReadonlyMap<number, SequenceDescriptor>;
  readonly enums: ReadonlyMap<number, EnumDescriptor>;
  readonly others: CatalogObjects;
}

interface FoundIndex {
  readonly table: TableDescriptor;
  readonly index: IndexDescriptor;
}

interface OtherNames {
  readonly sequences: ReadonlyMap<string, SequenceDescriptor>;
  readonly indexes: ReadonlyMap<string, FoundIndex>;
  readonly types: ReadonlyMap<string, TypeDefinition>;
  readonly typesByOid: ReadonlyMap<number, TypeDefinition>;
}

/** The tables, sequences and types of one database at one moment: immutable, so that a snapshot is a reference. */
export class CatalogVersion implements CatalogReader {
  /** Without even the schema that a database begins with: the manifest says which there are. */
  static readonly none = new CatalogVersion(
    { tables: new Map(), sequences: new Map(), enums: new Map(), others: CatalogObjects.none },
    new Map(),
  );
  /** Of a new database. */
  static readonly empty = CatalogVersion.none.with(
    FIRST_OBJECTS.map((object) => ({ kind: 'put-object', object }) as const),
  );

  readonly #objects: Objects;
  readonly #tablesByName: ReadonlyMap<string, TableDescriptor>;
  /** Made at first use: most statements ask for tables alone. */
  #others: OtherNames | undefined;

  private constructor(objects: Objects, tablesByName: ReadonlyMap<string, TableDescriptor>) {
    this.#objects = objects;
    this.#tablesByName = tablesByName;
  }

  schema(name: string): StoredSchema | undefined {
    return this.#objects.others.schema(name);
  }

  schemaByOid(oid: number): StoredSchema | undefined {
    return this.#objects.others.schemaByOid(oid);
  }

  schemas(): Iterable<StoredSchema> {
    return this.#objects.others.schemas();
  }

  comments(): Iterable<StoredComment> {
    return this.#objects.others.comments();
  }

  comment(place: { classOid: number; objectOid: number; subId: number }): StoredComment | undefined {
    return this.#objects.others.comment(place);
  }

  views(): Iterable<StoredView> {
    return this.#objects.others.views();
  }

  view(schemaName: string, name: string): StoredView | undefined {
    return this.#objects.others.view(schemaName, name);
  }

  viewByOid(oid: number): StoredView | undefined {
    return this.#objects.others.viewByOid(oid);
  }

  acl(place: { classOid: number; objectOid: number; subId: number }): StoredAcl | undefined {
    return this.#objects.others.acl(place);
  }

  acls(): readonly StoredAcl[] {
    return this.#objects.others.acls();
  }

  defaultAcls(): readonly StoredDefaultAcl[] {
    return this.#objects.others.defaultAcls();
  }

  extensions(): Iterable<StoredExtension> {
    return this.#objects.others.extensions();
  }

  /** Schemas, comments, views and all that is kept like them, by `objectKey`. */
  object(key: string): CatalogObject | undefined {
    return this.#objects.others.get(key);
  }

  objects(): Iterable<CatalogObject> {
    return this.#objects.others.all();
  }

  tables(): Iterable<TableDescriptor> {
    return this.#objects.tables.values();
  }

  table(schemaName: string, tableName: string): TableDescriptor | undefined {
    return this.#tablesByName.get(nameKey(schemaName, tableName));
  }

  tableByOid(oid: number): TableDescriptor | undefined {
    return this.#objects.tables.get(oid);
  }

  sequences(): Iterable<SequenceDescriptor> {
    return this.#objects.sequences.values();
  }

  sequence(schemaName: string, name: string): SequenceDescriptor | undefined {
    return this.#otherNames().sequences.get(nameKey(schemaName, name));
  }

  sequenceByOid(oid: number): SequenceDescriptor | undefined {
    return this.#objects.sequences.get(oid);
  }

  enums(): Iterable<EnumDescriptor> {
    return this.#objects.enums.values();
  }

  enumByOid(oid: number): EnumDescriptor | undefined {
    return this.#objects.enums.get(oid);
  }

  userType(schemaName: string, name: string): TypeDefinition | undefined {
    return this.#otherNames().types.get(nameKey(schemaName, name));
  }

  userTypeByOid(oid: number): TypeDefinition | undefined {
    return this.#otherNames().typesByOid.get(oid);
  }

  index(schemaName: string, name: string): FoundIndex | undefined {
    return this.#otherNames().indexes.get(nameKey(schemaName, name));
  }

  /** Tables, views, indexes and sequences share their names within a schema. */
  hasRelation(schemaName: string, name: string): boolean {
    return (
      this.table(schemaName, name) !== undefined ||
      this.view(schemaName, name) !== undefined ||
      this.sequence(schemaName, name) !== undefined ||
      this.index(schemaName, name) !== undefined
    );
  }

  /** What has the name of a type: an enum, an array over one, or the row type of a table or view. */
  hasType(schemaName: string, name: string): boolean {
    return (
      this.userType(schemaName, name) !== undefined ||
      this.table(schemaName, name) !== undefined ||
      this.view(schemaName, name) !== undefined
    );
  }

  /** The catalog after the changes, in their order. */
  with(changes: readonly CatalogChange[]): CatalogVersion {
    if (changes.length === 0) return this;
    const tables = new Map(this.#objects.tables);
    const tablesByName = new Map(this.#tablesByName);
    const sequences = new Map(this.#objects.sequences);
    const enums = new Map(this.#objects.enums);
    const objectChanges: ObjectChange[] = [];
    const remove = (oid: number): void => {
      const older = tables.get(oid);
      if (older === undefined) return;
      tables.delete(oid);
      const key = nameKey(older.schemaName, older.name);
      // Another table may have taken the name meanwhile: within a transaction names can be swapped.
      if (tablesByName.get(key) === older) tablesByName.delete(key);
    };
    const put = (table: TableDescriptor): void => {
      remove(table.oid);
      tables.set(table.oid, table);
      tablesByName.set(nameKey(table.schemaName, table.name), table);
    };
    for (const change of changes) {
      switch (change.kind) {
        case 'put':
          put(change.table);
          break;
        case 'drop':
          remove(change.table.oid);
          break;
        case 'put-sequence':
          sequences.set(change.sequence.oid, change.sequence);
          break;
        case 'drop-sequence':
          sequences.delete(change.sequence.oid);
          break;
        case 'put-enum':
          enums.set(change.enum.oid, change.enum);
          for (const table of tablesOfEnum(tables.values(), change.enum)) put(table);
          break;
        case 'drop-enum':
          enums.delete(change.enum.oid);
          break;
        case 'put-object':
        case 'drop-object':
          objectChanges.push(change);
          break;
        default:
          unreachable(change);
      }
    }
    const others = this.#objects.others.with(objectChanges);
    return new CatalogVersion({ tables, sequences, enums, others }, tablesByName);
  }

  #otherNames(): OtherNames {
    if (this.#others !== undefined) return this.#others;
    const sequences = new Map<string, SequenceDescriptor>();
    const indexes = new Map<string, FoundIndex>();
    const types = new Map<string, TypeDefinition>();
    const typesByOid = new Map<number, TypeDefinition>();
    for (const sequence of this.sequences()) sequences.set(nameKey(sequence.schemaName, sequence.name), sequence);
    for (const table of this.tables()) {
      for (const index of table.indexes) indexes.set(nameKey(table.schemaName, index.name), { table, index });
    }
    for (const { schemaName, type } of this.enums()) {
      for (const definition of [type, arrayTypeOf(type)!]) {
        types.set(nameKey(schemaName, definition.name), definition);
        typesByOid.set(definition.oid, definition);
      }
    }
    this.#others = { sequences, indexes, types, typesByOid };
    return this.#others;
  }
}

/** New versions of the tables that have columns of an older version of the enum, or of arrays over it. */
function tablesOfEnum(tables: Iterable<TableDescriptor>, { oid, arrayOid, type }: EnumDescriptor): TableDescriptor[] {
  const array = arrayTypeOf(type);
  const current = (definition: TypeDefinition): TypeDefinition => {
    if (definition.oid === oid) return type;
    return definition.oid === arrayOid && array !== undefined ? array : definition;
  };
  const changed: TableDescriptor[] = [];
  for (const table of tables) {
    if (table.columns.every(({ type: { definition } }) => current(definition) === definition)) continue;
    const columns = table.columns.map((column) => {
      const definition = current(column.type.definition);
      return definition === column.type.definition ? column : { ...column, type: { ...column.type, definition } };
    });
    changed.push({ ...table, columns, schemaVersion: table.schemaVersion + 1 });
  }
  return changed;
}

/** No name holds a NUL. */
function nameKey(schemaName: string, name: string): string {
  return `${schemaName}\0${name}`;
}
