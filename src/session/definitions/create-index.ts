import type { IndexColumn, IndexDescriptor, IndexPredicate } from '../../catalog/index-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { addIndex } from '../../database/schema-change/indexes.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import { isSystemColumn, requireCollatable } from '../../sql/binder/bind-column-definitions.ts';
import type { BindContext } from '../../sql/binder/bind-context.ts';
import { checkIndexColumns } from '../../sql/binder/bind-keys.ts';
import { NameChooser } from '../../sql/binder/choose-name.ts';
import { type FoundRelation, relationNamed, undefinedRelation } from '../../sql/binder/find-relation.ts';
import { bindOperatorClass } from '../../sql/binder/operator-class.ts';
import { storePredicate } from '../../sql/binder/stored-expression.ts';
import type { CreateIndexStatement } from '../../sql/syntax/definition-ast.ts';
import type { DefinitionRun } from './definition-run.ts';

/** PostgreSQL's methods beside btree and hash. */
const OTHER_METHODS = new Set(['gin', 'gist', 'spgist', 'brin']);

export async function createIndex(run: DefinitionRun, statement: CreateIndexStatement): Promise<string> {
  const { relation, isConcurrent } = statement;
  if (isConcurrent) run.scope.block.requireNoBlock('CREATE INDEX CONCURRENTLY');
  const found = await run.findLocked(relation, 'share', (candidate) => indexedTable(candidate, relation.name).oid);
  if (found === undefined) throw undefinedRelation(run.bindContext(), relation);
  const table = indexedTable(found, relation.name);
  const method = indexMethod(statement);
  const columns = indexColumns(run.bindContext(), table, statement, method);
  const included = includedColumns(table, statement, method);
  const predicate = indexPredicate(run, table, statement);
  const written = [...statement.columns.map((column) => column.name), ...statement.included];
  const name = statement.name ?? chooseIndexName(run, table, written);
  if (relationNamed(run.catalog, table.schemaName, name) !== undefined) {
    const message = `relation "${name}" already exists`;
    if (!statement.ifNotExists) throw new SqlError(SqlState.DuplicateTable, message);
    run.notice(`${message}, skipping`, { code: SqlState.DuplicateTable });
    return 'CREATE INDEX';
  }
  if (table.timeSeries !== undefined) {
    const all = [...columns, ...included.map(({ number }) => ({ columnNumber: number }))];
    checkTimeSeriesIndex(table, statement, all);
  }
  const index: IndexDescriptor = {
    oid: run.transaction.takeOid(),
    name,
    method,
    columns,
    isUnique: statement.isUnique,
    nullsNotDistinct: statement.nullsNotDistinct,
    ...(included.length === 0 ? {} : { includedColumns: included.map(({ number }) => number) }),
    ...(predicate === undefined ? {} : { predicate }),
  };
  run.transaction.schema.alterTable(addIndex(table, index));
  if (table.timeSeries === undefined) await run.transaction.buildIndexes(table.oid, run.scope.control);
  return 'CREATE INDEX';
}

function indexedTable(relation: FoundRelation, name: string): TableDescriptor {
  if (relation.kind === 'index') throw new SqlError(SqlState.WrongObjectType, `"${name}" is an index`);
  if (relation.kind === 'sequence' || relation.kind === 'view') {
    throw new SqlError(SqlState.WrongObjectType, `cannot create index on relation "${name}"`, {
      detail: `This operation is not supported for ${relation.kind}s.`,
    });
  }
  if (relation.table.kind === 'system-table') {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${name}" is a system catalog`);
  }
  return relation.table;
}

function indexMethod({ method, isUnique, columns }: CreateIndexStatement): 'btree' | 'hash' {
  const refuse = (what: string): SqlError =>
    new SqlError(SqlState.FeatureNotSupported, `access method "${method}" does not support ${what}`);
  if (method === 'btree') return method;
  if (OTHER_METHODS.has(method)) throw notSupported(`access method "${method}"`);
  if (method !== 'hash') throw new SqlError(SqlState.UndefinedObject, `access method "${method}" does not exist`);
  if (isUnique) throw refuse('unique indexes');
  if (columns.length > 1) throw refuse('multicolumn indexes');
  if (columns.some((column) => column.isDescending)) throw refuse('ASC/DESC options');
  if (columns.some((column) => column.nulls !== 'default')) throw refuse('NULLS FIRST/LAST options');
  return method;
}

function indexColumns(
  context: BindContext,
  table: TableDescriptor,
  { columns }: CreateIndexStatement,
  method: 'btree' | 'hash',
): readonly IndexColumn[] {
  const found = columns.map(({ name, isDescending, nulls, collation, operatorClass }) => {
    const column = indexedColumn(table, name);
    const { definition } = column.type;
    if (collation !== undefined) requireCollatable(definition, 0);
    const named =
      operatorClass.length === 0 ? undefined : bindOperatorClass(context, definition, method, operatorClass);
    const shown: IndexColumn = {
      columnNumber: column.number,
      isDescending,
      nullsFirst: nulls === 'default' ? isDescending : nulls === 'first',
      ...(collation === undefined || collation === 'default' ? {} : { collation }),
      ...(named === undefined ? {} : { operatorClass: named }),
    };
    return { column, shown };
  });
  checkIndexColumns(
    found.map(({ column }) => column),
    method,
  );
  return found.map(({ shown }) => shown);
}

function indexedColumn(table: TableDescriptor, name: string): ColumnDescriptor {
  const column = storedColumns(table).find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  if (isSystemColumn(name) || table.columns.some((hidden) => hidden.name === name)) {
    throw new SqlError(SqlState.FeatureNotSupported, 'index creation on system columns is not supported');
  }
  throw new SqlError(SqlState.UndefinedColumn, `column "${name}" does not exist`);
}

/** INCLUDE. */
function includedColumns(
  table: TableDescriptor,
  { included }: CreateIndexStatement,
  method: 'btree' | 'hash',
): readonly ColumnDescriptor[] {
  if (included.length > 0 && method === 'hash') {
    throw new SqlError(SqlState.FeatureNotSupported, 'access method "hash" does not support included columns');
  }
  return included.map((name) => indexedColumn(table, name));
}

/** WHERE, of an index that is no constraint: rows that it is not for are in it too, and must not be in the way. */
function indexPredicate(
  run: DefinitionRun,
  table: TableDescriptor,
  { where, isUnique, relation }: CreateIndexStatement,
): IndexPredicate | undefined {
  if (where === undefined) return undefined;
  if (isUnique) throw notSupported('a unique index with WHERE', relation.position);
  const columns = storedColumns(table);
  const { expression, columns: used } = storePredicate(run.bindContext(), where, table.name, columns);
  return { expression, columnNumbers: used.map((at) => columns[at].number) };
}

/** `t_a_b_idx`; a column that stands twice is numbered, as PostgreSQL numbers it. */
export function chooseIndexName(run: DefinitionRun, table: TableDescriptor, columns: readonly string[]): string {
  const names: string[] = [];
  for (const name of columns) {
    let unique = name;
    for (let pass = 1; names.includes(unique); pass++) unique = `${name}${pass}`;
    names.push(unique);
  }
  return new NameChooser(run.catalog, table.schemaName).relationName(table.name, names, 'idx', {
    isConstraint: false,
  });
}

/** Rows are in the order of series and time, and series are found by their tags: that is all there is to index. */
function checkTimeSeriesIndex(
  table: TableDescriptor,
  { isUnique, relation, where }: CreateIndexStatement,
  columns: readonly Pick<IndexColumn, 'columnNumber'>[],
): void {
  if (where !== undefined) throw notSupported('an index with WHERE on a time-series table', relation.position);
  if (isUnique) {
    throw notSupported(
      'a unique index on a time-series table',
      relation.position,
      'Declare PRIMARY KEY or UNIQUE over the tags and the time column in CREATE TABLE.',
    );
  }
  for (const { columnNumber } of columns) {
    const column = table.columns.find(({ number }) => number === columnNumber);
    if (column === undefined || column.role !== 'field') continue;
    throw notSupported(
      `an index on the field column "${column.name}" of a time-series table`,
      relation.position,
      'Tags and the time column need none; other columns are skipped by their statistics.',
    );
  }
}
