import { findCast } from '../../../functions/cast-registry.ts';
import type { TypeDefinition } from '../../../types/type-definition.ts';
import { conjunction } from '../../expression/conjunction.ts';
import type { Expression } from '../../expression/expression.ts';
import { operatorOf } from '../../expression/operator-of.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery, remapColumns } from '../../expression/walk-expression.ts';
import type { JoinEquality, JoinNode } from '../../plan/join-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import { splitConjuncts } from '../conjuncts.ts';
import { mapPlan } from '../plan-walk.ts';

/** Finds `left side = right side` in join conditions, by which rows can be looked up instead of compared in pairs. */
export function extractJoinEqualities(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'join' ? extract(node) : node));
}

function extract(join: JoinNode): JoinNode {
  if (join.condition === undefined) return join;
  const equalities: JoinEquality[] = [...join.equalities];
  const rest: Expression[] = [];
  for (const conjunct of splitConjuncts(join.condition)) {
    const equality = equalityOf(conjunct, join.left.output.length);
    if (equality === undefined) rest.push(conjunct);
    else equalities.push(equality);
  }
  return { ...join, equalities, condition: conjunction(rest) };
}

function equalityOf(condition: Expression, width: number): JoinEquality | undefined {
  if (
    condition.kind !== 'call' ||
    operatorOf(condition.function)?.name !== '=' ||
    isVolatile(condition) ||
    hasSubquery(condition)
  ) {
    return undefined;
  }
  const [first, second] = condition.arguments as readonly [Expression, Expression];
  const sides = [first, second].map((operand) => sideOf(operand, width));
  if (sides.includes('left') && sides.includes('right')) {
    const [left, right] = sides[0] === 'left' ? [first, second] : [second, first];
    return ofOneType(
      left,
      remapColumns(right, (index) => index - width),
    );
  }
  return undefined;
}

function sideOf(expression: Expression, width: number): 'left' | 'right' | 'none' {
  const columns = columnsUsed(expression);
  if (columns.length === 0) return 'none';
  if (columns.every((column) => column < width)) return 'left';
  return columns.every((column) => column >= width) ? 'right' : 'none';
}

/** Across types (integer = bigint) the narrower side is cast; undefined where neither becomes the other unasked. */
export function ofOneType(left: Expression, right: Expression): JoinEquality | undefined {
  const leftType = left.type.definition;
  const rightType = right.type.definition;
  if (leftType === rightType) return { left, right };
  const widened = castTo(right, leftType);
  if (widened !== undefined) return { left, right: widened };
  const narrowed = castTo(left, rightType);
  return narrowed === undefined ? undefined : { left: narrowed, right };
}

function castTo(expression: Expression, target: TypeDefinition): Expression | undefined {
  const cast = findCast(expression.type.definition, target);
  // Among numbers and strings, an implicit cast keeps values apart that the cross-type operator keeps apart; between
  // dates and instants it depends on the time zone, and real = double precision compares as double precision.
  if (cast === undefined || cast.context !== 'implicit' || cast.source.category !== cast.target.category) {
    return undefined;
  }
  const type = { definition: target, typmod: -1 };
  if (cast.method === 'relabel') return { kind: 'relabel', argument: expression, type };
  if (cast.method.volatility !== 'immutable') return undefined;
  return { kind: 'call', function: cast.method, arguments: [expression], type, position: 0 };
}
