import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { DeleteStatement, UpdateStatement } from '../syntax/data-modification-ast.ts';
import type { SelectStatement } from '../syntax/query-ast.ts';
import { bindCondition } from './bind-expression.ts';
import { applyOperator } from './bind-operator.ts';
import type { CurrentRow } from './bound-statement.ts';
import type { Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { boolType } from './well-known-types.ts';

/** What tells UPDATE and DELETE … WHERE CURRENT OF which row a cursor stands on: columns behind those that it shows. */
export interface CursorRows {
  /** How many columns it shows. */
  readonly shownCount: number;
  /** The cursor locks rows: then those tables alone are meant. */
  readonly isLocking: boolean;
  readonly tables: readonly CursorTable[];
}

export interface CursorTable {
  readonly tableOid: number;
  /** Of its first column among those of the query. */
  readonly firstColumn: number;
  readonly columnCount: number;
}

/** The columns of a cursor's query that name the rows of its tables, over FROM. */
export interface RowNames {
  readonly rows: CursorRows;
  readonly expressions: readonly Expression[];
  readonly output: readonly OutputColumn[];
}

/**
 * The positions of the columns that a cursor knows a row of the table by: its primary key, by which it is found at once,
 * and which stays the same when the row is updated; or else what names rows of the table.
 */
function keyPositions({ context }: StatementBinding, table: TableDescriptor): readonly number[] {
  const key = table.constraints.find((candidate) => candidate.kind === 'key' && candidate.isPrimary);
  if (table.timeSeries !== undefined || key?.kind !== 'key' || key.isDeferrable) return context.rowNameColumns(table);
  return key.columnNumbers.map((number) => table.columns.findIndex((column) => column.number === number));
}

/** `isPlain`: each row of the query is one of FROM. */
export function rowNamesOf(
  binding: StatementBinding,
  statement: SelectStatement,
  scope: Scope,
  { shownCount, isPlain }: { readonly shownCount: number; readonly isPlain: boolean },
): RowNames {
  const { locking = [] } = statement;
  const tables: CursorTable[] = [];
  const expressions: Expression[] = [];
  const output: OutputColumn[] = [];
  const isMeant = (name: string): boolean =>
    locking.length === 0
      ? scope.relations.length === 1
      : locking.some((clause) => clause.tables.length === 0 || clause.tables.some((wanted) => wanted.name === name));
  for (const { name, table, columns, isNullable } of isPlain ? scope.relations : []) {
    if (table?.kind !== 'table' || isNullable === true || !isMeant(name)) continue;
    const positions = keyPositions(binding, table);
    tables.push({
      tableOid: table.oid,
      firstColumn: shownCount + expressions.length,
      columnCount: positions.length,
    });
    for (const at of positions) {
      const { number, type } = table.columns[at];
      const found = columns.find(({ columnNumber, tableOid }) => columnNumber === number && tableOid === table.oid);
      const byName = found ?? columns.find((column) => column.name === table.columns[at].name);
      if (byName === undefined) continue;
      expressions.push(byName.expression);
      output.push({ name: '?column?', type, tableOid: 0, columnNumber: 0 });
    }
  }
  return { rows: { shownCount, isLocking: locking.length > 0, tables }, expressions, output };
}

/** The first columns of a plan, and its last. */
export function keepEnds(input: LogicalPlan, firstCount: number, lastCount: number): LogicalPlan {
  const { length } = input.output;
  const places = [...input.output.keys()].filter((at) => at < firstCount || at >= length - lastCount);
  if (places.length === length) return input;
  return {
    kind: 'project',
    input,
    expressions: places.map((index): Expression => ({ kind: 'column', index, type: input.output[index].type })),
    output: places.map((index) => input.output[index]),
  };
}

/** What UPDATE and DELETE are about: `plan` begins with the table's columns. */
interface Target {
  readonly table: TableDescriptor;
  readonly plan: LogicalPlan;
  readonly scope: Scope;
}

/** The rows that UPDATE and DELETE mean: WHERE condition, or WHERE CURRENT OF cursor. */
export function bindRowChoice(
  binding: StatementBinding,
  { where, cursor }: UpdateStatement | DeleteStatement,
  target: Target,
): { readonly where: Expression | undefined; readonly current: { readonly current?: CurrentRow } } {
  if (cursor !== undefined) return currentRowCondition(binding, target, cursor);
  if (where === undefined) return { where: undefined, current: {} };
  const { scope } = target;
  const context = { binding, scope, clause: 'WHERE', aggregates: undefined } as const;
  return { where: bindCondition(context, where, 'WHERE'), current: {} };
}

/**
 * WHERE CURRENT OF, over a plan that begins with the table's columns: which row that is, is asked when the statement runs,
 * and set in slots.
 */
function currentRowCondition(
  binding: StatementBinding,
  { table, plan }: Target,
  cursor: string,
): { readonly where: Expression; readonly current: { readonly current: CurrentRow } } {
  const slots: number[] = [];
  const tests = keyPositions(binding, table).map((index): Expression => {
    const { type } = plan.output[index];
    const slot = binding.nextSlot();
    slots.push(slot);
    const left = { expression: { kind: 'column', index, type } as const, syntax: undefined };
    const right = { expression: { kind: 'correlated', slot, type } as const, syntax: undefined };
    return applyOperator(binding, '=', left, right, 0);
  });
  const [only] = tests;
  const where: Expression = tests.length === 1 ? only : { kind: 'and', arguments: tests, type: boolType };
  return { where, current: { current: { cursor, slots } } };
}
