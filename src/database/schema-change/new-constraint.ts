import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type {
  CheckConstraint,
  ConstraintDescriptor,
  ForeignKeyConstraint,
  KeyConstraint,
  ReferentialAction,
} from '../../catalog/constraint-descriptor.ts';
import type { TableDescriptor, UniqueKey } from '../../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { columnOf } from './find-column.ts';

/** PRIMARY KEY or UNIQUE. */
export interface NewKey {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly columnNumbers: readonly number[];
  readonly nullsNotDistinct: boolean;
  readonly isDeferrable: boolean;
  readonly isInitiallyDeferred: boolean;
}

export interface NewCheck {
  readonly name: string;
  /** As pg_get_expr prints it. */
  readonly expression: string;
  readonly columnNumbers: readonly number[];
  readonly isValidated: boolean;
  readonly isNoInherit?: boolean;
}

export interface NewForeignKey {
  readonly name: string;
  readonly columnNumbers: readonly number[];
  readonly referencedTableOid: number | 'self';
  readonly referencedColumnNumbers: readonly number[];
  readonly match: 'simple' | 'full';
  readonly onUpdate: ReferentialAction;
  readonly onDelete: ReferentialAction;
  /** Column numbers. */
  readonly deleteSetColumns: readonly number[];
  readonly isDeferrable: boolean;
  readonly isInitiallyDeferred: boolean;
  readonly isValidated: boolean;
}

type TakeOid = () => number;

/**
 * The table with another key and, in a plain table, its index; columns of a primary key become NOT NULL. Throws 42710 for a
 * name that is taken, 42P16 for a second primary key, 0A000 for what a time-series table cannot keep.
 */
export function addKey(table: TableDescriptor, key: NewKey, takeOid: TakeOid): TableDescriptor {
  assertConstraintNameFree(table, key.name);
  if (key.isPrimary && hasPrimaryKey(table)) {
    throw new SqlError(
      SqlState.InvalidTableDefinition,
      `multiple primary keys for table "${table.name}" are not allowed`,
    );
  }
  const { columnNumbers, isPrimary } = key;
  const columns = isPrimary
    ? table.columns.map((column) => (columnNumbers.includes(column.number) ? { ...column, isNotNull: true } : column))
    : table.columns;
  const changed: TableDescriptor = { ...table, columns };
  if (table.timeSeries !== undefined) return { ...changed, uniqueKey: timeSeriesKey(changed, key, takeOid) };
  const { name, nullsNotDistinct, isDeferrable, isInitiallyDeferred } = key;
  const indexOid = takeOid();
  const constraint: KeyConstraint = {
    kind: 'key',
    oid: takeOid(),
    name,
    isPrimary,
    indexOid,
    columnNumbers,
    isDeferrable,
    isInitiallyDeferred,
  };
  const index = {
    oid: indexOid,
    name,
    method: 'btree',
    columns: columnNumbers.map((columnNumber) => ({ columnNumber, isDescending: false, nullsFirst: false })),
    isUnique: true,
    nullsNotDistinct,
  } as const;
  return { ...changed, indexes: [...table.indexes, index], constraints: [...table.constraints, constraint] };
}

export function addCheck(table: TableDescriptor, check: NewCheck, takeOid: TakeOid): TableDescriptor {
  assertConstraintNameFree(table, check.name);
  const { isNoInherit = false, ...rest } = check;
  const constraint: CheckConstraint = {
    kind: 'check',
    oid: takeOid(),
    ...rest,
    ...(isNoInherit ? { isNoInherit } : {}),
  };
  return { ...table, constraints: [...table.constraints, constraint] };
}

/** Throws 42830 where the referenced columns have no unique key, 42P01 where there is no such table. */
export function addForeignKey(
  table: TableDescriptor,
  key: NewForeignKey,
  { catalog, takeOid }: { readonly catalog: CatalogReader; readonly takeOid: TakeOid },
): TableDescriptor {
  assertConstraintNameFree(table, key.name);
  const { referencedTableOid, deleteSetColumns, ...fields } = key;
  const isSelf = referencedTableOid === 'self' || referencedTableOid === table.oid;
  const referenced = isSelf ? table : catalog.tableByOid(referencedTableOid);
  if (referenced === undefined) {
    throw new SqlError(SqlState.UndefinedTable, `relation with OID ${referencedTableOid} does not exist`);
  }
  const constraint: ForeignKeyConstraint = {
    kind: 'foreign-key',
    oid: takeOid(),
    ...fields,
    referencedTableOid: referenced.oid,
    referencedIndexOid: referencedIndex(referenced, key.referencedColumnNumbers),
    deleteSetColumnNumbers: deleteSetColumns,
  };
  return { ...table, constraints: [...table.constraints, constraint] };
}

/** The unique index over exactly these columns, in any order; that of the primary key first. */
function referencedIndex(table: TableDescriptor, columnNumbers: readonly number[]): number {
  const { timeSeries, indexes, constraints, name } = table;
  if (timeSeries !== undefined) throw notSupported(`a foreign key that refers to the time-series table "${name}"`);
  const wanted = new Set(columnNumbers);
  const isOverThem = (numbers: readonly number[]): boolean =>
    numbers.length === columnNumbers.length &&
    wanted.size === columnNumbers.length &&
    numbers.every((number) => wanted.has(number));
  const primary = constraints.find((constraint) => constraint.kind === 'key' && constraint.isPrimary);
  if (primary?.kind === 'key' && isOverThem(primary.columnNumbers)) return primary.indexOid;
  const fitting = indexes.filter(
    ({ isUnique, columns }) => isUnique && isOverThem(columns.map(({ columnNumber }) => columnNumber)),
  );
  const isDeferrable = (indexOid: number): boolean =>
    constraints.some(
      (constraint) => constraint.kind === 'key' && constraint.indexOid === indexOid && constraint.isDeferrable,
    );
  const found = fitting.find(({ oid }) => !isDeferrable(oid));
  if (found !== undefined) return found.oid;
  if (fitting.length > 0) {
    throw new SqlError(
      SqlState.ObjectNotInPrerequisiteState,
      `cannot use a deferrable unique constraint for referenced table "${name}"`,
    );
  }
  throw new SqlError(
    SqlState.InvalidForeignKey,
    `there is no unique constraint matching given keys for referenced table "${name}"`,
  );
}

/** Throws 42710. */
export function assertConstraintNameFree(table: TableDescriptor, name: string): void {
  const { constraints, uniqueKey } = table;
  if (uniqueKey?.name !== name && constraints.every((constraint) => constraint.name !== name)) return;
  throw new SqlError(SqlState.DuplicateObject, `constraint "${name}" for relation "${table.name}" already exists`);
}

function hasPrimaryKey({ uniqueKey, constraints }: TableDescriptor): boolean {
  const isPrimary = (constraint: ConstraintDescriptor) => constraint.kind === 'key' && constraint.isPrimary;
  return uniqueKey?.isPrimary === true || constraints.some(isPrimary);
}

/** A point is (tags, time): a key of other columns would have to be looked up in every series. */
function timeSeriesKey(table: TableDescriptor, key: NewKey, takeOid: TakeOid): UniqueKey {
  const { timeColumnNumber, tagColumnNumbers } = table.timeSeries!;
  const what = key.isPrimary ? 'a primary key' : 'a unique key';
  const numbers = new Set(key.columnNumbers);
  if (!numbers.has(timeColumnNumber)) {
    const time = columnOf(table, timeColumnNumber).name;
    throw notSupported(`${what} without the time column "${time}"`, 0, 'Add the time column to the key.');
  }
  if (!tagColumnNumbers.every((tag) => numbers.has(tag)) || numbers.size !== tagColumnNumbers.length + 1) {
    throw notSupported(
      `${what} of a time-series table over other columns than its tags and its time column`,
      0,
      'Declare the key columns other than the time column as tags.',
    );
  }
  if (key.isDeferrable) throw notSupported('a deferrable key of a time-series table');
  if (table.uniqueKey !== undefined) throw notSupported('a second key of a time-series table');
  const mayBeNull = tagColumnNumbers.some((tag) => !columnOf(table, tag).isNotNull);
  if (mayBeNull && !key.nullsNotDistinct) {
    throw notSupported(
      'a unique key of a time-series table in which two NULLs are distinct',
      0,
      'Declare it UNIQUE NULLS NOT DISTINCT, or its columns NOT NULL.',
    );
  }
  const { name, isPrimary, columnNumbers, nullsNotDistinct } = key;
  return { name, indexOid: takeOid(), constraintOid: takeOid(), isPrimary, columnNumbers, nullsNotDistinct };
}
