import { conjunction } from '../../expression/conjunction.ts';
import type { CallExpression, Expression } from '../../expression/expression.ts';
import { operatorOf } from '../../expression/operator-of.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery } from '../../expression/walk-expression.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import { splitConjuncts } from '../conjuncts.ts';
import { mapPlan } from '../plan-walk.ts';

/** Longer lists are not worth a second condition. */
const MAX_LIST = 1000;

/**
 * Alternatives that all say what a column is equal to leave rows with one of these values alone. The list is a condition of
 * its own, which sinks to the column's table and finds rows there:
 *
 *   (n.name = 'a' AND t.name = 'x') OR (n.name = 'b' AND t.name = 'y')    also t.name IN ('x', 'y') AND n.name IN ('a', 'b')
 */
export function deriveLists(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    if ((node.kind !== 'filter' && node.kind !== 'join') || node.condition === undefined) return node;
    const conjuncts = splitConjuncts(node.condition);
    const lists = conjuncts.flatMap(listsOf);
    return lists.length === 0 ? node : { ...node, condition: conjunction([...lists, ...conjuncts]) ?? node.condition };
  });
}

/** `column = value`. */
interface Equality {
  readonly column: Expression;
  readonly value: Expression;
  readonly call: CallExpression;
}

function listsOf(condition: Expression): Expression[] {
  if (condition.kind !== 'or' || condition.arguments.length > MAX_LIST) return [];
  const [first, ...others] = condition.arguments.map(equalitiesOf);
  const lists: Expression[] = [];
  for (const [column, equality] of first) {
    const all = [equality, ...others.map((alternative) => alternative.get(column))];
    const values = all.flatMap((one) => (one?.call.function === equality.call.function ? [one.value] : []));
    if (values.length < all.length) continue;
    const list = distinctValues(values);
    lists.push({
      kind: 'in-list',
      argument: equality.column,
      list,
      equals: equality.call.function,
      isNegated: false,
      type: condition.type,
      position: equality.call.position,
    });
  }
  return lists;
}

/** What an alternative says of columns, by their numbers. */
function equalitiesOf(alternative: Expression): ReadonlyMap<number, Equality> {
  const equalities = new Map<number, Equality>();
  for (const part of splitConjuncts(alternative)) {
    const equality = equalityOf(part);
    if (equality?.column.kind === 'column') equalities.set(equality.column.index, equality);
  }
  return equalities;
}

function equalityOf(condition: Expression): Equality | undefined {
  if (condition.kind !== 'call' || operatorOf(condition.function)?.name !== '=') return undefined;
  const [left, right] = condition.arguments;
  if (left?.kind !== 'column' || right?.type.definition !== left.type.definition || !isFixed(right)) return undefined;
  return { column: left, value: right, call: condition };
}

function distinctValues(values: readonly Expression[]): readonly Expression[] {
  const seen = new Set<unknown>();
  return values.filter((value) => {
    if (value.kind !== 'constant' || typeof value.value === 'object') return true;
    const isNew = !seen.has(value.value);
    seen.add(value.value);
    return isNew;
  });
}

function isFixed(expression: Expression): boolean {
  return columnsUsed(expression).length === 0 && !isVolatile(expression) && !hasSubquery(expression);
}
