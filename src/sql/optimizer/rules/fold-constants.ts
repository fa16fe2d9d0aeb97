import { SqlError } from '../../../errors/sql-error.ts';
import { isRecordType } from '../../../types/record-type.ts';
import type {
  BooleanExpression,
  CallExpression,
  CaseExpression,
  CoalesceExpression,
  Expression,
} from '../../expression/expression.ts';
import { mapExpression } from '../../expression/walk-expression.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { ScanNode } from '../../plan/scan-node.ts';
import { boolOf, constantOf, isConstant } from '../constant.ts';
import {
  computeConstant,
  constantFailure,
  hasFailure,
  type PlanningEnvironment,
  planningEnvironment,
} from '../constant-computation.ts';
import { mapNodeExpressions, mapPlan } from '../plan-walk.ts';
import type { PlannerFacts } from '../planner-facts.ts';

/**
 * Computes what is the same for every row and every execution. What fails is left as it is, and raised when the plan is
 * about to run, as PostgreSQL raises it when it plans (`constantFailure`). now() and its like are not constants.
 */
export function foldConstants(plan: LogicalPlan, facts: PlannerFacts): LogicalPlan {
  const environment = planningEnvironment(facts);
  const fold = (expression: Expression): Expression => foldExpression(expression, environment);
  return mapPlan(plan, (node) => withoutConstantFilter(mapNodeExpressions(node, fold), facts));
}

/** `environment`: without it, what depends on settings is left to the rows. */
export function foldExpression(expression: Expression, environment?: PlanningEnvironment): Expression {
  return mapExpression(expression, (part) => simplify(part, environment));
}

/** A filter that is always true goes; one that is never true leaves no rows to compute. */
function withoutConstantFilter(plan: LogicalPlan, facts: PlannerFacts): LogicalPlan {
  if (plan.kind === 'scan') return withoutConstantTests(plan);
  if (plan.kind !== 'filter') return plan;
  const verdict = boolOf(plan.condition);
  if (verdict === undefined) return plan;
  if (verdict === true) return plan.input;
  // What is constant in there raises its error all the same.
  if (constantFailure(plan.input, facts) !== undefined) return plan;
  const groups = plan.input;
  if (groups.kind === 'aggregate' && groups.aggregates.length > 0) {
    // HAVING looks at groups that are computed, with errors that this may meet: grouping sets over their rows, and one
    // group of all rows, which are not even read.
    if (groups.groupingSets !== undefined) return plan;
    if (groups.keys.length === 0) return { ...plan, input: { ...groups, input: withoutRows(groups.input) } };
  }
  return withoutRows(plan);
}

function withoutConstantTests(scan: ScanNode): ScanNode {
  const filters = scan.filters.filter((filter) => boolOf(filter) !== true);
  return filters.length === scan.filters.length ? scan : { ...scan, filters };
}

function withoutRows({ output }: LogicalPlan): LogicalPlan {
  return { kind: 'values', rows: [], output };
}

/** One step; the children are simplified already. */
function simplify(expression: Expression, environment: PlanningEnvironment): Expression {
  switch (expression.kind) {
    case 'call':
      return foldCall(expression, environment);
    case 'relabel':
      return isConstant(expression.argument) ? constantOf(expression.argument.value, expression) : expression;
    case 'and':
    case 'or':
      return foldLogic(expression, environment);
    case 'not': {
      const value = boolOf(expression.argument);
      return value === undefined ? expression : constantOf(value === null ? null : !value, expression);
    }
    case 'null-test': {
      if (!isConstant(expression.argument) || isRecordType(expression.argument.type.definition)) return expression;
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
    case 'greatest':
    case 'least':
    case 'in-list':
    case 'text-cast':
      return computed(expression, environment);
    case 'nullif': {
      // NULL is no value's equal: the other one need not be known.
      const { left, right, result } = expression;
      const isNull = (part: Expression): boolean => isConstant(part) && part.value === null;
      if (!isNull(left) && !isNull(right)) return computed(expression, environment);
      return hasFailure(left, environment) || hasFailure(right, environment) ? expression : result;
    }
    case 'subscript': {
      const { argument } = expression;
      if (isConstant(argument) && argument.value === null) return constantOf(null, expression);
      return computed(expression, environment);
    }
    default:
      return expression;
  }
}

/** substring(text, text, text) is strict; only its pattern is looked at before the value of a row. */
const SUBSTRING_BY_SIMILAR = 2074;

/** json(b)_extract_path(_text): strict, though not in each item of the path. */
const STRICT_BEFORE_ITEMS: ReadonlySet<number> = new Set([3217, 3940, 3951, 3953]);

/** The operands with which, when one of them is a constant NULL, a call is never made. */
function strictOperands(call: CallExpression): readonly Expression[] {
  const { function: called, arguments: operands } = call;
  if (call.isOfRows === true) return [];
  if (STRICT_BEFORE_ITEMS.has(called.oid)) return call.isVariadic === true ? operands : operands.slice(0, 1);
  return called.handlesNull !== true || called.oid === SUBSTRING_BY_SIMILAR ? operands : [];
}

function foldCall(call: CallExpression, environment: PlanningEnvironment): Expression {
  const { arguments: operands } = call;
  if (strictOperands(call).some((operand) => isConstant(operand) && operand.value === null)) {
    // Never called, whatever the other operands are; but what fails among them does so all the same.
    return operands.some((operand) => hasFailure(operand, environment)) ? call : constantOf(null, call);
  }
  return computed(call, environment);
}

function computed(expression: Expression, environment: PlanningEnvironment): Expression {
  try {
    const value = computeConstant(expression, environment);
    return value === undefined ? expression : constantOf(value, expression);
  } catch (error) {
    if (error instanceof SqlError) return expression;
    throw error;
  }
}

/** AND without its constant trues, and false as soon as one of it is; OR the other way round. */
function foldLogic(expression: BooleanExpression, environment: PlanningEnvironment): Expression {
  const decisive = expression.kind === 'or';
  const decided = expression.arguments.findIndex((operand) => boolOf(operand) === decisive);
  if (decided >= 0) {
    // What fails in front of it is met first.
    const before = expression.arguments.slice(0, decided);
    if (!before.some((operand) => hasFailure(operand, environment))) return constantOf(decisive, expression);
  }
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
