import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { formatType } from '../../types/format-type.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { CommonTable, CycleClause, SetOperationStatement } from '../syntax/query-ast.ts';
import { bindOperand } from './bind-expression.ts';
import type { QueryOptions } from './bind-query.ts';
import { bindSide, matchSides } from './bind-set-operation.ts';
import { bindWith, renamed } from './bind-with.ts';
import type { CommonTableEntry } from './common-table.ts';
import { coerceToCommon, commonTypeOf } from './common-type.ts';
import { startOf } from './expression-position.ts';
import { emptyScope } from './scope.ts';
import { requireSingleSides, traceRecursion } from './search-cycle.ts';
import type { StatementBinding } from './statement-binding.ts';
import { isUnknown, textType } from './well-known-types.ts';

/** Where types of the user begin. */
const FIRST_USER_OID = 16_384;

/**
 * A table of WITH RECURSIVE that reads itself: `left UNION [ALL] right`, whose form has been checked. The left side alone
 * decides the columns' types.
 */
export function bindRecursiveTable(
  binding: StatementBinding,
  table: CommonTable,
  id: number,
  options: QueryOptions,
): LogicalPlan {
  const query = table.statement;
  invariant(query.kind === 'set-operation', 'a recursive query is a union');
  const clause = query.with;
  if (clause === undefined) return bindUnion(binding, { table, query, id, options });
  const { bound, over } = bindWith(binding, clause, { isTop: false, around: options }, () =>
    bindUnion(binding, { table, query, id, options }),
  );
  return over(bound);
}

interface RecursiveUnion {
  readonly table: CommonTable;
  readonly query: SetOperationStatement;
  readonly id: number;
  readonly options: QueryOptions;
}

/** Binds the union with the columns of SEARCH and CYCLE, where these are written. */
function bindUnion(binding: StatementBinding, union: RecursiveUnion): LogicalPlan {
  const { table, query, options } = union;
  if (table.search === undefined && table.cycle === undefined) return bindSides(binding, union, 0);
  requireSingleSides(query);
  const columns = renamed(table, bindSide(binding, query.left, options).plan.output).map(({ name }) => name);
  const { cycle } = table;
  const traced = traceRecursion(
    cycle === undefined ? table : { ...table, cycle: withMarkType(binding, cycle) },
    query,
    columns,
  );
  return bindSides(binding, { ...union, table: { ...table, columns: [] }, query: traced.query }, traced.addedCount);
}

/** Both values of the mark have one type. Throws 42804 where they cannot. */
function withMarkType(binding: StatementBinding, cycle: CycleClause): CycleClause {
  const context = { binding, scope: emptyScope, clause: 'SELECT', aggregates: undefined } as const;
  const operands = [cycle.markValue, cycle.markDefault].map((value) => bindOperand(context, value));
  const type = commonTypeOf(operands, 'CYCLE');
  coerceToCommon(binding, operands, type, 'CYCLE');
  const { name, oid } = type.definition;
  if (oid >= FIRST_USER_OID) return cycle;
  const written = { schema: 'pg_catalog', name, modifiers: [], arrayDimensions: 0, position: 0 };
  const cast = (argument: SyntaxExpression): SyntaxExpression => ({
    kind: 'cast',
    argument,
    type: written,
    position: 0,
  });
  return { ...cycle, markValue: cast(cycle.markValue), markDefault: cast(cycle.markDefault) };
}

/** A star within the query leaves out the last `addedCount` columns. */
function bindSides(
  binding: StatementBinding,
  { table, query, id, options }: RecursiveUnion,
  addedCount: number,
): LogicalPlan {
  const { isAll } = query;
  const left = bindSide(binding, query.left, options);
  const output = renamed(table, left.plan.output).map(
    ({ name, type }): OutputColumn => ({ name, type: isUnknown(type) ? textType : type, tableOid: 0, columnNumber: 0 }),
  );
  const entry: CommonTableEntry = { id, name: table.name, output, isWorkingTable: true, unexpandedCount: addedCount };
  const scope = { entries: new Map([[table.name, entry]]), later: [], outer: binding.commonTables };
  const right = binding.within(scope, () => bindSide(binding, query.right, options));
  const sides = matchSides(binding, query, left, right);
  for (const [at, { type }] of sides.output.entries()) {
    const expected = output[at].type;
    // Two rows of one shape have definitions of their own.
    if (type.definition.oid === expected.definition.oid && type.typmod === expected.typmod) continue;
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `recursive query "${table.name}" column ${at + 1} has type ${formatType(expected)} in non-recursive term but type ${formatType(type)} overall`,
      {
        position: startOf(left.syntax[at]),
        hint: 'Cast the output of the non-recursive term to the correct type.',
      },
    );
  }
  return { kind: 'recursive-union', id, isAll, left: sides.left, right: sides.right, output: sides.output };
}
