import { ObjectClass, type StoredComment, type StoredSchema, type StoredView } from '../../catalog/catalog-object.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { describeEnum } from '../../storage/commit/enum-json.ts';
import type { TransactionSequences } from '../../storage/sequences/transaction-sequences.ts';
import type { StorageEngine } from '../../storage/storage-engine.ts';
import { mergesVersions } from '../../storage/table-identity.ts';
import { withHiddenColumns } from '../../storage/undeclared-columns.ts';
import { duplicateTable, undefinedSchema, undefinedTable } from '../../storage/versions/catalog-operations.ts';
import type { CatalogVersion } from '../../storage/versions/catalog-version.ts';
import type { WriteSet } from '../../storage/versions/write-set.ts';
import type { AccessWrites } from '../access-writes.ts';
import { describeNewTable, type NewTable } from '../new-table.ts';
import { columnsWithMissing } from './add-column.ts';
import { needsRewrite } from './column-properties.ts';
import { enumDependents } from './dependents.ts';

/** An enum before it has a version and a type. */
export type NewEnum = Omit<EnumDescriptor, 'type' | 'version'>;

/** A schema before it has a version. */
export type NewView = Omit<StoredView, 'kind' | 'version'>;

export type NewSchema = Pick<StoredSchema, 'oid' | 'name' | 'ownerOid'>;

/** What a comment is on. */
export type CommentPlace = Pick<StoredComment, 'classOid' | 'objectOid' | 'subId'>;

/** A sequence before it has a version. */
export type NewSequence = Omit<SequenceDescriptor, 'version'>;

/** The catalogs of a transaction. */
export interface TransactionCatalogs {
  /** With its own changes. */
  readonly current: () => CatalogVersion;
  /** What these changes build on. */
  readonly base: () => CatalogVersion;
}

/** What a transaction does to tables, sequences and types: its own until it commits, and taken back with the rest. */
export class SchemaWrites {
  readonly #engine: StorageEngine;
  readonly #databaseOid: number;
  readonly #writes: WriteSet;
  readonly #access: AccessWrites;
  readonly #catalogs: TransactionCatalogs;
  readonly #sequences: TransactionSequences;
  readonly #owner: object;

  constructor(
    engine: StorageEngine,
    databaseOid: number,
    own: {
      readonly writes: WriteSet;
      readonly access: AccessWrites;
      readonly catalogs: TransactionCatalogs;
      readonly sequences: TransactionSequences;
      /** Who has the locks of the transaction. */
      readonly lockOwner: object;
    },
  ) {
    this.#engine = engine;
    this.#databaseOid = databaseOid;
    this.#writes = own.writes;
    this.#access = own.access;
    this.#catalogs = own.catalogs;
    this.#sequences = own.sequences;
    this.#owner = own.lockOwner;
  }

  createTable(definition: NewTable): TableDescriptor {
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

  /** The sequences of its columns go with it. */
  dropTable(oid: number): void {
    const table = this.#table(oid);
    this.#writes.changeCatalog({ kind: 'drop', table, base: this.#baseOfTable(table) });
    this.#dropSequencesOf(oid, () => true);
    this.#dropCommentsOfParts(table, undefined);
  }

  /**
   * Needs the table's lock in mode SHARE or EXCLUSIVE, unless the transaction has made the table. `isRewritten`: other rows
   * follow, so that types may change.
   */
  alterTable(next: TableDescriptor, { isRewritten }: { readonly isRewritten: boolean }): TableDescriptor {
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
    this.#dropCommentsOfParts(current, table);
    const numbers = new Set(table.columns.map(({ number }) => number));
    this.#dropSequencesOf(
      table.oid,
      ({ columnNumber, kind }) =>
        !numbers.has(columnNumber) ||
        (kind === 'identity' && table.columns.find(({ number }) => number === columnNumber)?.identity === undefined),
    );
    return table;
  }

  createSchema(definition: NewSchema): StoredSchema {
    if (this.#catalogs.current().schema(definition.name) !== undefined) throw duplicateSchema(definition.name);
    const schema: StoredSchema = { kind: 'schema', ...definition, version: 1 };
    this.#writes.changeCatalog({ kind: 'put-object', object: schema });
    const { oid: objectOid, ownerOid } = schema;
    this.#access.giveDefaults({ kind: 'schema', classOid: ObjectClass.Schema, objectOid, ownerOid, schemaOid: 0 });
    return schema;
  }

  /** Another name or owner. What is in it is for the caller to move. */
  alterSchema(definition: NewSchema): StoredSchema {
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

  /** What is in it must have gone before. */
  dropSchema(oid: number): void {
    const schema = this.#schema(oid);
    this.#writes.changeCatalog({ kind: 'drop-object', object: schema, base: this.#baseOfSchema(schema) });
    this.#dropComments(({ classOid, objectOid }) => classOid === ObjectClass.Schema && objectOid === oid);
    this.#access.dropDefaultAcls(oid);
  }

  /** A comment takes the place of the one that the object has; `text` undefined: it has none any more. */
  setComment(place: CommentPlace, text: string | undefined): void {
    const known = this.#catalogs.current().comment(place);
    if (text === undefined) {
      if (known !== undefined) this.#dropComment(known);
      return;
    }
    const { classOid, objectOid, subId } = place;
    const version = (known?.version ?? 0) + 1;
    const object: StoredComment = { kind: 'comment', classOid, objectOid, subId, text, version };
    this.#writes.changeCatalog({ kind: 'put-object', object, base: this.#catalogs.base().comment(place) });
  }

  createView(definition: NewView): StoredView {
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

  alterView(definition: NewView): StoredView {
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
    const view = this.#view(oid);
    this.#writes.changeCatalog({ kind: 'drop-object', object: view, base: this.#baseOfView(view) });
    this.#dropComments(({ classOid, objectOid }) => classOid === ObjectClass.Relation && objectOid === oid);
  }

  createSequence(definition: NewSequence): SequenceDescriptor {
    const { schemaName, name, start } = definition;
    if (this.#catalogs.current().hasRelation(schemaName, name)) throw duplicateTable(definition);
    const sequence: SequenceDescriptor = { ...definition, version: 1 };
    this.#writes.changeCatalog({ kind: 'put-sequence', sequence });
    this.#sequences.own(sequence, { lastValue: start, isCalled: false });
    const { oid: objectOid, ownerOid, schemaOid } = sequence;
    this.#access.giveDefaults({ kind: 'sequence', classOid: ObjectClass.Relation, objectOid, ownerOid, schemaOid });
    return sequence;
  }

  /** Any change but that of its count; with `restart`, that too. */
  alterSequence(definition: NewSequence, restart?: SequenceState): SequenceDescriptor {
    const { oid, schemaName, name } = definition;
    const current = this.sequence(oid);
    const isKnown = name === current.name && schemaName === current.schemaName;
    if (!isKnown && this.#catalogs.current().hasRelation(schemaName, name)) throw duplicateTable(definition);
    const sequence: SequenceDescriptor = { ...definition, version: current.version + 1 };
    this.#writes.changeCatalog({ kind: 'put-sequence', sequence, base: this.#baseOfSequence(current) });
    this.#sequences.own(sequence, restart);
    const owners = { before: current.ownerOid, after: sequence.ownerOid };
    this.#access.moveAcls({ classOid: ObjectClass.Relation, objectOid: sequence.oid }, owners);
    return sequence;
  }

  dropSequence(oid: number): void {
    const sequence = this.sequence(oid);
    this.#writes.changeCatalog({ kind: 'drop-sequence', sequence, base: this.#baseOfSequence(sequence) });
    this.#dropComments(({ classOid, objectOid }) => classOid === ObjectClass.Relation && objectOid === oid);
  }

  /** Throws 42P01. */
  sequence(oid: number): SequenceDescriptor {
    const sequence = this.#catalogs.current().sequenceByOid(oid);
    if (sequence === undefined) throw undefinedTable({ name: String(oid) });
    return sequence;
  }

  createEnum(definition: NewEnum): EnumDescriptor {
    if (this.#catalogs.current().hasType(definition.schemaName, definition.name)) throw duplicateType(definition.name);
    const created = describeEnum({ ...definition, version: 1 });
    this.#writes.changeCatalog({ kind: 'put-enum', enum: created });
    const { oid: objectOid, ownerOid, schemaOid } = created;
    this.#access.giveDefaults({ kind: 'type', classOid: ObjectClass.Type, objectOid, ownerOid, schemaOid });
    return created;
  }

  /** The tables that use it get new versions. */
  alterEnum(definition: NewEnum): EnumDescriptor {
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
    this.#dropComments(({ classOid, objectOid }) => classOid === ObjectClass.Type && objectOid === oid);
  }

  /** What `after`, a later version of a table, has no more (or the whole of it) has no comment either. */
  #dropCommentsOfParts(before: TableDescriptor, after: TableDescriptor | undefined): void {
    const kept = new Set(after === undefined ? [] : partOids(after));
    const gone = new Set(partOids(before).filter((oid) => !kept.has(oid)));
    const columns = new Set(after?.columns.map(({ number }) => number));
    this.#dropComments(({ objectOid, subId }) => {
      if (objectOid === before.oid) return after === undefined || (subId !== 0 && !columns.has(subId));
      return gone.has(objectOid);
    });
  }

  /** And the rights on it. */
  #dropComments(isMeant: (place: CommentPlace) => boolean): void {
    this.#access.dropAcls(isMeant);
    for (const comment of [...this.#catalogs.current().comments()]) if (isMeant(comment)) this.#dropComment(comment);
  }

  #dropComment(comment: StoredComment): void {
    this.#writes.changeCatalog({ kind: 'drop-object', object: comment, base: this.#catalogs.base().comment(comment) });
  }

  #dropSequencesOf(tableOid: number, isDropped: (owner: NonNullable<SequenceDescriptor['owner']>) => boolean): void {
    for (const { oid, owner } of [...this.#catalogs.current().sequences()]) {
      if (owner?.tableOid === tableOid && isDropped(owner)) this.dropSequence(oid);
    }
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

  #baseOfTable({ oid }: TableDescriptor): TableDescriptor | undefined {
    const base = this.#catalogs.base().tableByOid(oid);
    this.#assertNewest(base, this.#newest.tableByOid(oid), (table) => table.schemaVersion);
    return base;
  }

  #baseOfSequence({ oid }: SequenceDescriptor): SequenceDescriptor | undefined {
    const base = this.#catalogs.base().sequenceByOid(oid);
    this.#assertNewest(base, this.#newest.sequenceByOid(oid), (sequence) => sequence.version);
    return base;
  }

  #baseOfEnum({ oid }: EnumDescriptor): EnumDescriptor | undefined {
    const base = this.#catalogs.base().enumByOid(oid);
    this.#assertNewest(base, this.#newest.enumByOid(oid), (found) => found.version);
    return base;
  }

  #baseOfView({ oid }: StoredView): StoredView | undefined {
    const base = this.#catalogs.base().viewByOid(oid);
    this.#assertNewest(base, this.#newest.viewByOid(oid), ({ version }) => version);
    return base;
  }

  #baseOfSchema({ oid }: StoredSchema): StoredSchema | undefined {
    const base = this.#catalogs.base().schemaByOid(oid);
    this.#assertNewest(base, this.#newest.schemaByOid(oid), ({ version }) => version);
    return base;
  }

  /** REPEATABLE READ changes what it sees, and only if that is what there is. */
  #assertNewest<T>(base: T | undefined, newest: T | undefined, versionOf: (object: T) => number): void {
    if (base === undefined || (newest !== undefined && versionOf(newest) === versionOf(base))) return;
    throw concurrentUpdate();
  }

  get #newest(): CatalogVersion {
    return this.#engine.state.databases.get(this.#databaseOid)!.newest;
  }
}

export function concurrentUpdate(): SqlError {
  return new SqlError(SqlState.SerializationFailure, 'could not serialize access due to concurrent update');
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

/** The OIDs of what has comments of its own, and goes with the table. */
function partOids({ indexes, constraints, uniqueKey }: TableDescriptor): number[] {
  const oids = [...indexes, ...constraints].map(({ oid }) => oid);
  return uniqueKey === undefined ? oids : [...oids, uniqueKey.indexOid, uniqueKey.constraintOid];
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
