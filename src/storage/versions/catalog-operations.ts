import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { CommitOperation } from '../commit/commit-record.ts';
import type { CatalogChange, CatalogVersion, EnumChange, SequenceChange, TableChange } from './catalog-version.ts';

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
 * What is left of a transaction's changes, against the newest catalog. Throws 42P07, 42710, 42P01 or 40001 when another
 * transaction was faster. `stateOf`: where a sequence that is put counts from.
 */
export function catalogOperations(
  changes: readonly CatalogChange[],
  newest: CatalogVersion,
  stateOf: (sequence: SequenceDescriptor) => SequenceState,
): CatalogOperations {
  const tables = netChanges(changes.filter(isTableChange), ({ table }) => table.oid);
  const sequences = netChanges(changes.filter(isSequenceChange), ({ sequence }) => sequence.oid);
  const enums = netChanges(changes.filter(isEnumChange), (change) => change.enum.oid);
  const left: CatalogChange[] = [];
  const operations: CommitOperation[] = [];
  const drops: CommitOperation[] = [];
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
  assertNamesFree(newest, { tables, sequences, enums });
  return { operations: [...operations, ...drops], catalog: newest.with(left) };
}

export function duplicateTable(table: { readonly name: string }): SqlError {
  return new SqlError(SqlState.DuplicateTable, `relation "${table.name}" already exists`);
}

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

function netChanges<Change extends CatalogChange>(
  changes: readonly Change[],
  oidOf: (change: Change) => number,
): Map<number, Net<Change>> {
  const net = new Map<number, Net<Change>>();
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
  throw new SqlError(SqlState.SerializationFailure, 'could not serialize access due to concurrent update');
}

/** Names that others have taken since. Among its own the transaction has none twice. */
function assertNamesFree(
  newest: CatalogVersion,
  own: {
    readonly tables: ReadonlyMap<number, Net<TableChange>>;
    readonly sequences: ReadonlyMap<number, Net<SequenceChange>>;
    readonly enums: ReadonlyMap<number, Net<EnumChange>>;
  },
): void {
  const assertRelationFree = (schemaName: string, name: string): void => {
    const table = newest.table(schemaName, name) ?? newest.index(schemaName, name)?.table;
    if (table !== undefined && !own.tables.has(table.oid)) throw duplicateTable({ name });
    const sequence = newest.sequence(schemaName, name);
    if (sequence !== undefined && !own.sequences.has(sequence.oid)) throw duplicateTable({ name });
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
    if (base?.name !== name) {
      assertRelationFree(schemaName, name);
      assertTypeFree(schemaName, name);
    }
    for (const index of indexes) {
      if (!hasIndex(base, index.name)) assertRelationFree(schemaName, index.name);
    }
  }
  for (const { base, last } of own.sequences.values()) {
    const { name, schemaName } = last.sequence;
    if (last.kind === 'put-sequence' && base?.name !== name) assertRelationFree(schemaName, name);
  }
  for (const { base, last } of own.enums.values()) {
    const { name, schemaName }: EnumDescriptor = last.enum;
    if (last.kind === 'drop-enum' || base?.name === name) continue;
    assertTypeFree(schemaName, name);
    const table = newest.table(schemaName, name);
    if (table !== undefined && !own.tables.has(table.oid)) {
      throw new SqlError(SqlState.DuplicateObject, `type "${name}" already exists`);
    }
  }
}

function hasIndex(table: TableDescriptor | undefined, name: string): boolean {
  return table?.indexes.some((index) => index.name === name) === true;
}
