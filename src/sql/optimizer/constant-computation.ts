import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { FunctionEnvironment } from '../../functions/environment.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import { applyTypmod } from '../../types/coerce-length.ts';
import type { Value } from '../../types/value.ts';
import { arrayElement, arraySlice } from '../expression/array-subscripts.ts';
import type { CallExpression, Expression, TextCastExpression } from '../expression/expression.ts';
import { makeArray, makeNestedArray } from '../expression/expression-runtime.ts';
import { childrenOf, someExpression } from '../expression/walk-expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { isConstant } from './constant.ts';
import type { PlannerFacts } from './planner-facts.ts';
import { nodeExpressions, visitPlan } from './subplans.ts';

/** What functions may know while a plan is made; undefined where nobody has settings. */
export type PlanningEnvironment = (() => FunctionEnvironment) | undefined;

/** Made when first asked for. */
export function planningEnvironment(facts: PlannerFacts): PlanningEnvironment {
  if (facts.functions === undefined) return undefined;
  let environment: FunctionEnvironment | undefined;
  return () => {
    environment ??= facts.functions?.();
    invariant(environment !== undefined, 'facts do not lose their functions');
    return environment;
  };
}

/**
 * Types whose texts are the same whatever the day and the zone: a cast to or from them by way of text is a constant over a
 * constant. (bytea and the floats follow settings, which a plan belongs to.)
 */
const STEADY_TEXT: ReadonlySet<string> = new Set([
  'bool',
  'bpchar',
  'bytea',
  'char',
  'float4',
  'float8',
  'int2',
  'int4',
  'int8',
  'json',
  'jsonb',
  'name',
  'numeric',
  'oid',
  'text',
  'uuid',
  'varchar',
  'xid',
]);

/**
 * The value of a call, a cast, an array or a subscript over constants; undefined for what is none of these or not the same
 * each time. Throws what it raises.
 */
export function computeConstant(expression: Expression, environment: PlanningEnvironment): Value | undefined {
  switch (expression.kind) {
    case 'call': {
      const { function: called } = expression;
      if (called.volatility !== 'immutable' && !isQuoteOfSteadyText(expression)) return undefined;
      const values = constantsOf(expression);
      if (values === undefined) return undefined;
      if (called.handlesNull !== true && values.includes(null)) return null;
      return evaluate(called, values, environment);
    }
    case 'text-cast':
      return computeTextCast(expression, environment);
    case 'greatest':
    case 'least': {
      const values = constantsOf(expression)?.filter((value) => value !== null);
      if (values === undefined || values.length === 0) return values === undefined ? undefined : null;
      const { definition } = expression.type;
      const sign = expression.kind === 'greatest' ? 1 : -1;
      return values.reduce((best, value) => (sign * definition.compare(value, best) > 0 ? value : best));
    }
    case 'nullif': {
      const values = constantsOf(expression);
      if (values === undefined) return undefined;
      const [left, right, result] = values;
      const { equals } = expression;
      if (left === null || right === null) return result;
      if (equals.volatility !== 'immutable') return undefined;
      const isEqual = evaluate(equals, [left, right], environment);
      return isEqual === undefined ? undefined : isEqual === true ? null : result;
    }
    case 'in-list': {
      const values = constantsOf(expression);
      if (values === undefined || expression.equals.volatility !== 'immutable') return undefined;
      const [wanted, ...list] = values;
      if (wanted === null) return null;
      const verdicts = list.map((item) =>
        item === null ? null : evaluate(expression.equals, [wanted, item], environment),
      );
      if (verdicts.includes(undefined)) return undefined;
      if (verdicts.includes(true)) return !expression.isNegated;
      return verdicts.includes(null) ? null : expression.isNegated;
    }
    case 'array': {
      const values = constantsOf(expression);
      if (values === undefined) return undefined;
      return expression.elementType.category === 'A' ? makeNestedArray(values) : makeArray(values);
    }
    case 'subscript': {
      const values = constantsOf(expression);
      if (values === undefined) return undefined;
      const [array, ...bounds] = values as [never, ...never[]];
      return expression.slices === undefined
        ? arrayElement(array, bounds)
        : arraySlice(array, expression.slices, bounds);
    }
    default:
      return undefined;
  }
}

const QUOTES_OF_ANYTHING: ReadonlySet<number> = new Set([1285, 1290]);

/** quote_literal and quote_nullable of other types than text are what they do: a cast to text, and a constant where it is. */
function isQuoteOfSteadyText({ function: called, arguments: [value] }: CallExpression): boolean {
  return QUOTES_OF_ANYTHING.has(called.oid) && STEADY_TEXT.has(value.type.definition.name);
}

/** Undefined where the function asks for settings and nobody has any. */
function evaluate(
  called: ScalarFunction,
  values: readonly Value[],
  environment: PlanningEnvironment,
): Value | undefined {
  if (called.usesEnvironment !== true) return called.evaluate(...values);
  return environment === undefined ? undefined : called.evaluate(environment(), ...values);
}

/** What the first of the constant parts raises that cannot be computed, in an expression that has been folded. */
function failureOf(expression: Expression, environment: PlanningEnvironment): SqlError | undefined {
  for (const child of childrenOf(expression)) {
    const failure = failureOf(child, environment);
    if (failure !== undefined) return failure;
  }
  try {
    computeConstant(expression, environment);
    return undefined;
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
}

/**
 * What PostgreSQL raises when it plans: the error of something constant in an optimized plan, whether or not a row will
 * ever ask for it.
 */
export function constantFailure(plan: LogicalPlan, facts: PlannerFacts): SqlError | undefined {
  const environment = planningEnvironment(facts);
  let failure: SqlError | undefined;
  visitPlan(plan, (node) => {
    for (const expression of failure === undefined ? nodeExpressions(node) : []) {
      failure ??= someExpression(expression, isOverConstants) ? failureOf(expression, environment) : undefined;
    }
  });
  return failure;
}

/** Whether something constant in an expression that has been folded cannot be computed. */
export function hasFailure(expression: Expression, environment: PlanningEnvironment): boolean {
  return someExpression(expression, isOverConstants) && failureOf(expression, environment) !== undefined;
}

function isOverConstants(expression: Expression): boolean {
  const isKnown = expression.kind === 'call' || expression.kind === 'text-cast' || expression.kind === 'array';
  return isKnown && childrenOf(expression).every(isConstant);
}

function computeTextCast(expression: TextCastExpression, environment: PlanningEnvironment): Value | undefined {
  const { argument, type } = expression;
  const source = argument.type.definition;
  if (!isConstant(argument) || environment === undefined) return undefined;
  if (argument.value === null) return null;
  if (!STEADY_TEXT.has(source.name) || !STEADY_TEXT.has(type.definition.name)) return undefined;
  const { typeContext } = environment();
  const isText = source.representation === 'text' && source.name !== 'char';
  const text = isText ? (argument.value as string) : source.format(argument.value, typeContext);
  return applyTypmod(type.definition.parse(text, typeContext, type.typmod), type, true);
}

function constantsOf(expression: Expression): Value[] | undefined {
  const children = childrenOf(expression);
  return children.every(isConstant) ? children.map((child) => (isConstant(child) ? child.value : null)) : undefined;
}
