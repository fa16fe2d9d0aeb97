import { ObjectClass, type StoredSchema, type StoredView } from '../../catalog/catalog-object.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { describeEnum } from '../../storage/commit/enum-json.ts';
import type { StorageEngine } from '../../storage/storage-engine.ts';
import { mergesVersions } from '../../storage/table-identity.ts';
import { withHiddenColumns } from '../../storage/undeclared-columns.ts';
import { duplicateTable, undefinedSchema, undefinedTable } from '../../storage/versions/catalog-operations.ts';
import type { WriteSet } from '../../storage/versions/write-set.ts';
import type { AccessWrites } from '../access-writes.ts';
import { describeNewTable, type NewTable } from '../new-table.ts';
import type { TransactionCatalogs } from '../transaction-catalogs.ts';
import { columnsWithMissing } from './add-column.ts';
import { needsRewrite } from './column-properties.ts';
import type { CommentWrites } from './comment-writes.ts';
import { enumDependents } from './dependents.ts';
import type { SequenceWrites } from './sequence-writes.ts';

/** An enum before it has a version and a type. */
export type NewEnum = Omit<EnumDescriptor, 'type' | 'version'>;

/** A view before it has a version. */
export type NewView = Omit<StoredView, 'kind' | 'version'>;

/** A schema before it has a version. */
export type NewSchema = Pick<StoredSchema, 'oid' | 'name' | 'ownerOid'>;

/** What a transaction does to tables, views, schemas and enums: its own until it commits, and taken back with the rest. */
export class SchemaWrites {
  readonly #engine: StorageEngine;
  readonly #writes: WriteSet;
  readonly #access: AccessWrites;
  readonly #catalogs: TransactionCatalogs;
  readonly #comments: CommentWrites;
  readonly #sequences: SequenceWrites;
  readonly #owner: object;
  readonly #requireWritable: (command: string) => void;

  constructor(
    engine: StorageEngine,
    own: {
      readonly writes: WriteSet;
      readonly access: AccessWrites;
      readonly catalogs: TransactionCatalogs;
      readonly comments: CommentWrites;
      readonly sequences: SequenceWrites;
      /** Who has the locks of the transaction. */
      readonly lockOwner: object;
      /** Throws 25006 in a read-only transaction. */
      readonly requireWritable: (command: string) => void;
    },
  ) {
    this.#engine = engine;
    this.#writes = own.writes;
    this.#access = own.access;
    this.#catalogs = own.catalogs;
    this.#comments = own.comments;
    this.#sequences = own.sequences;
    this.#owner = own.lockOwner;
    this.#requireWritable = own.requireWritable;
  }

  /** Throws 42P07 or 42710 when a name is taken; 0A000 for keys that cannot be kept. */
  createTable(definition: NewTable): TableDescriptor {
    this.#requireWritable('CREATE TABLE');
    const catalog = this.#catalogs.current();
    const { schemaName, name } = definition;
    if (catalog.hasRelation(schemaName, name)) throw duplicateTable(definition);
    if (catalog.hasType(schemaName, name)) throw duplicateRowType(name);
    const table = describeNewTable(definition, catalog, () => this.#engine.state.takeOid());
    for (const index of table.indexes) {
      if (index.name === name || catalog.hasRelation(schemaName, index.name)) throw duplicateTable(index);
    }
    this.#writes.changeCatalog({ kind: 'put', table });
    const { oid: objectOid, ownerOid, schemaOid } = table;
    this.#access.giveDefaults({ kind: 'table', classOid: ObjectClass.Relation, objectOid, ownerOid, schemaOid });
    return table;
  }

  /** The sequences of its columns go with it. Take its lock in mode EXCLUSIVE before: others may be writing to it. */
  dropTable(oid: number): void {
    this.#requireWritable('DROP TABLE');
    const table = this.#table(oid);
    this.#writes.changeCatalog({ kind: 'drop', table, base: this.#baseOfTable(table) });
    this.#sequences.dropOwned(oid, () => true);
    this.#comments.dropOfParts(table, undefined);
  }

  /**
   * Puts another version of a table in the place of the present one, of which `next` was made by the functions of
   * `schema-change/`; needs its lock in mode SHARE or EXCLUSIVE, unless the transaction has made the table. Rows stay as
   * they are: a column whose type changes is the business of `Transaction.replaceRows`, which says `isRewritten` (other
   * rows follow). Sequences of columns that are gone go too. Returns the version with its number. Throws 42P07 when a name
   * is taken, 40001 when REPEATABLE READ does not see the newest version.
   */
  alterTable(next: TableDescriptor, { isRewritten = false } = {}): TableDescriptor {
    this.#requireWritable('ALTER TABLE');
    const current = this.#table(next.oid);
    const base = this.#baseOfTable(current);
    invariant(
      base === undefined || this.#engine.locks.isHeldBy(next.oid, this.#owner, 'share'),
      'a table is altered under its lock',
    );
    invariant(hasSameIdentity(current, next), 'what identifies a row of a table stays');
    invariant(isRewritten || fitsRowsOf(current, next), 'rows that stay are rows of the new version');
    this.#assertNamesFree(current, next);
    const table: TableDescriptor = { ...withHiddenColumns(next), schemaVersion: current.schemaVersion + 1 };
    this.#writes.changeCatalog({ kind: 'put', table, base });
    const owners = { before: current.ownerOid, after: table.ownerOid };
    this.#access.moveAcls({ classOid: ObjectClass.Relation, objectOid: table.oid }, owners);
    for (const added of columnsWithMissing(current, table)) this.#writes.fillColumn(table.oid, added);
    this.#comments.dropOfParts(current, table);
    const numbers = new Set(table.columns.map(({ number }) => number));
    this.#sequences.dropOwned(
      table.oid,
      ({ columnNumber, kind }) =>
        !numbers.has(columnNumber) ||
        (kind === 'identity' && table.columns.find(({ number }) => number === columnNumber)?.identity === undefined),
    );
    return table;
  }

  /** Throws 42P06 when the name is taken. */
  createSchema(definition: NewSchema): StoredSchema {
    this.#requireWritable('CREATE SCHEMA');
    if (this.#catalogs.current().schema(definition.name) !== undefined) throw duplicateSchema(definition.name);
    const schema: StoredSchema = { kind: 'schema', ...definition, version: 1 };
    this.#writes.changeCatalog({ kind: 'put-object', object: schema });
    const { oid: objectOid, ownerOid } = schema;
    this.#access.giveDefaults({ kind: 'schema', classOid: ObjectClass.Schema, objectOid, ownerOid, schemaOid: 0 });
    return schema;
  }

  /** Its name or owner; tables, sequences and types in it have its name as well, which is the caller's to change. */
  alterSchema(definition: NewSchema): StoredSchema {
    this.#requireWritable('ALTER SCHEMA');
    const current = this.#schema(definition.oid);
    if (definition.name !== current.name && this.#catalogs.current().schema(definition.name) !== undefined) {
      throw duplicateSchema(definition.name);
    }
    const schema: StoredSchema = { kind: 'schema', ...definition, version: current.version + 1 };
    this.#writes.changeCatalog({ kind: 'put-object', object: schema, base: this.#baseOfSchema(current) });
    const owners = { before: current.ownerOid, after: schema.ownerOid };
    this.#access.moveAcls({ classOid: ObjectClass.Schema, objectOid: schema.oid }, owners);
    return schema;
  }

  /** Of a schema in which nothing is left. */
  dropSchema(oid: number): void {
    this.#requireWritable('DROP SCHEMA');
    const schema = this.#schema(oid);
    this.#writes.changeCatalog({ kind: 'drop-object', object: schema, base: this.#baseOfSchema(schema) });
    this.#comments.dropOf(({ classOid, objectOid }) => classOid === ObjectClass.Schema && objectOid === oid);
    this.#access.dropDefaultAcls(oid);
  }

  /** Throws 42P07 when the name is taken, 42710 when it is that of a type. */
  createView(definition: NewView): StoredView {
    this.#requireWritable('CREATE VIEW');
    const { schemaName, name } = definition;
    const catalog = this.#catalogs.current();
    if (catalog.hasRelation(schemaName, name)) throw duplicateTable(definition);
    if (catalog.hasType(schemaName, name)) throw duplicateType(name);
    const view: StoredView = { kind: 'view', ...definition, version: 1 };
    this.#writes.changeCatalog({ kind: 'put-object', object: view });
    const { oid: objectOid, ownerOid, schemaOid } = view;
    this.#access.giveDefaults({ kind: 'table', classOid: ObjectClass.Relation, objectOid, ownerOid, schemaOid });
    return view;
  }

  /** Any change of a view; throws as `createView` does where it gets another name. */
  alterView(definition: NewView): StoredView {
    this.#requireWritable('ALTER VIEW');
    const { oid, schemaName, name } = definition;
    const current = this.#view(oid);
    const catalog = this.#catalogs.current();
    if (name !== current.name || schemaName !== current.schemaName) {
      if (catalog.hasRelation(schemaName, name)) throw duplicateTable(definition);
      if (catalog.hasType(schemaName, name)) throw duplicateType(name);
    }
    const view: StoredView = { kind: 'view', ...definition, version: current.version + 1 };
    this.#writes.changeCatalog({ kind: 'put-object', object: view, base: this.#baseOfView(current) });
    const owners = { before: current.ownerOid, after: view.ownerOid };
    this.#access.moveAcls({ classOid: ObjectClass.Relation, objectOid: view.oid }, owners);
    return view;
  }

  dropView(oid: number): void {
    this.#requireWritable('DROP VIEW');
    const view = this.#view(oid);
    this.#writes.changeCatalog({ kind: 'drop-object', object: view, base: this.#baseOfView(view) });
    this.#comments.dropOf(({ classOid, objectOid }) => classOid === ObjectClass.Relation && objectOid === oid);
  }

  /** Throws 42710 when the name is taken. */
  createEnum(definition: NewEnum): EnumDescriptor {
    this.#requireWritable('CREATE TYPE');
    if (this.#catalogs.current().hasType(definition.schemaName, definition.name)) throw duplicateType(definition.name);
    const created = describeEnum({ ...definition, version: 1 });
    this.#writes.changeCatalog({ kind: 'put-enum', enum: created });
    const { oid: objectOid, ownerOid, schemaOid } = created;
    this.#access.giveDefaults({ kind: 'type', classOid: ObjectClass.Type, objectOid, ownerOid, schemaOid });
    return created;
  }

  /** The tables that use it get new versions. */
  alterEnum(definition: NewEnum): EnumDescriptor {
    this.#requireWritable('ALTER TYPE');
    const current = this.#enum(definition.oid);
    const catalog = this.#catalogs.current();
    const isKnown = definition.name === current.name && definition.schemaName === current.schemaName;
    if (!isKnown && catalog.hasType(definition.schemaName, definition.name)) {
      throw duplicateType(definition.name);
    }
    const altered = describeEnum({ ...definition, version: current.version + 1 });
    this.#writes.changeCatalog({ kind: 'put-enum', enum: altered, base: this.#baseOfEnum(current) });
    const owners = { before: current.ownerOid, after: altered.ownerOid };
    this.#access.moveAcls({ classOid: ObjectClass.Type, objectOid: altered.oid }, owners);
    return altered;
  }

  /** Throws 2BP01 while columns have the type. */
  dropEnum(oid: number): void {
    this.#requireWritable('DROP TYPE');
    const dropped = this.#enum(oid);
    const dependents = enumDependents(this.#catalogs.current(), dropped);
    if (dependents.length > 0) {
      throw new SqlError(
        SqlState.DependentObjectsStillExist,
        `cannot drop type ${dropped.type.sqlName} because other objects depend on it`,
        { detail: dependents.join('\n'), hint: 'Use DROP ... CASCADE to drop the dependent objects too.' },
      );
    }
    this.#writes.changeCatalog({ kind: 'drop-enum', enum: dropped, base: this.#baseOfEnum(dropped) });
    this.#comments.dropOf(({ classOid, objectOid }) => classOid === ObjectClass.Type && objectOid === oid);
  }

  #assertNamesFree(current: TableDescriptor, next: TableDescriptor): void {
    const catalog = this.#catalogs.current();
    const { schemaName } = next;
    const isMoved = schemaName !== current.schemaName;
    if (isMoved || next.name !== current.name) {
      if (catalog.hasRelation(schemaName, next.name)) throw duplicateTable(next);
      if (catalog.hasType(schemaName, next.name)) throw duplicateType(next.name);
    }
    const own = new Set(isMoved ? [] : current.indexes.map(({ name }) => name));
    const names = new Set([next.name]);
    for (const index of next.indexes) {
      const isTaken = names.has(index.name) || (!own.has(index.name) && catalog.hasRelation(schemaName, index.name));
      if (isTaken) throw duplicateTable(index);
      names.add(index.name);
    }
  }

  #baseOfTable({ oid }: TableDescriptor): TableDescriptor | undefined {
    return this.#catalogs.baseOf(
      (catalog) => catalog.tableByOid(oid),
      ({ schemaVersion }) => schemaVersion,
    );
  }

  #baseOfEnum({ oid }: EnumDescriptor): EnumDescriptor | undefined {
    return this.#catalogs.baseOf(
      (catalog) => catalog.enumByOid(oid),
      ({ version }) => version,
    );
  }

  #baseOfView({ oid }: StoredView): StoredView | undefined {
    return this.#catalogs.baseOf(
      (catalog) => catalog.viewByOid(oid),
      ({ version }) => version,
    );
  }

  #baseOfSchema({ oid }: StoredSchema): StoredSchema | undefined {
    return this.#catalogs.baseOf(
      (catalog) => catalog.schemaByOid(oid),
      ({ version }) => version,
    );
  }

  #table(oid: number): TableDescriptor {
    const table = this.#catalogs.current().tableByOid(oid);
    if (table === undefined) throw undefinedTable({ name: String(oid) });
    return table;
  }

  #schema(oid: number): StoredSchema {
    const found = this.#catalogs.current().schemaByOid(oid);
    if (found === undefined) throw undefinedSchema(String(oid));
    return found;
  }

  #view(oid: number): StoredView {
    const view = this.#catalogs.current().viewByOid(oid);
    if (view === undefined) throw undefinedTable({ name: String(oid) });
    return view;
  }

  #enum(oid: number): EnumDescriptor {
    const found = this.#catalogs.current().enumByOid(oid);
    if (found !== undefined) return found;
    throw new SqlError(SqlState.UndefinedObject, `type ${oid} does not exist`);
  }
}

/** Series and keys are found by these: to change them is to make another table. */
function hasSameIdentity(current: TableDescriptor, next: TableDescriptor): boolean {
  return (
    mergesVersions(current) === mergesVersions(next) &&
    JSON.stringify(current.timeSeries) === JSON.stringify(next.timeSeries)
  );
}

/** A type or persistence that changes takes other rows. */
function fitsRowsOf(current: TableDescriptor, next: TableDescriptor): boolean {
  const before = new Map(current.columns.map((column) => [column.number, column.type]));
  return (
    current.persistence === next.persistence &&
    next.columns.every(({ number, type }) => {
      const known = before.get(number);
      return known === undefined || !needsRewrite(known, type);
    })
  );
}

function duplicateSchema(name: string): SqlError {
  return new SqlError(SqlState.DuplicateSchema, `schema "${name}" already exists`);
}

function duplicateType(name: string): SqlError {
  return new SqlError(SqlState.DuplicateObject, `type "${name}" already exists`);
}

function duplicateRowType(name: string): SqlError {
  return new SqlError(SqlState.DuplicateObject, `type "${name}" already exists`, {
    hint: "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.",
  });
}
