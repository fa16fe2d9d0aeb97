import { invariant } from '../../errors/invariant.ts';
import { int4 } from '../../types/int4.ts';
import { anyarray } from '../../types/pseudo-types.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment, total } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** The length of a dimension, counted from 1; NULL where there is none. */
const lengthOf = (array: SqlArray, dimension: number): number | null => array.dimensions[dimension - 1] ?? null;

const lowerBoundOf = (array: SqlArray, dimension: number): number | null =>
  dimension >= 1 && dimension <= array.dimensions.length ? array.lowerBounds[dimension - 1]! : null;

const upperBoundOf = (array: SqlArray, dimension: number): number | null => {
  const lower = lowerBoundOf(array, dimension);
  return lower === null ? null : lower + array.dimensions[dimension - 1]! - 1;
};

const unspecialized = (): never => {
  invariant(false, 'overload resolution specializes functions of arrays');
  throw new Error();
};

/** Elements in their output form, NULLs left out or shown as the third argument. */
function joining(arrayType: TypeDefinition) {
  const element = elementTypeOf(arrayType);
  invariant(element !== undefined, 'an array type has an element type');
  return (
    environment: FunctionEnvironment,
    array: SqlArray | null,
    separator: string | null,
    nullText: string | null = null,
  ): string | null => {
    if (array === null || separator === null) return null;
    const parts: string[] = [];
    for (const value of array.elements as readonly Value[]) {
      if (value !== null) parts.push(element.format(value, environment.typeContext));
      else if (nullText !== null) parts.push(nullText);
    }
    return parts.join(separator);
  };
}

const arrayToString: ScalarFunction = defineScalar('array_to_string', 395, [anyarray, text], text, unspecialized, {
  ...stableWithEnvironment,
  specialize: ([type]) => ({ ...arrayToString, argumentTypes: [type!, text], evaluate: joining(type!) }),
});

const arrayToStringWithNulls: ScalarFunction = defineScalar(
  'array_to_string',
  384,
  [anyarray, text, text],
  text,
  unspecialized,
  {
    ...stableWithEnvironment,
    handlesNull: true,
    specialize: ([type]) => ({
      ...arrayToStringWithNulls,
      argumentTypes: [type!, text, text],
      evaluate: joining(type!),
    }),
  },
);

export const arrayFunctions: readonly ScalarFunction[] = [
  defineScalar('array_length', 2176, [anyarray, int4], int4, lengthOf, total),
  defineScalar('array_lower', 2091, [anyarray, int4], int4, lowerBoundOf, total),
  defineScalar('array_upper', 2092, [anyarray, int4], int4, upperBoundOf, total),
  defineScalar('array_ndims', 748, [anyarray], int4, (array: SqlArray) => array.dimensions.length || null, total),
  defineScalar('cardinality', 3179, [anyarray], int4, (array: SqlArray) => array.elements.length, total),
  arrayToString,
  arrayToStringWithNulls,
];
