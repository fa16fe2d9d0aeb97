import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { recordTypeOver } from '../../types/record-type.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { arrayTypeOf, elementTypeOf, sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { SubqueryComparisonSyntax, SubquerySyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import type { Query } from '../syntax/query-ast.ts';
import { bindOperand } from './bind-expression.ts';
import { bindQuery, type QueryOptions } from './bind-query.ts';
import type { Operand } from './coerce.ts';
import { compareRows } from './compare-rows.ts';
import { rowsOfExists } from './exists-query.ts';
import type { Clause, ExpressionContext } from './expression-context.ts';
import { OuterLevel } from './outer-level.ts';
import { boolType } from './well-known-types.ts';

/** `(query)`, `EXISTS (query)`, `ARRAY(query)`. */
export function bindSubquery(context: ExpressionContext, syntax: SubquerySyntax): Expression {
  const { form, position } = syntax;
  const inner = bindInner(context, syntax.query, position);
  const [column, ...more] = inner.plan.output;
  if (form !== 'exists' && (column === undefined || more.length > 0)) {
    throw new SqlError(SqlState.SyntaxError, 'subquery must return only one column', { position });
  }
  if (form === 'scalar') context.binding.rememberName(syntax, column.name);
  const type = form === 'exists' ? boolType : form === 'array' ? arrayOf(column.type, position) : column.type;
  const plan = form === 'exists' ? rowsOfExists(inner.plan) : inner.plan;
  context.binding.record?.noteQuery(plan, syntax.query);
  return { kind: 'subquery', form, ...inner, plan, left: [], comparison: undefined, type, position };
}

/** `left op ANY (query)`, `left op ALL (query)`, IN, and `ROW(…) op (query)`. */
export function bindSubqueryComparison(context: ExpressionContext, syntax: SubqueryComparisonSyntax): Expression {
  const { form, name, position } = syntax;
  const inner = bindInner(context, syntax.query, position);
  const columns = inner.plan.output;
  const left = syntax.left.map((item) => bindOperand(context, item));
  if (left.length !== columns.length) {
    const amount = left.length < columns.length ? 'many' : 'few';
    throw new SqlError(SqlState.SyntaxError, `subquery has too ${amount} columns`, { position });
  }
  const right = columns.map(({ type }, at) => ({
    expression: { kind: 'column', index: left.length + at, type } as const,
    syntax: undefined,
  }));
  const compared = compareRows(context.binding, name, left, right, position);
  return { kind: 'subquery', form, ...inner, ...compared, type: boolType, position };
}

/** The row of a query as one value, NULL without a row, and how each column of it was written. */
export function bindRowSubquery(
  context: ExpressionContext,
  query: Query,
  position: number,
): { readonly row: Expression; readonly columns: readonly Operand[] } {
  let syntax: readonly (SyntaxExpression | undefined)[] = [];
  const inner = bindInner(context, query, position, {
    noteSyntax: (columns) => {
      syntax = columns;
    },
  });
  const { output } = inner.plan;
  const type = sqlType(recordTypeOver(output.map((column, at) => ({ name: `f${at + 1}`, type: column.type }))));
  const elements = output.map((column, index): Expression => ({ kind: 'column', index, type: column.type }));
  const plan: LogicalPlan = {
    kind: 'project',
    input: inner.plan,
    expressions: [{ kind: 'row', elements, type }],
    output: [{ name: 'row', type, tableOid: 0, columnNumber: 0 }],
  };
  return {
    row: { kind: 'subquery', form: 'scalar', ...inner, plan, left: [], comparison: undefined, type, position },
    columns: elements.map((expression, at) => ({ expression, syntax: syntax[at] })),
  };
}

interface InnerQuery {
  readonly plan: LogicalPlan;
  readonly bindings: OuterLevel['bindings'];
  readonly isVolatile: boolean;
}

function bindInner(
  context: ExpressionContext,
  query: Query,
  position: number,
  options: Pick<QueryOptions, 'noteSyntax'> = {},
): InnerQuery {
  const { binding, clause } = context;
  const refusal = WITHOUT_SUBQUERIES[clause];
  if (refusal !== undefined) {
    throw new SqlError(SqlState.FeatureNotSupported, `cannot use subquery in ${refusal}`, { position });
  }
  const level = new OuterLevel(context);
  const plan = binding.deeper(1, () => bindQuery(binding, query, { ...options, outer: level }));
  return { plan, bindings: level.bindings, isVolatile: level.isVolatile };
}

/** What is computed without a query around it, as PostgreSQL names it. */
const WITHOUT_SUBQUERIES: Readonly<Partial<Record<Clause, string>>> = {
  'DEFAULT expressions': 'DEFAULT expression',
  'check constraints': 'check constraint',
  'column generation expressions': 'column generation expression',
  'transform expressions': 'transform expression',
  'EXECUTE parameters': 'EXECUTE parameter',
  'COPY FROM WHERE conditions': 'COPY FROM WHERE condition',
  'index expressions': 'index expression',
  'index predicates': 'index predicate',
};

/** Arrays as elements make a dimension more of the same type. */
function arrayOf({ definition }: SqlType, position: number): SqlType {
  if (elementTypeOf(definition) !== undefined) return sqlType(definition);
  const array = arrayTypeOf(definition);
  if (array !== undefined) return sqlType(array);
  throw new SqlError(SqlState.UndefinedObject, `could not find array type for data type ${definition.sqlName}`, {
    position,
  });
}
