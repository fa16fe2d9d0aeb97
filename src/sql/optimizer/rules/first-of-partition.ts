import { int8 } from '../../../types/int8.ts';
import { sqlType } from '../../../types/type-registry.ts';
import type { Expression } from '../../expression/expression.ts';
import { operatorOf } from '../../expression/operator-of.ts';
import type { FilterNode, LogicalPlan } from '../../plan/logical-plan.ts';
import type { WindowNode } from '../../plan/window-node.ts';
import { splitConjuncts, withFilter } from '../conjuncts.ts';
import { mapPlan } from '../plan-walk.ts';

/**
 * Numbers no rows of which only the first ones are wanted:
 *
 *   SELECT … FROM (SELECT *, row_number() OVER (PARTITION BY host ORDER BY time DESC) AS n FROM cpu) x WHERE n = 1
 *
 * is DISTINCT ON (host) in that order, and without PARTITION BY it is LIMIT 1.
 */
export function firstOfPartition(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'filter' ? (takeFirst(node) ?? node) : node));
}

function takeFirst({ input: window, condition }: FilterNode): LogicalPlan | undefined {
  if (window.kind !== 'window' || !numbersRows(window)) return undefined;
  const { input: rows, partitionBy } = window;
  const number = rows.output.length;
  const conjuncts = splitConjuncts(condition);
  const rest = conjuncts.filter((conjunct) => !isFirst(conjunct, number));
  // Windows without any order stand over rows that are not sorted.
  if (rest.length === conjuncts.length || rows.kind !== 'sort') return undefined;
  const count: Expression = { kind: 'constant', value: 1, type: sqlType(int8) };
  const first: LogicalPlan =
    partitionBy.length === 0
      ? { kind: 'limit', input: rows, offset: undefined, count, output: rows.output }
      : { kind: 'distinct-on', input: rows, keys: partitionBy, output: rows.output };
  const columns = rows.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  return withFilter({ kind: 'project', input: first, expressions: [...columns, count], output: window.output }, rest);
}

function numbersRows({ calls }: WindowNode): boolean {
  const [call] = calls;
  return calls.length === 1 && call.function.kind === 'window' && call.function.name === 'row_number';
}

/** `number = 1`, `number <= 1`, `number < 2`, either way round. */
function isFirst(condition: Expression, number: number): boolean {
  if (condition.kind !== 'call' || condition.arguments.length !== 2) return false;
  const operator = operatorOf(condition.function)?.name;
  const [left, right] = condition.arguments as readonly [Expression, Expression];
  const isNumber = (side: Expression): boolean => side.kind === 'column' && side.index === number;
  const limit = isNumber(left) ? right : left;
  if (limit.kind !== 'constant' || !isNumber(isNumber(left) ? left : right)) return false;
  const value = Number(limit.value ?? Number.NaN);
  if (operator === '=') return value === 1;
  if (operator === (isNumber(left) ? '<=' : '>=')) return value === 1;
  return operator === (isNumber(left) ? '<' : '>') && value === 2;
}
