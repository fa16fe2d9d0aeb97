import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan, OutputColumn } from '../plan/logical-plan.ts';
import type { InsertStatement, SelectStatement, SyntaxExpression } from '../syntax/ast.ts';
import { bindOperand } from './bind-expression.ts';
import { bindSelect } from './bind-select.ts';
import { checkRowLengths } from './bind-values.ts';
import type { BoundInsert } from './bound-statement.ts';
import { coerce, type Operand } from './coerce.ts';
import { constantContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { requireTable } from './find-table.ts';
import { findByName } from './resolve-column.ts';
import type { StatementBinding } from './statement-binding.ts';

/** A column that values are given for; the position is where it was named, 0 when the list was left out. */
interface InsertTarget {
  readonly column: ColumnDescriptor;
  readonly position: number;
}

/** INSERT of rows or of a query's result. Columns that are not named get NULL, there being no other defaults. */
export function bindInsert(binding: StatementBinding, statement: InsertStatement): BoundInsert {
  const table = requireTable(binding.context, statement.relation);
  if (table.kind === 'system-table') {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${table.name}" is a system catalog`);
  }
  const targets = bindTargets(table, statement);
  const { source } = statement;
  if (source === undefined) return { kind: 'insert', table, source: rowsNode(table, [], [[]]) };
  const isPlainValues =
    source.values !== undefined &&
    source.orderBy.length === 0 &&
    source.limit === undefined &&
    source.offset === undefined;
  const plan = isPlainValues
    ? bindRows(binding, table, targets, source.values)
    : bindQuery(binding, table, targets, source, statement.columns !== undefined);
  return { kind: 'insert', table, source: plan };
}

function bindTargets(table: TableDescriptor, statement: InsertStatement): InsertTarget[] {
  const visible = storedColumns(table);
  if (statement.columns === undefined) return visible.map((column) => ({ column, position: 0 }));
  const seen = new Set<ColumnDescriptor>();
  return statement.columns.map(({ name, position }) => {
    const [column] = findByName(visible, name);
    if (column === undefined) {
      if (table.columns.some((hidden) => hidden.name === name)) {
        throw new SqlError(SqlState.FeatureNotSupported, `cannot assign to system column "${name}"`, { position });
      }
      throw new SqlError(SqlState.UndefinedColumn, `column "${name}" of relation "${table.name}" does not exist`, {
        position,
      });
    }
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
      return assign(binding, column, bindOperand(context, item));
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
    output: outputOf(table),
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
    return assign(binding, column, {
      expression: { kind: 'column', index: at, type: given.type },
      syntax: syntaxOf(at),
    });
  });
  return { kind: 'project', input, expressions, output: outputOf(table) };
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

/** A value on its way into a column. Throws 42804 when its type has no assignment cast. */
function assign(binding: StatementBinding, column: ColumnDescriptor, operand: Operand): Expression {
  const value = coerce(binding, operand, column.type, 'assignment');
  if (value !== undefined) return value;
  throw new SqlError(
    SqlState.DatatypeMismatch,
    `column "${column.name}" is of type ${column.type.definition.sqlName} but expression is of type ${operand.expression.type.definition.sqlName}`,
    { position: startOf(operand.syntax), hint: 'You will need to rewrite or cast the expression.' },
  );
}

/** Hidden columns are computed, not stored. */
function storedColumns(table: TableDescriptor): readonly ColumnDescriptor[] {
  return table.columns.filter((column) => column.isHidden !== true);
}

function nullOf(column: ColumnDescriptor): Expression {
  return { kind: 'constant', value: null, type: column.type };
}

function outputOf(table: TableDescriptor): OutputColumn[] {
  return storedColumns(table).map((column) => ({
    name: column.name,
    type: column.type,
    tableOid: table.oid,
    columnNumber: column.number,
  }));
}
