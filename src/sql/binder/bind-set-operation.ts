import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { Query, SetOperationStatement } from '../syntax/query-ast.ts';
import { bindQuery, type QueryOptions } from './bind-query.ts';
import { bindResultFrame, columnsOf } from './bind-result-frame.ts';
import { coerce, type Operand } from './coerce.ts';
import { coerceColumn } from './coerce-column.ts';
import { coerceToCommon, commonTypeOf } from './common-type.ts';
import { startOf } from './expression-position.ts';
import type { StatementBinding } from './statement-binding.ts';
import { isUnknown } from './well-known-types.ts';

type ColumnSyntax = SyntaxExpression | undefined;

/** A query that is put together with others, and what its columns were written as: where messages point. */
export interface SetSide {
  readonly plan: LogicalPlan;
  readonly syntax: readonly ColumnSyntax[];
}

/** UNION, INTERSECT and EXCEPT. The first query names the columns; their types are found two queries at a time. */
export function bindSetOperation(
  binding: StatementBinding,
  statement: SetOperationStatement,
  options: QueryOptions,
): LogicalPlan {
  let firstSyntax: SetSide['syntax'] | undefined;
  const { plan } = bindTree(binding, statement, options, (part) => {
    firstSyntax ??= part.syntax;
  });
  options.noteSyntax?.(firstSyntax ?? []);
  return bindResultFrame(binding, plan, statement, { relationName: undefined, outer: options.outer });
}

/**
 * The operations of a statement, its own ORDER BY and LIMIT left aside. Statements made by programs are long chains that
 * lean left, so their left edge is walked in a loop. `note` is told of each query that is put together.
 */
function bindTree(
  binding: StatementBinding,
  statement: SetOperationStatement,
  options: QueryOptions,
  note: (part: SetSide) => void,
): SetSide {
  const spine: SetOperationStatement[] = [statement];
  let leftmost: Query = statement.left;
  while (leftmost.kind === 'set-operation' && !hasFrame(leftmost)) {
    spine.push(leftmost);
    leftmost = leftmost.left;
  }
  let side = bindSide(binding, leftmost, options, note);
  for (const operation of spine.reverse()) {
    side = combineSides(binding, operation, side, bindSide(binding, operation.right, options, note));
  }
  return side;
}

/** One of the queries. What has a frame of its own is a subquery, whose columns keep their types. */
export function bindSide(
  binding: StatementBinding,
  query: Query,
  options: QueryOptions,
  note: (part: SetSide) => void = () => undefined,
): SetSide {
  return binding.deeper(1, () => {
    if (query.kind === 'set-operation' && !hasFrame(query)) return bindTree(binding, query, options, note);
    let syntax: SetSide['syntax'] = [];
    const noteSyntax = (columns: readonly ColumnSyntax[]): void => {
      syntax = columns;
    };
    const { wantedTypes: _, ...inner } = options;
    const plan = bindQuery(binding, query, { ...inner, keepsUnknowns: true, noteSyntax });
    const part = { plan, syntax };
    note(part);
    // Known to the messages about those behind it.
    const name = `*SELECT* ${binding.rangeTable.size + 1}`;
    binding.rangeTable.add({ name, table: undefined, isAliased: true, columns: columnsOf(plan, name) });
    return part;
  });
}

function hasFrame(query: Query): boolean {
  return (
    query.orderBy.length > 0 || query.limit !== undefined || query.offset !== undefined || query.with !== undefined
  );
}

function combineSides(
  binding: StatementBinding,
  { operation, isAll }: SetOperationStatement,
  left: SetSide,
  right: SetSide,
): SetSide {
  const sides = matchSides(binding, { operation, isAll }, left, right);
  return { plan: combine(operation, isAll, [sides.left, sides.right], sides.output), syntax: sides.syntax };
}

/** Both sides of an operation with columns of the same types, the columns of their result, and where those come from. */
export interface MatchedSides {
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly output: readonly OutputColumn[];
  readonly syntax: readonly ColumnSyntax[];
}

/** Throws 42601 for different numbers of columns, 42804 for types that do not fit, 42883 for rows that cannot be compared. */
export function matchSides(
  binding: StatementBinding,
  { operation, isAll }: Pick<SetOperationStatement, 'operation' | 'isAll'>,
  left: SetSide,
  right: SetSide,
): MatchedSides {
  const construct = operation.toUpperCase();
  if (left.plan.output.length !== right.plan.output.length) {
    throw new SqlError(SqlState.SyntaxError, `each ${construct} query must have the same number of columns`, {
      position: startOf(right.syntax.find((column) => column !== undefined)),
    });
  }
  const types: SqlType[] = [];
  const syntax: ColumnSyntax[] = [];
  let leftPlan = left.plan;
  let rightPlan = right.plan;
  for (const index of left.plan.output.keys()) {
    const sides = [operandOf(left, index), operandOf(right, index)];
    const type = commonTypeOf(sides, construct);
    const deciding = sides.find((side) => side.expression.type.definition === type.definition) ?? sides[0];
    leftPlan = coerceSide(binding, leftPlan, sides[0], index, type, construct);
    rightPlan = coerceSide(binding, rightPlan, sides[1], index, type, construct);
    if (!isAll || operation !== 'union') checkEquality(type, deciding);
    types.push(type);
    syntax.push(deciding.syntax);
  }
  const output = left.plan.output.map(
    ({ name }, at): OutputColumn => ({ name, type: types[at], tableOid: 0, columnNumber: 0 }),
  );
  return { left: asTypes(binding, leftPlan, types), right: asTypes(binding, rightPlan, types), output, syntax };
}

function operandOf({ plan, syntax }: SetSide, index: number): Operand {
  return { expression: { kind: 'column', index, type: plan.output[index].type }, syntax: syntax[index] };
}

/** Literals and parameters without a type become it where they stand; other columns are only looked at here. */
function coerceSide(
  binding: StatementBinding,
  plan: LogicalPlan,
  operand: Operand,
  index: number,
  type: SqlType,
  construct: string,
): LogicalPlan {
  const { syntax } = operand;
  if (isUnknown(operand.expression.type)) {
    const toType = (expression: Expression): Expression =>
      coerceToCommon(binding, [{ expression, syntax }], { ...type, typmod: -1 }, construct)[0];
    return coerceColumn(plan, index, toType);
  }
  coerceToCommon(binding, [operand], type, construct);
  return plan;
}

function checkEquality({ definition }: SqlType, { syntax }: Operand): void {
  if (definition.isComparable) return;
  throw new SqlError(
    SqlState.UndefinedFunction,
    `could not identify an equality operator for type ${definition.sqlName}`,
    { position: startOf(syntax) },
  );
}

/** The plan's rows with each column of its type. */
function asTypes(binding: StatementBinding, plan: LogicalPlan, types: readonly SqlType[]): LogicalPlan {
  const columns = plan.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  const expressions = columns.map(
    (expression, at) => coerce(binding, { expression, syntax: undefined }, types[at], 'implicit') ?? expression,
  );
  if (expressions.every((expression, at) => expression === columns[at])) return plan;
  const output = plan.output.map((column, at) => ({ ...column, type: types[at] }));
  return { kind: 'project', input: plan, expressions, output };
}

/** Unions of unions are one: what is in the left part once more is in the whole once all the same. */
function combine(
  operation: SetOperationStatement['operation'],
  isAll: boolean,
  [left, right]: readonly LogicalPlan[],
  output: readonly OutputColumn[],
): LogicalPlan {
  if (operation !== 'union') return { kind: 'set-operation', operation, isAll, left, right, output };
  const flat = [left, right].flatMap((side) => {
    const rows = !isAll && side.kind === 'distinct' ? side.input : side;
    return rows.kind === 'append' ? rows.inputs : [side];
  });
  const append: LogicalPlan = { kind: 'append', inputs: flat, output };
  return isAll ? append : { kind: 'distinct', input: append, output };
}
