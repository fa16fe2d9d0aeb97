import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int4 } from '../../types/int4.ts';
import { anycompatible, anycompatiblearray } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf, elementTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** Whether two elements are the same; NULL is the same as NULL. */
export type SameElement = (left: Value, right: Value) => boolean;

/** Throws 42883 for a type without equality (json). */
export function sameElementOf(element: TypeDefinition): SameElement {
  if (!element.isComparable) {
    throw new SqlError(
      SqlState.UndefinedFunction,
      `could not identify an equality operator for type ${element.sqlName}`,
    );
  }
  return (left, right) =>
    left === null || right === null ? left === right : left === right || element.compare(left, right) === 0;
}

const unspecialized = () => invariant(false, 'overload resolution specializes functions of arrays') as never;

type Evaluate = ScalarFunction['evaluate'];

/** A function of an array that compares elements. */
function searching(
  name: string,
  oid: number,
  moreTypes: readonly TypeDefinition[],
  resultType: TypeDefinition,
  evaluateFor: (same: SameElement) => Evaluate,
): ScalarFunction {
  const generic: ScalarFunction = defineScalar(
    name,
    oid,
    [anycompatiblearray, ...moreTypes],
    resultType,
    unspecialized,
    {
      handlesNull: true,
      specialize: (types) => {
        const element = elementTypeOf(types[0]);
        invariant(element !== undefined, 'an array type has an element type');
        return { ...generic, argumentTypes: types, evaluate: evaluateFor(sameElementOf(element)) };
      },
    },
  );
  return generic;
}

function refuseDimensions(array: SqlArray, what: string): void {
  if (array.dimensions.length > 1) {
    throw new SqlError(SqlState.FeatureNotSupported, `${what} multidimensional arrays is not supported`);
  }
}

const position =
  (same: SameElement): Evaluate =>
  (array: SqlArray | null, wanted: Value, ...start: readonly (number | null)[]) => {
    if (array === null) return null;
    refuseDimensions(array, 'searching for elements in');
    if (array.isEmpty || (wanted === null && !array.elements.includes(null))) return null;
    if (start[0] === null) {
      throw new SqlError(SqlState.NullValueNotAllowed, 'initial position must not be null');
    }
    const first = array.lowerBounds[0] ?? 1;
    for (let at = Math.max((start[0] ?? first) - first, 0); at < array.elements.length; at++) {
      if (same(array.elements[at], wanted)) return first + at;
    }
    return null;
  };

const positions =
  (same: SameElement): Evaluate =>
  (array: SqlArray | null, wanted: Value) => {
    if (array === null) return null;
    refuseDimensions(array, 'searching for elements in');
    const first = array.lowerBounds[0] ?? 1;
    const found: number[] = [];
    for (const [at, element] of array.elements.entries()) if (same(element, wanted)) found.push(first + at);
    return new SqlArray(found);
  };

const remove =
  (same: SameElement): Evaluate =>
  (array: SqlArray | null, unwanted: Value) => {
    if (array === null) return null;
    refuseDimensions(array, 'removing elements from');
    const kept = array.elements.filter((element) => !same(element, unwanted));
    if (kept.length === array.elements.length) return array;
    return kept.length === 0 ? new SqlArray([]) : new SqlArray(kept, [kept.length], array.lowerBounds);
  };

const replace =
  (same: SameElement): Evaluate =>
  (array: SqlArray | null, from: Value, to: Value) => {
    if (array === null) return null;
    const replaced = array.elements.map((element) => (same(element, from) ? to : element));
    return new SqlArray(replaced, array.dimensions, array.lowerBounds);
  };

const integers = arrayTypeOf(int4) as TypeDefinition;

export const arraySearchFunctions: readonly ScalarFunction[] = [
  searching('array_position', 3277, [anycompatible], int4, position),
  searching('array_position', 3278, [anycompatible, int4], int4, position),
  searching('array_positions', 3279, [anycompatible], integers, positions),
  searching('array_remove', 3167, [anycompatible], anycompatiblearray, remove),
  searching('array_replace', 3168, [anycompatible, anycompatible], anycompatiblearray, replace),
];
