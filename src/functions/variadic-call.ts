import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SqlArray } from '../types/sql-array.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { arrayTypeOf, elementTypeOf } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { isAny, isArray, isUnknown } from './coercion.ts';
import type { FunctionDefinition, ScalarFunction } from './function-definition.ts';

/**
 * The signature of a function when its last argument is written VARIADIC: an array in place of the arguments that may
 * repeat. Undefined for functions without such.
 */
export function variadicSignature(
  definition: FunctionDefinition,
  count: number,
): readonly TypeDefinition[] | undefined {
  const { argumentTypes, isVariadic } = definition;
  const last = argumentTypes.at(-1);
  if (isVariadic !== true || last === undefined || argumentTypes.length !== count) return undefined;
  const array = isAny(last) ? last : arrayTypeOf(last);
  return array === undefined ? undefined : [...argumentTypes.slice(0, -1), array];
}

/** Throws 42804 where VARIADIC "any" stands before something else than an array. */
export function requireArray(type: TypeDefinition): void {
  if (isArray(type) || isUnknown(type)) return;
  throw new SqlError(SqlState.DatatypeMismatch, 'VARIADIC argument must be an array');
}

/**
 * The function over an array in place of its last arguments: called with the elements, as many as there are. A NULL array
 * gives NULL.
 */
export function overArray(
  definition: ScalarFunction,
  types: readonly TypeDefinition[],
  variantFor: (definition: ScalarFunction, types: readonly TypeDefinition[]) => ScalarFunction,
): ScalarFunction {
  const fixed = types.slice(0, -1);
  const element = elementTypeOf(types[types.length - 1]) ?? types[types.length - 1];
  const evaluate = (...given: unknown[]): Value => {
    const array = given.pop() as SqlArray | null;
    if (array === null) return null;
    definition.checkVariadic?.(array);
    const { elements } = array;
    const variant = variantFor(definition, [...fixed, ...elements.map(() => element)]);
    const values = definition.usesEnvironment === true ? given.slice(1) : given;
    if (definition.handlesNull !== true && values.includes(null)) return null;
    return variant.evaluate(...given, ...elements);
  };
  const { inline, guardedInline, specialize, ...plain } = definition;
  return { ...plain, argumentTypes: types, handlesNull: true, mayThrow: true, evaluate };
}
