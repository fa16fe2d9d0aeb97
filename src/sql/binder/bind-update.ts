import { tableTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { ColumnDescriptor } from '../../catalog/table-descriptor.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { UpdateStatement } from '../syntax/data-modification-ast.ts';
import { storedColumns } from './assign-column.ts';
import { type BoundAssignments, bindAssignments, withExpressions } from './bind-assignments.ts';
import { bindFrom, bindTarget } from './bind-from.ts';
import { filter, keepFirst } from './bind-select.ts';
import type { BoundUpdate } from './bound-statement.ts';
import { bindRowChoice } from './cursor-rows.ts';
import { requireWritableTable } from './find-table.ts';
import { oldColumns } from './old-columns.ts';
import type { StatementBinding } from './statement-binding.ts';
import { hiddenOfChangedRow, WrittenRows, withReturning } from './written-rows.ts';

/**
 * FROM → WHERE → new rows → one of each row's matches → RETURNING. Clauses are bound in PostgreSQL's order, the SET list
 * last, so that of several errors the same one is reported.
 */
export function bindUpdate(binding: StatementBinding, statement: UpdateStatement): BoundUpdate {
  const { relation, alias, position } = statement;
  binding.requireUsage(relation);
  const table = requireWritableTable(binding.context, relation, 'update');
  const use = binding.use(tableTarget(table), Privilege.Update, relation.schema);
  const target = bindTarget(binding, { kind: 'table', relation, alias, position }, use);
  const { plan, scope } = bindFrom(binding, statement.from, { statement, written: target });
  const chosen = bindRowChoice(binding, statement, { table, plan, scope });
  const { where, current } = chosen;

  const columns = plan.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  const names = binding.context.rowNameColumns(table).map((at) => columns[at]);
  const written = statement.assignments.flatMap(({ targets }) => targets.map(({ name }) => name.toLowerCase()));
  const isWritten = ({ name }: ColumnDescriptor): boolean => written.includes(name.toLowerCase());
  const old = oldColumns(table, isWritten);
  const makeRows = ({ values, rows }: BoundAssignments): WrittenRows =>
    new WrittenRows(binding.context, table, withExpressions(filter(plan, where), rows), {
      names,
      row: storedColumns(table).map((column) => values.get(column) ?? columns[table.columns.indexOf(column)]),
      old: old.map((at) => columns[at]),
      hidden: hiddenOfChangedRow(table, columns),
      beside: columns.slice(table.columns.length),
    });
  const unchanged = makeRows({ values: new Map(), rows: [] });
  const isTimeWritten = table.columns.some((column) => column.role === 'time' && isWritten(column));
  const items =
    statement.returning === undefined
      ? undefined
      : unchanged.bindReturning(binding, scope, statement.returning, { isTimeKept: !isTimeWritten });

  const assignments = bindAssignments(binding, table, { scope, width: columns.length }, statement.assignments);
  // What is computed anew with the others is nobody's to write.
  for (const column of assignments.values.keys()) if (isWritten(column)) use.noteUpdated(column.number);
  const rows = makeRows(assignments);
  const keptCount = names.length + storedColumns(table).length + old.length;
  const single = statement.from.length === 0 ? rows.plan : firstMatches(rows.plan, names.length);
  const result: { source: LogicalPlan; returning: readonly OutputColumn[] | undefined } =
    items === undefined
      ? { source: keepFirst(single, keptCount), returning: undefined }
      : withReturning(single, keptCount, items);
  return { kind: 'update', table, nameCount: names.length, oldColumns: old, ...result, ...current };
}

/** A row that joins several rows of FROM is written once; which of them counts is nobody's business. */
export function firstMatches(input: LogicalPlan, nameCount: number): LogicalPlan {
  const keys = input.output.slice(0, nameCount).map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  return { kind: 'distinct-on', input, keys, output: input.output };
}
