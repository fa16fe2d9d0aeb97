import { invariant } from '../../errors/invariant.ts';
import { bool } from '../../types/bool.ts';
import { anyarray } from '../../types/pseudo-types.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import { defineOperator, defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { sameElementOf } from '../scalar/array-search.ts';

type Test = (left: SqlArray, right: SqlArray) => boolean;

/** From here on elements are looked up by key rather than compared one by one. */
const MANY = 16;

/** Whether each (or any) element of `wanted` is in `array`. NULLs are equal to nothing. Shapes do not matter. */
function tester(element: TypeDefinition, mode: 'every' | 'some'): Test {
  const same = sameElementOf(element);
  return (array, wanted) => {
    const isMany = array.elements.length > MANY && wanted.elements.length > MANY;
    const keys = isMany ? keysOf(array, element) : undefined;
    const isFound = (item: SqlArray['elements'][number]): boolean => {
      if (item === null) return false;
      if (keys !== undefined) return keys.has(element.hashKey(item));
      return array.elements.some((other) => other !== null && same(other, item));
    };
    return mode === 'every' ? wanted.elements.every(isFound) : wanted.elements.some(isFound);
  };
}

function keysOf(array: SqlArray, element: TypeDefinition): ReadonlySet<unknown> {
  const keys = new Set<unknown>();
  for (const item of array.elements) if (item !== null) keys.add(element.hashKey(item));
  return keys;
}

function containment(name: string, oid: number, testFor: (element: TypeDefinition) => Test): ScalarFunction {
  const unspecialized = () => invariant(false, 'overload resolution specializes operators of arrays') as never;
  const generic: ScalarFunction = defineScalar(name, oid, [anyarray, anyarray], bool, unspecialized, {
    specialize: (types) => {
      const element = elementTypeOf(types[0]);
      invariant(element !== undefined, 'an array type has an element type');
      return { ...generic, argumentTypes: types, evaluate: testFor(element) };
    },
  });
  return generic;
}

const contains = (element: TypeDefinition): Test => tester(element, 'every');

const isContained = (element: TypeDefinition): Test => {
  const test = contains(element);
  return (left, right) => test(right, left);
};

const overlaps = (element: TypeDefinition): Test => tester(element, 'some');

/** @> <@ && */
export const arrayContainmentOperators: readonly OperatorDefinition[] = [
  defineOperator('@>', 2751, containment('arraycontains', 2748, contains)),
  defineOperator('<@', 2752, containment('arraycontained', 2749, isContained)),
  defineOperator('&&', 2750, containment('arrayoverlap', 2747, overlaps)),
];
