import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { Assignment, AssignmentTarget } from '../syntax/data-modification-ast.ts';
import { assignColumn, targetColumn } from './assign-column.ts';
import { assignPart } from './assign-part.ts';
import { bindOperand } from './bind-expression.ts';
import { bindRowSubquery } from './bind-subquery.ts';
import type { Operand } from './coerce.ts';
import { defaultOf, onlyToDefault } from './column-default.ts';
import type { ExpressionContext } from './expression-context.ts';
import type { Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

/** The new values of the columns that are assigned to, over the rows and `rows` behind them. */
export interface BoundAssignments {
  readonly values: ReadonlyMap<ColumnDescriptor, Expression>;
  /** What queries give that are assigned to several columns, each computed once for a row. */
  readonly rows: readonly Expression[];
}

/** A SET list. `scope` is over rows of `width` columns, of which the table's own are the first, by position. */
export function bindAssignments(
  binding: StatementBinding,
  table: TableDescriptor,
  { scope, width }: { readonly scope: Scope; readonly width: number },
  assignments: readonly Assignment[],
): BoundAssignments {
  const context = { binding, scope, clause: 'UPDATE', aggregates: undefined } as const;
  const rows: Expression[] = [];
  const bound = assignments.flatMap((assignment) => bindValues(context, assignment, rows, width));
  const parts = new Map<ColumnDescriptor, Expression>();
  const assigned = bound.map(({ target, operand }) => {
    const column = targetColumn(table, target.name, target.position);
    if (target.steps.length === 0) {
      return {
        column,
        value: operand === undefined ? undefined : assignColumn(binding, column, operand),
        isPart: false,
      };
    }
    const index = table.columns.indexOf(column);
    const current = parts.get(column) ?? ({ kind: 'column', index, type: column.type } as const);
    const value = assignPart(context, target, column, current, operand);
    parts.set(column, value);
    return { column, value, isPart: true };
  });
  const values = new Map<ColumnDescriptor, Expression>();
  const whole = new Set<ColumnDescriptor>();
  for (const { column, value, isPart } of assigned) {
    // Parts of one column are assigned to one after the other.
    const isRepeated = whole.has(column) || (values.has(column) && !isPart);
    if (!isPart) whole.add(column);
    if (isRepeated) {
      throw new SqlError(SqlState.SyntaxError, `multiple assignments to same column "${column.name}"`);
    }
    const isAlways = column.identity === 'always' || column.generated !== undefined;
    if (value !== undefined && isAlways) throw onlyToDefault(column);
    values.set(column, value ?? defaultOf(binding, table, column));
  }
  return { values, rows };
}

interface BoundValue {
  readonly target: AssignmentTarget;
  /** undefined: DEFAULT. */
  readonly operand: Operand | undefined;
}

/** The values of one assignment; a query adds its row to `rows`. */
function bindValues(
  context: ExpressionContext,
  { targets, values, query, position }: Assignment,
  rows: Expression[],
  width: number,
): BoundValue[] {
  if (query === undefined) {
    checkLength(targets, values.length, position);
    return values.map((value, at) => ({
      target: targets[at],
      operand: value.kind === 'default' ? undefined : bindOperand(context, value),
    }));
  }
  const { row, columns } = bindRowSubquery(context, query, position);
  checkLength(targets, columns.length, position);
  const argument: Expression = { kind: 'column', index: width + rows.length, type: row.type };
  rows.push(row);
  return columns.map(({ expression, syntax }, index) => ({
    target: targets[index],
    operand: { expression: { kind: 'field', argument, index, type: expression.type }, syntax },
  }));
}

function checkLength(targets: readonly AssignmentTarget[], length: number, position: number): void {
  if (targets.length === length) return;
  throw new SqlError(SqlState.SyntaxError, 'number of columns does not match number of values', { position });
}

/** The rows of a plan with values more behind their columns. */
export function withExpressions(input: LogicalPlan, added: readonly Expression[]): LogicalPlan {
  if (added.length === 0) return input;
  return {
    kind: 'project',
    input,
    expressions: [...input.output.map(({ type }, index): Expression => ({ kind: 'column', index, type })), ...added],
    output: [...input.output, ...added.map(({ type }) => ({ name: '?column?', type, tableOid: 0, columnNumber: 0 }))],
  };
}
