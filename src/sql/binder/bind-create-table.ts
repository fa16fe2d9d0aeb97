import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { CheckSyntax, CreateTableStatement, ForeignKeySyntax } from '../syntax/table-definition-ast.ts';
import { bindColumnDefinitions, checkColumns, type DefinedColumn } from './bind-column-definitions.ts';
import type { BindContext } from './bind-context.ts';
import { type BoundKey, bindKeys } from './bind-keys.ts';
import { bindLike, type LikedTable } from './bind-like.ts';
import { type BoundTimeSeries, bindTimeSeries, checkTimeSeriesKeys } from './bind-time-series.ts';
import { NameChooser } from './choose-name.ts';
import { relationNamed } from './find-relation.ts';
import { writtenSequenceName } from './identity-options.ts';
import type { StatementBinding } from './statement-binding.ts';
import { storeCheck } from './stored-expression.ts';
import { readTableOptions } from './table-options.ts';

export interface BoundCheck {
  readonly name: string;
  /** As it is stored. */
  readonly expression: string;
  /** Positions in the columns of those that it reads. */
  readonly columns: readonly number[];
  readonly isNoInherit: boolean;
}

/** What CREATE TABLE comes to. Foreign keys are added when the table is there, as it may refer to itself. */
export interface BoundCreateTable {
  readonly columns: readonly DefinedColumn[];
  readonly timeSeries: BoundTimeSeries | undefined;
  /** What line protocol may do to columns. */
  readonly fieldConflict: 'strict' | 'widen' | undefined;
  readonly keys: readonly (BoundKey & { readonly name: string })[];
  readonly checks: readonly BoundCheck[];
  readonly foreignKeys: readonly ForeignKeySyntax[];
  /** Of the columns that have sequences of their own, by position. */
  readonly sequenceNames: ReadonlyMap<number, string>;
  /** What is to be taken over of other tables when the table is there. */
  readonly likes: readonly LikedTable[];
}

/**
 * CREATE TABLE, plain or time-series (`WITH (tidewire.time = …)`), in a schema where its name is free. Chooses the names
 * that were not given.
 */
export function bindCreateTable(
  binding: StatementBinding,
  schemaName: string,
  statement: CreateTableStatement,
): BoundCreateTable {
  const { context } = binding;
  const { relation } = statement;
  const options = readTableOptions(statement.options);
  const defined = bindColumnDefinitions(binding, relation.name, statement.columns);
  const likes = statement.likes.map((like) => bindLike(context, like));
  const columns = withLiked(defined.columns, likes);
  if (columns.length === 0) throw notSupported('a table without columns', statement.position);
  const written = statement.constraints;
  const keys = bindKeys(
    relation.name,
    [
      ...defined.keys,
      ...written.filter((constraint) => constraint.kind === 'key'),
      ...likes.flatMap((like) => like.keys),
    ],
    columns,
  );
  const timeSeries = bindTimeSeries(options, columns);
  if (timeSeries !== undefined) requireNoGenerated(columns);
  if (timeSeries !== undefined) checkTimeSeriesKeys(keys, timeSeries, columns);
  checkNameFree(context, schemaName, relation.name);
  const names = new NameChooser(context.catalog, schemaName, [relation.name]);
  const sequenceNames = nameSequences(context, names, { schemaName, name: relation.name }, columns);
  const checks = [...defined.checks, ...written.filter((constraint) => constraint.kind === 'check')];
  const ownChecks = bindChecks(
    names,
    checks,
    (check) => {
      const { expression, columns: used } = storeCheck(context, check.expression, relation.name, columns);
      return { expression, columns: used };
    },
    { tableName: relation.name, columns },
  );
  const boundChecks = withLikedChecks(relation.name, ownChecks, likes, columns);
  return {
    columns: withKeysNotNull(columns, keys, timeSeries),
    timeSeries,
    fieldConflict: options.fieldConflict,
    keys: nameKeys(names, relation.name, keys, { columns, checks: boundChecks }),
    checks: boundChecks,
    foreignKeys: [...defined.foreignKeys, ...written.filter((constraint) => constraint.kind === 'foreign-key')],
    sequenceNames,
    likes,
  };
}

/** Line protocol writes some fields of a point and leaves out others. */
function requireNoGenerated(columns: readonly DefinedColumn[]): void {
  for (const { generation, storedGeneration, position } of columns) {
    if (generation === undefined && storedGeneration === undefined) continue;
    throw notSupported('a generated column of a time-series table', position);
  }
}

/** The columns in their order. Throws 42701. */
function withLiked(columns: readonly DefinedColumn[], likes: readonly LikedTable[]): readonly DefinedColumn[] {
  if (likes.length === 0) return columns;
  const all: DefinedColumn[] = [];
  for (let at = 0; at <= columns.length; at++) {
    for (const like of likes) if (like.before === at) all.push(...like.columns);
    if (at < columns.length) all.push(columns[at]);
  }
  checkColumns(all);
  return all;
}

/** Throws 42710 for a name that another CHECK has. */
function withLikedChecks(
  tableName: string,
  own: readonly BoundCheck[],
  likes: readonly LikedTable[],
  columns: readonly DefinedColumn[],
): readonly BoundCheck[] {
  const checks = [...own];
  for (const { name, expression, columnNames, isNoInherit } of likes.flatMap((like) => like.checks)) {
    if (checks.some((check) => check.name === name)) {
      throw new SqlError(SqlState.DuplicateObject, `constraint "${name}" for relation "${tableName}" already exists`);
    }
    const used = columnNames.map((columnName) => columns.findIndex((column) => column.name === columnName));
    checks.push({ name, expression, columns: used, isNoInherit });
  }
  return checks;
}

/** Tables share their names with indexes and sequences, and with types: each has a row type. */
export function checkNameFree({ catalog }: BindContext, schemaName: string, name: string): void {
  if (relationNamed(catalog, schemaName, name) !== undefined) {
    throw new SqlError(SqlState.DuplicateTable, `relation "${name}" already exists`);
  }
  if (catalog.userType(schemaName, name) === undefined) return;
  throw new SqlError(SqlState.DuplicateObject, `type "${name}" already exists`, {
    hint: "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.",
  });
}

function withKeysNotNull(
  columns: readonly DefinedColumn[],
  keys: readonly BoundKey[],
  timeSeries: BoundTimeSeries | undefined,
): readonly DefinedColumn[] {
  const notNull = new Set(keys.filter((key) => key.isPrimary).flatMap((key) => key.columns));
  if (timeSeries !== undefined) notNull.add(timeSeries.timeColumn);
  return columns.map((column, at) => (notNull.has(at) ? { ...column, isNotNull: true } : column));
}

/** Serial columns, and identity columns that do not name theirs. */
function nameSequences(
  context: BindContext,
  names: NameChooser,
  table: { readonly schemaName: string; readonly name: string },
  columns: readonly DefinedColumn[],
): ReadonlyMap<number, string> {
  const chosen = new Map<number, string>();
  for (const [at, column] of columns.entries()) {
    if (!column.isSerial && column.identity === undefined) continue;
    const written = writtenSequenceName(context, table, column.identity);
    if (written !== undefined) names.takeRelation(written);
    chosen.set(at, written ?? names.relationName(table.name, [column.name], 'seq', { isConstraint: false }));
  }
  return chosen;
}

/** Stores each CHECK and names those without a name after the one column that they read. Throws 42710. */
export function bindChecks(
  names: NameChooser,
  checks: readonly CheckSyntax[],
  store: (check: CheckSyntax) => { readonly expression: string; readonly columns: readonly number[] },
  table: { readonly tableName: string; readonly columns: readonly { readonly name: string }[] },
): BoundCheck[] {
  const taken = new Set<string>();
  return checks.map((check) => {
    const { expression, columns } = store(check);
    if (check.name !== undefined && taken.has(check.name)) {
      throw new SqlError(SqlState.DuplicateObject, `check constraint "${check.name}" already exists`);
    }
    const only = columns.length === 1 ? [table.columns[columns[0]].name] : [];
    const name = check.name ?? names.constraintName(table.tableName, only, 'check');
    names.takeConstraint(name);
    taken.add(name);
    return { name, expression, columns, isNoInherit: check.isNoInherit };
  });
}

/** Throws 42P07 where the index's name is not free, 42710 where the constraint's is not. */
function nameKeys(
  names: NameChooser,
  tableName: string,
  keys: readonly BoundKey[],
  table: { readonly columns: readonly DefinedColumn[]; readonly checks: readonly BoundCheck[] },
): (BoundKey & { readonly name: string })[] {
  return keys.map((key) => {
    const { name } = key;
    if (name === undefined) return { ...key, name: chooseKeyName(names, tableName, key, table.columns) };
    if (names.isRelationTaken(name)) {
      throw new SqlError(SqlState.DuplicateTable, `relation "${name}" already exists`);
    }
    if (table.checks.some((check) => check.name === name)) {
      throw new SqlError(SqlState.DuplicateObject, `constraint "${name}" for relation "${tableName}" already exists`);
    }
    names.takeRelation(name);
    names.takeConstraint(name);
    return { ...key, name };
  });
}

/** `t_pkey`, `t_a_b_key`. */
export function chooseKeyName(
  names: NameChooser,
  tableName: string,
  key: Pick<BoundKey, 'isPrimary' | 'columns'>,
  columns: readonly { readonly name: string }[],
): string {
  return key.isPrimary
    ? names.relationName(tableName, [], 'pkey', { isConstraint: true })
    : names.relationName(
        tableName,
        key.columns.map((at) => columns[at].name),
        'key',
        { isConstraint: true },
      );
}
