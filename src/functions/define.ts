import type { TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import type { CastDefinition } from './cast-definition.ts';
import type { ScalarFunction } from './function-definition.ts';
import type { OperatorDefinition } from './operator-definition.ts';

type ScalarOptions = Partial<
  Omit<ScalarFunction, 'kind' | 'name' | 'oid' | 'argumentTypes' | 'resultType' | 'evaluate'>
>;

/** A scalar function in one line: immutable, strict and able to throw unless the options say otherwise. */
export function defineScalar(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  resultType: TypeDefinition,
  // biome-ignore lint/suspicious/noExplicitAny: each function takes the scalars of its own argument types
  evaluate: (...values: any[]) => Value,
  options: ScalarOptions = {},
): ScalarFunction {
  return {
    kind: 'scalar',
    name,
    oid,
    argumentTypes,
    resultType,
    volatility: 'immutable',
    mayThrow: true,
    evaluate,
    ...options,
  };
}

/** For functions that give an answer for all arguments. */
export const total = { mayThrow: false } as const;

/** For functions of the session's settings and facts, which they get as their first argument. */
export const stableWithEnvironment = { volatility: 'stable', usesEnvironment: true } as const;

/** An operator over what its function takes: one argument makes a prefix operator. */
export function defineOperator(name: string, oid: number, implementation: ScalarFunction): OperatorDefinition {
  const [first, second] = implementation.argumentTypes;
  return {
    name,
    oid,
    leftType: second === undefined ? undefined : first,
    rightType: second ?? first!,
    function: implementation,
  };
}

/** A cast by a function that is named after its target, as in PostgreSQL. */
export function defineCast(
  source: TypeDefinition,
  target: TypeDefinition,
  context: CastDefinition['context'],
  functionOid: number,
  // biome-ignore lint/suspicious/noExplicitAny: each cast takes the scalars of its own source type
  evaluate: (...values: any[]) => Value,
  options: ScalarOptions = {},
): CastDefinition {
  return {
    source,
    target,
    context,
    method: defineScalar(target.name, functionOid, [source], target, evaluate, options),
  };
}
