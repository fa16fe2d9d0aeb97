import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { InsertStatement, SelectStatement, SyntaxExpression } from '../syntax/ast.ts';
import { assignColumn, nullOf, rowOutput, storedColumns, targetColumn } from './assign-column.ts';
import { bindOperand } from './bind-expression.ts';
import { bindTable } from './bind-from.ts';
import { bindSelect } from './bind-select.ts';
import { checkRowLengths } from './bind-values.ts';
import type { BoundInsert } from './bound-statement.ts';
import { constantContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { requireWritableTable } from './find-table.ts';
import type { StatementBinding } from './statement-binding.ts';
import { hiddenOfNewRow, WrittenRows, withReturning } from './written-rows.ts';

/** A column that values are given for; the position is where it was named, 0 when the list was left out. */
interface InsertTarget {
  readonly column: ColumnDescriptor;
  readonly position: number;
}

/** INSERT of rows or of a query's result. Columns that are not named get NULL, there being no other defaults. */
export function bindInsert(binding: StatementBinding, statement: InsertStatement): BoundInsert {
  const table = requireWritableTable(binding.context, statement.relation);
  const source = bindSource(binding, table, statement);
  if (statement.returning === undefined) return { kind: 'insert', table, source, returning: undefined };
  const { relation, alias, position } = statement;
  const { scope } = bindTable(binding, { kind: 'table', relation, alias, position });
  const row = source.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  const rows = new WrittenRows(table, source, { names: [], row, hidden: hiddenOfNewRow(table), beside: [] });
  const items = rows.bindReturning(binding, scope, statement.returning, { isTimeKept: false });
  return { kind: 'insert', table, ...withReturning(rows.plan, row.length, items) };
}

function bindSource(binding: StatementBinding, table: TableDescriptor, statement: InsertStatement): LogicalPlan {
  const targets = bindTargets(table, statement);
  const { source } = statement;
  if (source === undefined) return rowsNode(table, [], [[]]);
  const isPlainValues =
    source.values !== undefined &&
    source.orderBy.length === 0 &&
    source.limit === undefined &&
    source.offset === undefined;
  return isPlainValues
    ? bindRows(binding, table, targets, source.values)
    : bindQuery(binding, table, targets, source, statement.columns !== undefined);
}

function bindTargets(table: TableDescriptor, statement: InsertStatement): InsertTarget[] {
  if (statement.columns === undefined) return storedColumns(table).map((column) => ({ column, position: 0 }));
  const seen = new Set<ColumnDescriptor>();
  return statement.columns.map(({ name, position }) => {
    const column = targetColumn(table, name, position);
    if (seen.has(column)) {
      throw new SqlError(SqlState.DuplicateColumn, `column "${name}" specified more than once`, { position });
    }
    seen.add(column);
    return { column, position };
  });
}

/** VALUES lists: each item takes the type of its column directly. */
function bindRows(
  binding: StatementBinding,
  table: TableDescriptor,
  targets: readonly InsertTarget[],
  rows: readonly (readonly SyntaxExpression[])[],
): LogicalPlan {
  checkRowLengths(rows);
  checkWidth(
    targets,
    rows[0] ?? [],
    targets.some((target) => target.position > 0),
  );
  const context = constantContext(binding, 'VALUES');
  const values = rows.map((row) =>
    row.map((item, at) => {
      const { column } = targets[at];
      if (item.kind === 'default') return nullOf(column);
      return assignColumn(binding, column, bindOperand(context, item));
    }),
  );
  return rowsNode(table, targets, values);
}

/** The table's full rows: the given values at their columns, NULL elsewhere. */
function rowsNode(
  table: TableDescriptor,
  targets: readonly InsertTarget[],
  rows: readonly (readonly Expression[])[],
): LogicalPlan {
  const columns = storedColumns(table);
  const sources = columns.map((column) => targets.findIndex((target) => target.column === column));
  const nulls = columns.map(nullOf);
  return {
    kind: 'values',
    rows: rows.map((row) => sources.map((source, at) => row[source] ?? nulls[at])),
    output: rowOutput(table),
  };
}

function bindQuery(
  binding: StatementBinding,
  table: TableDescriptor,
  targets: readonly InsertTarget[],
  source: SelectStatement,
  hasColumnList: boolean,
): LogicalPlan {
  const input = bindSelect(binding, source, { wantedTypes: targets.map((target) => target.column.type) });
  const items = source.targets.map((target) => target.expression);
  // Only without a star do the items of the text stand for the columns of the result one by one.
  const syntaxOf = (at: number): SyntaxExpression | undefined =>
    items.length === input.output.length ? items[at] : undefined;
  if (input.output.length > targets.length) throw tooManyExpressions(syntaxOf(targets.length));
  if (hasColumnList && input.output.length < targets.length) throw tooManyTargets(targets, input.output.length);
  const expressions = storedColumns(table).map((column): Expression => {
    const at = targets.findIndex((target) => target.column === column);
    const given = input.output[at];
    if (given === undefined) return nullOf(column);
    return assignColumn(binding, column, {
      expression: { kind: 'column', index: at, type: given.type },
      syntax: syntaxOf(at),
    });
  });
  return { kind: 'project', input, expressions, output: rowOutput(table) };
}

function checkWidth(targets: readonly InsertTarget[], row: readonly SyntaxExpression[], hasColumnList: boolean): void {
  if (row.length > targets.length) throw tooManyExpressions(row[targets.length]);
  if (hasColumnList && row.length < targets.length) throw tooManyTargets(targets, row.length);
}

function tooManyExpressions(extra: SyntaxExpression | undefined): SqlError {
  return new SqlError(SqlState.SyntaxError, 'INSERT has more expressions than target columns', {
    position: startOf(extra),
  });
}

function tooManyTargets(targets: readonly InsertTarget[], given: number): SqlError {
  return new SqlError(SqlState.SyntaxError, 'INSERT has more target columns than expressions', {
    position: targets[given]?.position,
  });
}
