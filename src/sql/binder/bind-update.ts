import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan, OutputColumn } from '../plan/logical-plan.ts';
import type { Assignment, UpdateStatement } from '../syntax/ast.ts';
import { assignColumn, storedColumns, targetColumn } from './assign-column.ts';
import { bindCondition, bindOperand } from './bind-expression.ts';
import { bindFrom, bindTarget } from './bind-from.ts';
import { filter, keepFirst } from './bind-select.ts';
import type { BoundUpdate } from './bound-statement.ts';
import { defaultOf, onlyToDefault } from './column-default.ts';
import { requireWritableTable } from './find-table.ts';
import { oldColumns } from './old-columns.ts';
import type { Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { WrittenRows, withReturning } from './written-rows.ts';

/**
 * FROM → WHERE → new rows → one of each row's matches → RETURNING. Clauses are bound in PostgreSQL's order, the SET list
 * last, so that of several errors the same one is reported.
 */
export function bindUpdate(binding: StatementBinding, statement: UpdateStatement): BoundUpdate {
  const { relation, alias, position } = statement;
  const table = requireWritableTable(binding.context, relation);
  const target = bindTarget(binding, { kind: 'table', relation, alias, position });
  const { plan, scope } = bindFrom(binding, statement.from, target);
  const where =
    statement.where === undefined
      ? undefined
      : bindCondition({ binding, scope, clause: 'WHERE', aggregates: undefined }, statement.where, 'WHERE');

  const columns = plan.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  const names = binding.context.rowNameColumns(table).map((at) => columns[at]);
  const written = statement.assignments.flatMap(({ targets }) => targets.map(({ name }) => name.toLowerCase()));
  const isWritten = ({ name }: ColumnDescriptor): boolean => written.includes(name.toLowerCase());
  const old = oldColumns(table, isWritten);
  const makeRows = (values: ReadonlyMap<ColumnDescriptor, Expression>): WrittenRows =>
    new WrittenRows(table, filter(plan, where), {
      names,
      row: storedColumns(table).map((column) => values.get(column) ?? columns[table.columns.indexOf(column)]),
      old: old.map((at) => columns[at]),
      hidden: table.columns.flatMap((column, at) => (column.isHidden === true ? [columns[at]] : [])),
      beside: columns.slice(table.columns.length),
    });
  const unchanged = makeRows(new Map());
  const isTimeWritten = table.columns.some((column) => column.role === 'time' && isWritten(column));
  const items =
    statement.returning === undefined
      ? undefined
      : unchanged.bindReturning(binding, scope, statement.returning, { isTimeKept: !isTimeWritten });

  const newValues = bindAssignments(binding, table, scope, statement.assignments);
  const rows = makeRows(newValues);
  const keptCount = names.length + storedColumns(table).length + old.length;
  const single = statement.from.length === 0 ? rows.plan : firstMatches(rows.plan, names.length);
  const result: { source: LogicalPlan; returning: readonly OutputColumn[] | undefined } =
    items === undefined
      ? { source: keepFirst(single, keptCount), returning: undefined }
      : withReturning(single, keptCount, items);
  return { kind: 'update', table, nameCount: names.length, oldColumns: old, ...result };
}

/** A row that joins several rows of FROM is written once; which of them counts is nobody's business. */
export function firstMatches(input: LogicalPlan, nameCount: number): LogicalPlan {
  const keys = input.output.slice(0, nameCount).map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  return { kind: 'distinct-on', input, keys, output: input.output };
}

function bindAssignments(
  binding: StatementBinding,
  table: TableDescriptor,
  scope: Scope,
  assignments: readonly Assignment[],
): ReadonlyMap<ColumnDescriptor, Expression> {
  const context = { binding, scope, clause: 'UPDATE', aggregates: undefined } as const;
  const bound = assignments.flatMap(({ targets, values, position }) => {
    if (targets.length !== values.length) {
      throw new SqlError(SqlState.SyntaxError, 'number of columns does not match number of values', { position });
    }
    return values.map((value, at) => ({
      target: targets[at],
      operand: value.kind === 'default' ? undefined : bindOperand(context, value),
    }));
  });
  const assigned = bound.map(({ target, operand }) => {
    const column = targetColumn(table, target.name, target.position);
    if (target.isPart) throw notSupported('a subscript or field as the target of an assignment', target.position);
    return { column, value: operand === undefined ? undefined : assignColumn(binding, column, operand) };
  });
  const newValues = new Map<ColumnDescriptor, Expression>();
  for (const { column, value } of assigned) {
    if (newValues.has(column)) {
      throw new SqlError(SqlState.SyntaxError, `multiple assignments to same column "${column.name}"`);
    }
    if (value !== undefined && column.identity === 'always') throw onlyToDefault(column);
    newValues.set(column, value ?? defaultOf(binding, table, column));
  }
  return newValues;
}
