import type { ForeignKeyConstraint } from '../../catalog/constraint-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { findCast } from '../../functions/cast-registry.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { ForeignKeySyntax } from '../syntax/table-definition-ast.ts';
import { storedColumns } from './assign-column.ts';
import { isSystemColumn } from './bind-column-definitions.ts';
import type { BindContext } from './bind-context.ts';
import { findRelation, undefinedRelation } from './find-relation.ts';

const MAX_KEY_COLUMNS = 32;

/** A foreign key with everything found that it names. */
export type BoundForeignKey = Omit<
  ForeignKeyConstraint,
  'oid' | 'name' | 'isValidated' | 'referencedTableOid' | 'referencedIndexOid' | 'deleteSetColumnNumbers'
> & {
  /** Column numbers. */
  readonly deleteSetColumns: readonly number[];
};

/** The table that a foreign key refers to. Throws 42P01, 42809, 42501, 0A000. */
export function bindReferencedTable(context: BindContext, { referenced }: ForeignKeySyntax): TableDescriptor {
  const found = findRelation(context, referenced);
  if (found === undefined) throw undefinedRelation(context, referenced);
  if (found.kind !== 'table') {
    throw new SqlError(SqlState.WrongObjectType, `referenced relation "${referenced.name}" is not a table`);
  }
  const { table } = found;
  if (table.kind === 'system-table') {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${table.name}" is a system catalog`);
  }
  if (table.timeSeries !== undefined) {
    throw notSupported('a foreign key to a time-series table', referenced.position, 'Refer to a plain table.');
  }
  return table;
}

/**
 * `table` refers to `referenced`; `constraintName` is for messages. Throws 42703, 42830, 42804, 42704, 42P10, 55000 as
 * PostgreSQL words them.
 */
export function bindForeignKey(
  table: TableDescriptor,
  referenced: TableDescriptor,
  constraintName: string,
  syntax: ForeignKeySyntax,
): BoundForeignKey {
  if (table.timeSeries !== undefined) {
    throw notSupported(
      'a foreign key of a time-series table',
      syntax.position,
      'Line protocol writes to the table without looking at others; join to the other table instead.',
    );
  }
  const columns = namedColumns(table, syntax.columns);
  const deleteSet = namedColumns(table, syntax.deleteSetColumns);
  if (columns.some((column) => column.generated !== undefined)) checkGeneratedActions(syntax);
  for (const { number, name } of deleteSet) {
    if (columns.some((column) => column.number === number)) continue;
    throw new SqlError(
      SqlState.InvalidColumnReference,
      `column "${name}" referenced in ON DELETE SET action must be part of foreign key`,
    );
  }
  const target =
    syntax.referencedColumns.length === 0
      ? primaryKeyOf(referenced)
      : uniqueKeyOver(referenced, namedColumns(referenced, syntax.referencedColumns));
  if (columns.length !== target.length) {
    throw new SqlError(
      SqlState.InvalidForeignKey,
      'number of referencing and referenced columns for foreign key disagree',
    );
  }
  checkKeyTypes(constraintName, columns, target);
  return {
    kind: 'foreign-key',
    columnNumbers: columns.map((column) => column.number),
    referencedColumnNumbers: target.map((column) => column.number),
    match: syntax.match,
    onUpdate: syntax.onUpdate,
    onDelete: syntax.onDelete,
    deleteSetColumns: deleteSet.map((column) => column.number),
    isDeferrable: syntax.isDeferrable,
    isInitiallyDeferred: syntax.isInitiallyDeferred,
  };
}

/** Throws 42601: nobody but its expression gives a generated column its value. */
function checkGeneratedActions({ onUpdate, onDelete }: ForeignKeySyntax): void {
  const refuse = (event: string): SqlError =>
    new SqlError(
      SqlState.SyntaxError,
      `invalid ON ${event} action for foreign key constraint containing generated column`,
    );
  const sets = (action: string): boolean => action === 'set null' || action === 'set default';
  if (sets(onUpdate) || onUpdate === 'cascade') throw refuse('UPDATE');
  if (sets(onDelete)) throw refuse('DELETE');
}

/** Throws 42804 where the values of the one side cannot be looked up among those of the other. */
export function checkKeyTypes(
  constraintName: string,
  columns: readonly ColumnDescriptor[],
  keys: readonly ColumnDescriptor[],
): void {
  for (const [at, column] of columns.entries()) {
    const key = keys[at];
    if (areComparable(column.type.definition, key.type.definition)) continue;
    throw new SqlError(SqlState.DatatypeMismatch, `foreign key constraint "${constraintName}" cannot be implemented`, {
      detail: `Key columns "${column.name}" and "${key.name}" are of incompatible types: ${column.type.definition.sqlName} and ${key.type.definition.sqlName}.`,
    });
  }
}

function namedColumns(table: TableDescriptor, names: readonly string[]): ColumnDescriptor[] {
  if (names.length > MAX_KEY_COLUMNS) {
    throw new SqlError(SqlState.TooManyColumns, `cannot have more than ${MAX_KEY_COLUMNS} keys in a foreign key`);
  }
  return names.map((name) => {
    const column = storedColumns(table).find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    if (isSystemColumn(name)) {
      throw new SqlError(SqlState.FeatureNotSupported, 'system columns cannot be used in foreign keys');
    }
    throw new SqlError(
      SqlState.UndefinedColumn,
      `column "${name}" referenced in foreign key constraint does not exist`,
    );
  });
}

function primaryKeyOf(table: TableDescriptor): readonly ColumnDescriptor[] {
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'key' || !constraint.isPrimary) continue;
    if (constraint.isDeferrable) {
      throw new SqlError(
        SqlState.ObjectNotInPrerequisiteState,
        `cannot use a deferrable primary key for referenced table "${table.name}"`,
      );
    }
    return columnsOf(table, constraint.columnNumbers);
  }
  throw new SqlError(SqlState.UndefinedObject, `there is no primary key for referenced table "${table.name}"`);
}

/** Throws unless a unique index has just these columns, in whatever order. */
function uniqueKeyOver(table: TableDescriptor, columns: readonly ColumnDescriptor[]): readonly ColumnDescriptor[] {
  const numbers = new Set(columns.map((column) => column.number));
  if (numbers.size < columns.length) {
    throw new SqlError(SqlState.InvalidForeignKey, 'foreign key referenced-columns list must not contain duplicates');
  }
  let isDeferrable = false;
  for (const index of table.indexes) {
    if (!index.isUnique || index.columns.length !== numbers.size) continue;
    if (!index.columns.every(({ columnNumber }) => numbers.has(columnNumber))) continue;
    const constraint = table.constraints.find(
      (candidate) => candidate.kind === 'key' && candidate.indexOid === index.oid,
    );
    if (constraint?.kind === 'key' && constraint.isDeferrable) isDeferrable = true;
    else return columns;
  }
  if (isDeferrable) {
    throw new SqlError(
      SqlState.ObjectNotInPrerequisiteState,
      `cannot use a deferrable unique constraint for referenced table "${table.name}"`,
    );
  }
  throw new SqlError(
    SqlState.InvalidForeignKey,
    `there is no unique constraint matching given keys for referenced table "${table.name}"`,
  );
}

function columnsOf(table: TableDescriptor, numbers: readonly number[]): ColumnDescriptor[] {
  return numbers.flatMap((number) => table.columns.filter((column) => column.number === number));
}

/** Types that one index can compare with each other. */
const FAMILIES: readonly (readonly string[])[] = [
  ['int2', 'int4', 'int8'],
  ['float4', 'float8'],
  ['text', 'varchar', 'name'],
  ['date', 'timestamp', 'timestamptz'],
];

/** Whether the values of a foreign key can be looked up among those of the key. */
function areComparable(foreign: TypeDefinition, key: TypeDefinition): boolean {
  if (!key.isComparable || !foreign.isComparable) return false;
  if (foreign === key) return true;
  if (FAMILIES.some((family) => family.includes(foreign.name) && family.includes(key.name))) return true;
  return findCast(foreign, key)?.context === 'implicit';
}
