import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { KeySyntax } from '../syntax/table-definition-ast.ts';

const MAX_KEY_COLUMNS = 32;

/** PRIMARY KEY or UNIQUE with its columns found. */
export interface BoundKey {
  /** undefined: to be chosen. */
  readonly name: string | undefined;
  readonly isPrimary: boolean;
  /** Positions in the columns. */
  readonly columns: readonly number[];
  readonly nullsNotDistinct: boolean;
  readonly isDeferrable: boolean;
  readonly isInitiallyDeferred: boolean;
  readonly position: number;
}

export interface KeyColumn {
  readonly name: string;
  readonly type: SqlType;
}

/**
 * The keys of CREATE TABLE, the primary one first, those that say the same as one before left out. Throws 42P16 for a
 * second primary key, 42703 and 42701.
 */
export function bindKeys(tableName: string, keys: readonly KeySyntax[], columns: readonly KeyColumn[]): BoundKey[] {
  const bound: BoundKey[] = [];
  let primary: BoundKey | undefined;
  for (const key of keys) {
    if (key.isPrimary && primary !== undefined) throw secondPrimaryKey(tableName, key.position);
    if (key.usingIndex !== undefined) {
      throw new SqlError(SqlState.FeatureNotSupported, 'cannot use an existing index in CREATE TABLE', {
        position: key.position,
      });
    }
    const found = bindKey(key, columns);
    if (key.isPrimary) primary = found;
    bound.push(found);
  }
  const ordered = primary === undefined ? bound : [primary, ...bound.filter((key) => key !== primary)];
  const kept: BoundKey[] = [];
  for (const key of ordered) {
    const same = kept.findIndex((other) => saysTheSame(other, key));
    if (same < 0) kept.push(key);
    else if (kept[same].name === undefined) kept[same] = { ...kept[same], name: key.name };
  }
  return kept;
}

/** One key over these columns. */
export function bindKey(key: KeySyntax, columns: readonly KeyColumn[]): BoundKey {
  const { name, isPrimary, nullsNotDistinct, isDeferrable, isInitiallyDeferred, position } = key;
  const positions: number[] = [];
  for (const columnName of key.columns) {
    const at = columns.findIndex((column) => column.name === columnName);
    if (at < 0) {
      throw new SqlError(SqlState.UndefinedColumn, `column "${columnName}" named in key does not exist`, { position });
    }
    if (positions.includes(at)) {
      const kind = isPrimary ? 'primary key' : 'unique';
      throw new SqlError(SqlState.DuplicateColumn, `column "${columnName}" appears twice in ${kind} constraint`, {
        position,
      });
    }
    positions.push(at);
  }
  checkIndexColumns(
    positions.map((at) => columns[at]),
    'btree',
  );
  return { name, isPrimary, columns: positions, nullsNotDistinct, isDeferrable, isInitiallyDeferred, position };
}

/** Throws 54011 for too many columns, 42704 for one whose type has no order (or hash). */
export function checkIndexColumns(columns: readonly KeyColumn[], method: 'btree' | 'hash'): void {
  if (columns.length > MAX_KEY_COLUMNS) {
    throw new SqlError(SqlState.TooManyColumns, `cannot use more than ${MAX_KEY_COLUMNS} columns in an index`);
  }
  for (const { type } of columns) {
    if (type.definition.isComparable) continue;
    throw new SqlError(
      SqlState.UndefinedObject,
      `data type ${type.definition.sqlName} has no default operator class for access method "${method}"`,
      {
        hint: 'You must specify an operator class for the index or define a default operator class for the data type.',
      },
    );
  }
}

export function secondPrimaryKey(tableName: string, position: number): SqlError {
  return new SqlError(
    SqlState.InvalidTableDefinition,
    `multiple primary keys for table "${tableName}" are not allowed`,
    { position },
  );
}

function saysTheSame(left: BoundKey, right: BoundKey): boolean {
  return (
    left.columns.length === right.columns.length &&
    left.columns.every((column, at) => column === right.columns[at]) &&
    left.nullsNotDistinct === right.nullsNotDistinct &&
    left.isDeferrable === right.isDeferrable &&
    left.isInitiallyDeferred === right.isInitiallyDeferred
  );
}
