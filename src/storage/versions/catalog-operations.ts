import { type CatalogObject, isSharedKey, objectKey } from '../../catalog/catalog-object.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { concurrentChange } from '../../errors/concurrent-change.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { CommitOperation } from '../commit/commit-operation.ts';
import type {
  CatalogChange,
  CatalogVersion,
  EnumChange,
  ObjectChange,
  SequenceChange,
  TableChange,
} from './catalog-version.ts';

/** Objects below were there before anybody made one. */
const FIRST_USER_OID = 16_384;

/** The first and the last of what a transaction did to one object. */
interface Net<Change extends CatalogChange> {
  readonly base: Change['base'];
  last: Change;
}

/** What a commit does to the catalog, and the tables that come of it. */
export interface CatalogOperations {
  readonly operations: readonly CommitOperation[];
  /** `newest` with all of it. */
  readonly catalog: CatalogVersion;
}

/**
 * What is left of a transaction's changes, against the newest catalog and what all databases share. Throws 42P07, 42710, 42P01 or 40001 when another
 * transaction was faster. `stateOf`: where a sequence that is put counts from.
 */
export function catalogOperations(
  changes: readonly CatalogChange[],
  { newest, shared }: { readonly newest: CatalogVersion; readonly shared: CatalogVersion },
  stateOf: (sequence: SequenceDescriptor) => SequenceState,
): CatalogOperations {
  const tables = netChanges(changes.filter(isTableChange), ({ table }) => table.oid);
  const sequences = netChanges(changes.filter(isSequenceChange), ({ sequence }) => sequence.oid);
  const enums = netChanges(changes.filter(isEnumChange), (change) => change.enum.oid);
  const left: CatalogChange[] = [];
  const operations: CommitOperation[] = [];
  const drops: CommitOperation[] = [];
  const allObjects = netChanges(changes.filter(isObjectChange), ({ object }) => objectKey(object));
  const isOfAll = (key: string): boolean => isSharedKey(key);
  const objects = new Map([...allObjects].filter(([key]) => !isOfAll(key)));
  assertSharedFree(shared, new Map([...allObjects].filter(([key]) => isOfAll(key))));
  for (const [key, { base, last }] of allObjects) {
    const isDrop = last.kind === 'drop-object';
    const catalog = isOfAll(key) ? shared : newest;
    if (isDrop && (base === undefined || (mayBeGone(last.object) && catalog.object(key) === undefined))) continue;
    assertObjectUnchanged(base, last, catalog);
    if (!isOfAll(key)) left.push(last);
    if (isDrop) drops.unshift({ kind: 'drop-object', key });
    else operations.push({ kind: 'put-object', object: last.object });
  }
  // Types before the tables that use them; what is dropped goes the other way round.
  for (const { base, last } of enums.values()) {
    const { oid, name } = last.enum;
    const isDrop = last.kind === 'drop-enum';
    if (base === undefined && isDrop) continue;
    assertUnchanged(
      base,
      newest.enumByOid(oid),
      (found) => found.version,
      () => undefinedType(name),
    );
    left.push(last);
    if (isDrop) drops.unshift({ kind: 'drop-enum', enumOid: oid });
    else operations.push({ kind: 'put-enum', enum: last.enum });
  }
  for (const { base, last } of sequences.values()) {
    const { sequence } = last;
    const isDrop = last.kind === 'drop-sequence';
    if (base === undefined && isDrop) continue;
    assertUnchanged(
      base,
      newest.sequenceByOid(sequence.oid),
      ({ version }) => version,
      () => undefinedTable(sequence),
    );
    left.push(last);
    if (isDrop) drops.unshift({ kind: 'drop-sequence', sequenceOid: sequence.oid });
    else operations.push({ kind: 'put-sequence', sequence, state: stateOf(sequence) });
  }
  for (const { base, last } of tables.values()) {
    const { table } = last;
    const isDrop = last.kind === 'drop';
    if (base === undefined && isDrop) continue;
    const now = newest.tableByOid(table.oid);
    // What others have added to a table that is dropped goes with it.
    const known = isDrop && now !== undefined ? now : base;
    assertUnchanged(
      known,
      now,
      ({ schemaVersion }) => schemaVersion,
      () => undefinedTable(table),
    );
    left.push(last);
    if (isDrop) operations.push({ kind: 'drop-table', tableOid: table.oid });
    else operations.push({ kind: base === undefined ? 'create-table' : 'alter-table', table });
  }
  assertSchemasFree(newest, objects);
  assertNamesFree(newest, { tables, sequences, enums, objects });
  const catalog = newest.with(left);
  assertSchemasThere(catalog, { tables, sequences, enums, objects });
  return { operations: [...operations, ...drops], catalog };
}

/** 42P07. */
export function duplicateTable(table: { readonly name: string }): SqlError {
  return new SqlError(SqlState.DuplicateTable, `relation "${table.name}" already exists`);
}

/** 42P01. */
export function undefinedTable(table: { readonly name: string }): SqlError {
  return new SqlError(SqlState.UndefinedTable, `relation "${table.name}" does not exist`);
}

function undefinedType(name: string): SqlError {
  return new SqlError(SqlState.UndefinedObject, `type "${name}" does not exist`);
}

function isTableChange(change: CatalogChange): change is TableChange {
  return change.kind === 'put' || change.kind === 'drop';
}

function isSequenceChange(change: CatalogChange): change is SequenceChange {
  return change.kind === 'put-sequence' || change.kind === 'drop-sequence';
}

function isEnumChange(change: CatalogChange): change is EnumChange {
  return change.kind === 'put-enum' || change.kind === 'drop-enum';
}

function isObjectChange(change: CatalogChange): change is ObjectChange {
  return change.kind === 'put-object' || change.kind === 'drop-object';
}

/** A comment that two transactions write at once is that of the later one. */
function assertObjectUnchanged(
  base: CatalogObject | undefined,
  { object }: ObjectChange,
  newest: CatalogVersion,
): void {
  if (mayBeGone(object) && object.kind !== 'acl' && object.kind !== 'role-settings') return;
  const now = newest.object(objectKey(object));
  // Two that grant, or set, at once: what the first has said must not be lost.
  const isList = object.kind === 'acl' || object.kind === 'role-settings';
  if (isList && base === undefined && now !== undefined) {
    throw concurrentChange('update');
  }
  assertUnchanged(
    base,
    now,
    ({ version }) => version,
    () => undefinedObject(object),
  );
}

/** What nobody minds that another transaction has dropped already. */
function mayBeGone({ kind }: CatalogObject): boolean {
  return (
    kind === 'comment' || kind === 'role-settings' || kind === 'acl' || kind === 'default-acl' || kind === 'membership'
  );
}

function undefinedObject(object: CatalogObject): SqlError {
  switch (object.kind) {
    case 'view':
      return undefinedTable(object);
    case 'schema':
      return undefinedSchema(object.name);
    case 'role':
      return new SqlError(SqlState.UndefinedObject, `role "${object.name}" does not exist`);
    case 'database':
      return new SqlError(SqlState.InvalidCatalogName, `database "${object.name}" does not exist`);
    default:
      return concurrentChange('update');
  }
}

/** Names of roles and databases that others have taken since, and roles that they have dropped. */
function assertSharedFree(shared: CatalogVersion, objects: ReadonlyMap<string, Net<ObjectChange>>): void {
  if (objects.size === 0) return;
  for (const { last } of objects.values()) {
    const { object } = last;
    if (last.kind === 'drop-object') continue;
    if (object.kind === 'membership') {
      for (const oid of [object.roleOid, object.memberOid]) {
        const key = `role ${oid}`;
        if (oid >= FIRST_USER_OID && shared.object(key) === undefined && objects.get(key)?.last.kind !== 'put-object') {
          throw new SqlError(SqlState.UndefinedObject, `role ${oid} was concurrently dropped`);
        }
      }
    }
    if (object.kind !== 'role' && object.kind !== 'database') continue;
    for (const known of shared.objects()) {
      if (known.kind !== object.kind || known.name !== object.name || objects.has(objectKey(known))) continue;
      const code = object.kind === 'role' ? SqlState.DuplicateObject : SqlState.DuplicateDatabase;
      throw new SqlError(code, `${object.kind} "${object.name}" already exists`);
    }
  }
}

/** Names of schemas that others have taken since, and schemas that they have dropped or renamed. */
function assertSchemasFree(newest: CatalogVersion, objects: ReadonlyMap<string, Net<ObjectChange>>): void {
  for (const { last } of objects.values()) {
    const { object } = last;
    if (last.kind === 'drop-object' || object.kind !== 'schema') continue;
    const known = newest.schema(object.name);
    if (known === undefined || objects.has(objectKey(known))) continue;
    throw new SqlError(SqlState.DuplicateSchema, `schema "${object.name}" already exists`);
  }
}

/** What is put is in a schema that is there still; in one that is dropped is nothing, whoever may have put it there. */
function assertSchemasThere(
  catalog: CatalogVersion,
  own: {
    readonly tables: ReadonlyMap<number, Net<TableChange>>;
    readonly sequences: ReadonlyMap<number, Net<SequenceChange>>;
    readonly enums: ReadonlyMap<number, Net<EnumChange>>;
    readonly objects: ReadonlyMap<string, Net<ObjectChange>>;
  },
): void {
  const assertThere = ({
    schemaOid,
    schemaName,
  }: {
    readonly schemaOid: number;
    readonly schemaName: string;
  }): void => {
    if (catalog.schemaByOid(schemaOid) === undefined) throw undefinedSchema(schemaName);
  };
  for (const { last } of own.tables.values()) if (last.kind === 'put') assertThere(last.table);
  for (const { last } of own.sequences.values()) if (last.kind === 'put-sequence') assertThere(last.sequence);
  for (const { last } of own.enums.values()) if (last.kind === 'put-enum') assertThere(last.enum);
  for (const { last } of own.objects.values()) {
    const { object } = last;
    if (last.kind === 'put-object' && object.kind === 'view') assertThere(object);
    if (last.kind !== 'drop-object' || object.kind !== 'schema') continue;
    const isLeft = ({ schemaOid }: { readonly schemaOid: number }): boolean => schemaOid === object.oid;
    const inSchemas = [...catalog.tables(), ...catalog.sequences(), ...catalog.enums(), ...catalog.views()];
    if (!inSchemas.some(isLeft)) continue;
    throw new SqlError(
      SqlState.DependentObjectsStillExist,
      `cannot drop schema ${object.name} because other objects depend on it`,
    );
  }
}

/** 3F000. */
export function undefinedSchema(name: string): SqlError {
  return new SqlError(SqlState.InvalidSchemaName, `schema "${name}" does not exist`);
}

function netChanges<Change extends CatalogChange, Key>(
  changes: readonly Change[],
  oidOf: (change: Change) => Key,
): Map<Key, Net<Change>> {
  const net = new Map<Key, Net<Change>>();
  for (const change of changes) {
    const known = net.get(oidOf(change));
    if (known === undefined) net.set(oidOf(change), { base: change.base, last: change });
    else known.last = change;
  }
  return net;
}

/** An object that the transaction has not made must be the one that it changed. */
function assertUnchanged<T>(
  base: T | undefined,
  newest: T | undefined,
  versionOf: (object: T) => number,
  undefinedObject: () => SqlError,
): void {
  if (base === undefined) return;
  if (newest === undefined) throw undefinedObject();
  if (versionOf(newest) === versionOf(base)) return;
  throw concurrentChange('update');
}

/** Names that others have taken since. Among its own the transaction has none twice. */
function assertNamesFree(
  newest: CatalogVersion,
  own: {
    readonly tables: ReadonlyMap<number, Net<TableChange>>;
    readonly sequences: ReadonlyMap<number, Net<SequenceChange>>;
    readonly enums: ReadonlyMap<number, Net<EnumChange>>;
    readonly objects: ReadonlyMap<string, Net<ObjectChange>>;
  },
): void {
  const assertRelationFree = (schemaName: string, name: string): void => {
    const table = newest.table(schemaName, name) ?? newest.index(schemaName, name)?.table;
    if (table !== undefined && !own.tables.has(table.oid)) throw duplicateTable({ name });
    const sequence = newest.sequence(schemaName, name);
    if (sequence !== undefined && !own.sequences.has(sequence.oid)) throw duplicateTable({ name });
    const view = newest.view(schemaName, name);
    if (view !== undefined && !own.objects.has(objectKey(view))) throw duplicateTable({ name });
  };
  const assertTypeFree = (schemaName: string, name: string): void => {
    const found = newest.userType(schemaName, name);
    const oid = found === undefined ? undefined : found.elementOid || found.oid;
    if (oid === undefined || own.enums.has(oid)) return;
    throw new SqlError(SqlState.DuplicateObject, `type "${name}" already exists`);
  };
  for (const { base, last } of own.tables.values()) {
    if (last.kind === 'drop') continue;
    const { name, schemaName, indexes } = last.table;
    const isMoved = base?.schemaName !== schemaName;
    if (isMoved || base?.name !== name) {
      assertRelationFree(schemaName, name);
      assertTypeFree(schemaName, name);
    }
    for (const index of indexes) {
      if (isMoved || !hasIndex(base, index.name)) assertRelationFree(schemaName, index.name);
    }
  }
  for (const { base, last } of own.sequences.values()) {
    const { name, schemaName } = last.sequence;
    if (last.kind === 'drop-sequence' || (base?.name === name && base.schemaName === schemaName)) continue;
    assertRelationFree(schemaName, name);
  }
  for (const { base, last } of own.objects.values()) {
    const { object } = last;
    if (last.kind === 'drop-object' || object.kind !== 'view') continue;
    if (base?.kind === 'view' && base.name === object.name && base.schemaName === object.schemaName) continue;
    assertRelationFree(object.schemaName, object.name);
    assertTypeFree(object.schemaName, object.name);
  }
  for (const { base, last } of own.enums.values()) {
    const { name, schemaName }: EnumDescriptor = last.enum;
    if (last.kind === 'drop-enum' || (base?.name === name && base.schemaName === schemaName)) continue;
    assertTypeFree(schemaName, name);
    const table = newest.table(schemaName, name);
    const view = newest.view(schemaName, name);
    const isViewTaken = view !== undefined && !own.objects.has(objectKey(view));
    if (isViewTaken || (table !== undefined && !own.tables.has(table.oid))) {
      throw new SqlError(SqlState.DuplicateObject, `type "${name}" already exists`);
    }
  }
}

function hasIndex(table: TableDescriptor | undefined, name: string): boolean {
  return table?.indexes.some((index) => index.name === name) === true;
}
