import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import { columnsUsed } from '../expression/walk-expression.ts';
import type { CteScanNode } from '../plan/common-table-nodes.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { ConflictClause, ConflictTarget } from '../syntax/data-modification-ast.ts';
import { columnOutput, rowOutput, storedColumns } from './assign-column.ts';
import { bindAssignments, withExpressions } from './bind-assignments.ts';
import { bindCondition, bindOperand } from './bind-expression.ts';
import { relationOver } from './bind-from.ts';
import { filter, keepFirst } from './bind-select.ts';
import type { ConflictUpdate } from './bound-statement.ts';
import type { ExpressionContext } from './expression-context.ts';
import { oldColumns } from './old-columns.ts';
import { acceptsType, bindOperatorClass } from './operator-class.ts';
import type { RelationAccess } from './relation-access.ts';
import { joinScopes, type Relation, type Scope, scopeOf, shiftScope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { WrittenRows } from './written-rows.ts';

const EXCLUDED = 'excluded';

/** The unique keys of a table, as indexes. */
type UniqueIndex = Pick<IndexDescriptor, 'oid' | 'columns'>;

/** What a conflict target says, before there is an index to it. */
export interface BoundTarget {
  /** undefined: any unique key. */
  readonly constraint: string | undefined;
  /** undefined: an expression, which no index has. */
  readonly elements: readonly (TargetElement | undefined)[];
  readonly isGiven: boolean;
}

interface TargetElement {
  readonly column: ColumnDescriptor;
  readonly collation: string | undefined;
  readonly operatorClass: string | undefined;
  readonly hasOperatorClass: boolean;
  /** The operator class is for other types: no index has it. */
  readonly isForeign: boolean;
}

/**
 * What stands in parentheses behind ON CONFLICT, or behind ON CONSTRAINT. `scope` is that of the table. Throws 42703 and
 * 42704 for what does not exist.
 */
export function bindConflictTarget(
  binding: StatementBinding,
  table: TableDescriptor,
  scope: Scope,
  target: ConflictTarget | undefined,
): BoundTarget {
  if (target === undefined) return { constraint: undefined, elements: [], isGiven: false };
  const { constraint } = target;
  if (constraint !== undefined) {
    const isKnown =
      table.uniqueKey?.name === constraint || table.constraints.some((candidate) => candidate.name === constraint);
    if (!isKnown) {
      const message = `constraint "${constraint}" for table "${table.name}" does not exist`;
      throw new SqlError(SqlState.UndefinedObject, message);
    }
    return { constraint, elements: [], isGiven: true };
  }
  const context = (clause: ExpressionContext['clause']): ExpressionContext => ({
    binding,
    scope,
    clause,
    aggregates: undefined,
  });
  const elements = target.elements.map(({ expression: syntax, collation, operatorClass }) => {
    const { expression } = bindOperand(context('index expressions'), syntax);
    const { type } = expression;
    const shown =
      operatorClass.length === 0
        ? undefined
        : bindOperatorClass(binding.context, type.definition, 'btree', operatorClass, { acceptsAny: true });
    if (expression.kind !== 'column') return undefined;
    const column = table.columns[expression.index];
    const hasOperatorClass = operatorClass.length > 0;
    const isForeign = hasOperatorClass && !acceptsType(operatorClass, type.definition);
    return { column, collation, operatorClass: shown, hasOperatorClass, isForeign };
  });
  // A predicate leaves out indexes that are for more rows than it is: there is none that is for fewer than all.
  if (target.where !== undefined) bindOperand(context('index predicates'), target.where);
  return { constraint: undefined, elements, isGiven: true };
}

/** The indexes that are meant. Throws 42P10 when there are none, 42809 for a constraint that has none. */
export function arbitersOf(table: TableDescriptor, target: BoundTarget): readonly number[] {
  const indexes = uniqueIndexes(table);
  if (!target.isGiven) return indexes.map(({ oid }) => oid);
  if (target.constraint !== undefined) {
    const { uniqueKey } = table;
    if (uniqueKey?.name === target.constraint) return [uniqueKey.indexOid];
    const constraint = table.constraints.find(({ name }) => name === target.constraint);
    if (constraint?.kind === 'key') return [constraint.indexOid];
    throw new SqlError(SqlState.WrongObjectType, 'constraint in ON CONFLICT clause has no associated index');
  }
  const found = indexes.filter((index) => fits(index, target));
  if (found.length > 0) return found.map(({ oid }) => oid);
  throw new SqlError(
    SqlState.InvalidColumnReference,
    'there is no unique or exclusion constraint matching the ON CONFLICT specification',
  );
}

function uniqueIndexes({ indexes, uniqueKey, timeSeries }: TableDescriptor): readonly UniqueIndex[] {
  if (timeSeries === undefined) return indexes.filter((index) => index.isUnique);
  if (uniqueKey === undefined) return [];
  const columns = uniqueKey.columnNumbers.map((columnNumber) => ({
    columnNumber,
    isDescending: false,
    nullsFirst: false,
  }));
  return [{ oid: uniqueKey.indexOid, columns }];
}

/** The columns are the same, in whatever order; what is said of one holds for it in the index. */
function fits({ columns }: UniqueIndex, { elements }: BoundTarget): boolean {
  const numbers = new Set(columns.map(({ columnNumber }) => columnNumber));
  const named = new Set<number>();
  for (const element of elements) {
    if (element === undefined || element.isForeign || !numbers.has(element.column.number)) return false;
    named.add(element.column.number);
    const part = columns.find(({ columnNumber }) => columnNumber === element.column.number);
    if (element.collation !== undefined && element.collation !== (part?.collation ?? 'default')) return false;
    if (element.hasOperatorClass && element.operatorClass !== part?.operatorClass) return false;
  }
  return named.size === numbers.size;
}

/** The names of the rows that were to be inserted, their columns behind those of the table. */
export function excludedRelation(table: TableDescriptor, access: RelationAccess): Relation {
  const output = rowOutput(table);
  const rows: CteScanNode = { kind: 'cte-scan', id: -1, name: EXCLUDED, columns: [...output.keys()], output };
  const alias = { name: EXCLUDED, columns: [] };
  return { ...relationOver(rows, { name: EXCLUDED, alias, isHidden: [], isTable: true, access }), table };
}

/** DO UPDATE, for whose rows `scope` has the table's names. Throws what UPDATE throws. */
export function bindConflictUpdate(
  binding: StatementBinding,
  table: TableDescriptor,
  scope: Scope,
  { assignments, where }: ConflictClause,
  use: RelationAccess,
): ConflictUpdate {
  const id = binding.nextCommonTable();
  const excluded = excludedRelation(table, use);
  const output: OutputColumn[] = [...table.columns.map((column) => columnOutput(table, column)), ...rowOutput(table)];
  const pairs: CteScanNode = { kind: 'cte-scan', id, name: EXCLUDED, columns: [...output.keys()], output };
  const both = joinScopes(scope, shiftScope(scopeOf(excluded), table.columns.length));
  const { values, rows } = bindAssignments(binding, table, { scope: both, width: output.length }, assignments);
  for (const { number, generated } of values.keys()) if (generated === undefined) use.noteUpdated(number);
  const condition =
    where === undefined
      ? undefined
      : bindCondition({ binding, scope: both, clause: 'WHERE', aggregates: undefined }, where, 'WHERE');
  const columns = output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  const isWritten = (column: ColumnDescriptor): boolean => values.has(column);
  const old = oldColumns(table, isWritten);
  const names = binding.context.rowNameColumns(table);
  const written = new WrittenRows(binding.context, table, withExpressions(filter(pairs, condition), rows), {
    names: names.map((at) => columns[at]),
    row: storedColumns(table).map((column) => values.get(column) ?? columns[table.columns.indexOf(column)]),
    old: old.map((at) => columns[at]),
    hidden: [],
    beside: [],
  });
  // Hidden columns that nobody asks for are left alone: not each can be computed for each row.
  const visible = [...table.columns.keys()].filter((at) => table.columns[at].isHidden !== true);
  const asked = columnsUsed(...values.values(), ...rows, ...(condition === undefined ? [] : [condition]));
  const reads = new Set([...visible, ...names, ...asked.filter((at) => at < table.columns.length)]);
  const keys = new Set(uniqueIndexes(table).flatMap((index) => index.columns.map(({ columnNumber }) => columnNumber)));
  return {
    id,
    source: keepFirst(written.plan, names.length + storedColumns(table).length + old.length),
    nameCount: names.length,
    oldColumns: old,
    reads: [...reads],
    changesKeys: table.columns.some(
      (column) => keys.has(column.number) && (values.has(column) || column.generated !== undefined),
    ),
    where: condition,
  };
}
