import { SqlError } from '../../../errors/sql-error.ts';
import { SqlArray } from '../../../types/sql-array.ts';
import type {
  ArrayExpression,
  BooleanExpression,
  CallExpression,
  CaseExpression,
  CoalesceExpression,
  Expression,
} from '../../expression/expression.ts';
import { mapExpression } from '../../expression/walk-expression.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import { boolOf, constantOf, isConstant } from '../constant.ts';
import { mapNodeExpressions, mapPlan } from '../plan-walk.ts';

/**
 * Computes what is the same for every row and every execution. What fails is left as it is: the row that would show the
 * error may never come. now() and its like are not constants.
 */
export function foldConstants(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => withoutConstantFilter(mapNodeExpressions(node, foldExpression)));
}

export function foldExpression(expression: Expression): Expression {
  return mapExpression(expression, simplify);
}

/** A filter that is always true goes; one that is never true leaves no rows to compute. */
function withoutConstantFilter(plan: LogicalPlan): LogicalPlan {
  if (plan.kind !== 'filter') return plan;
  const verdict = boolOf(plan.condition);
  if (verdict === undefined) return plan;
  return verdict === true ? plan.input : { kind: 'values', rows: [], output: plan.output };
}

/** One step; the children are simplified already. */
function simplify(expression: Expression): Expression {
  switch (expression.kind) {
    case 'call':
      return foldCall(expression);
    case 'relabel':
      return isConstant(expression.argument) ? constantOf(expression.argument.value, expression) : expression;
    case 'and':
    case 'or':
      return foldLogic(expression);
    case 'not': {
      const value = boolOf(expression.argument);
      return value === undefined ? expression : constantOf(value === null ? null : !value, expression);
    }
    case 'null-test': {
      if (!isConstant(expression.argument)) return expression;
      return constantOf((expression.argument.value === null) !== expression.isNegated, expression);
    }
    case 'boolean-test': {
      const value = boolOf(expression.argument);
      if (value === undefined) return expression;
      const wanted = expression.test === 'unknown' ? null : expression.test === 'true';
      return constantOf((value === wanted) !== expression.isNegated, expression);
    }
    case 'case':
      return foldCase(expression);
    case 'coalesce':
      return foldCoalesce(expression);
    case 'array':
      return foldArray(expression);
    default:
      return expression;
  }
}

function foldCall(call: CallExpression): Expression {
  const { function: called, arguments: operands } = call;
  if (called.handlesNull !== true && operands.some((operand) => isConstant(operand) && operand.value === null)) {
    // Never called, whatever the other operands are.
    return constantOf(null, call);
  }
  if (called.volatility !== 'immutable' || called.usesEnvironment === true || !operands.every(isConstant)) return call;
  const values = operands.map((operand) => (isConstant(operand) ? operand.value : null));
  try {
    return constantOf(called.evaluate(...values), call);
  } catch (error) {
    if (error instanceof SqlError) return call;
    throw error;
  }
}

/** AND without its constant trues, and false as soon as one of it is; OR the other way round. */
function foldLogic(expression: BooleanExpression): Expression {
  const decisive = expression.kind === 'or';
  if (expression.arguments.some((operand) => boolOf(operand) === decisive)) return constantOf(decisive, expression);
  const rest = expression.arguments.filter((operand) => boolOf(operand) !== !decisive);
  const [first] = rest;
  if (first === undefined) return constantOf(!decisive, expression);
  if (rest.length === 1) return first;
  return rest.length === expression.arguments.length ? expression : { ...expression, arguments: rest };
}

/** Branches that never apply go; the first that always applies is the ELSE. */
function foldCase(expression: CaseExpression): Expression {
  const branches: { readonly when: Expression; readonly then: Expression }[] = [];
  let { otherwise } = expression;
  for (const branch of expression.branches) {
    const verdict = boolOf(branch.when);
    if (verdict === undefined) branches.push(branch);
    else if (verdict === true) {
      otherwise = branch.then;
      break;
    }
  }
  if (branches.length === 0) return otherwise ?? constantOf(null, expression);
  return branches.length === expression.branches.length ? expression : { ...expression, branches, otherwise };
}

/** NULL constants are skipped, and nothing after the first other constant is ever reached. */
function foldCoalesce(expression: CoalesceExpression): Expression {
  const operands: Expression[] = [];
  for (const operand of expression.arguments) {
    if (isConstant(operand) && operand.value === null) continue;
    operands.push(operand);
    if (isConstant(operand)) break;
  }
  const [first] = operands;
  if (first === undefined) return constantOf(null, expression);
  if (isConstant(first)) return first;
  return operands.length === expression.arguments.length ? expression : { ...expression, arguments: operands };
}

function foldArray(expression: ArrayExpression): Expression {
  const { elements } = expression;
  if (!elements.every(isConstant)) return expression;
  return constantOf(new SqlArray(elements.map((element) => (isConstant(element) ? element.value : null))), expression);
}
