import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { anyarray, anycompatible, anycompatiblearray } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineOperator, defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { familyOf } from './comparison.ts';

/** Arrays compare as their type says: element by element, then by shape. */
function arrayComparison(symbol: '=' | '<>' | '<' | '<=' | '>' | '>=', name: string, oid: number): ScalarFunction {
  const unspecialized = () => invariant(false, 'overload resolution specializes array comparisons');
  const generic: ScalarFunction = defineScalar(name, oid, [anyarray, anyarray], bool, unspecialized as () => never, {
    ...total,
    specialize: ([left, right]) => {
      const type = left!.elementOid !== 0 ? left! : right!;
      const element = elementTypeOf(type);
      if (element?.isComparable === false) {
        const evaluate = (): never => {
          throw incomparable(symbol, element);
        };
        return { ...generic, argumentTypes: [type, type], mayThrow: true, evaluate };
      }
      const { evaluate } = familyOf(type.compare.bind(type))[symbol];
      return { ...generic, argumentTypes: [type, type], evaluate };
    },
  });
  return generic;
}

function incomparable(symbol: string, element: TypeDefinition): SqlError {
  const missing = symbol === '=' || symbol === '<>' ? 'an equality operator' : 'a comparison function';
  return new SqlError(SqlState.UndefinedFunction, `could not identify ${missing} for type ${element.sqlName}`);
}

function requireOneDimension(array: SqlArray): void {
  if (array.dimensions.length <= 1) return;
  throw new SqlError(SqlState.DataException, 'argument must be empty or one-dimensional array');
}

function appendElement(array: SqlArray | null, element: Value): SqlArray {
  if (array === null) return new SqlArray([element]);
  requireOneDimension(array);
  return withElements(array, [...array.elements, element]);
}

function prependElement(element: Value, array: SqlArray | null): SqlArray {
  if (array === null) return new SqlArray([element]);
  requireOneDimension(array);
  return withElements(array, [element, ...array.elements]);
}

/** One dimension, which begins where that of `array` did. */
function withElements(array: SqlArray, elements: readonly Value[]): SqlArray {
  return new SqlArray(elements, [elements.length], array.isEmpty ? [1] : array.lowerBounds);
}

/** Arrays of one shape are joined along their first dimension; one of a dimension less counts as a row of the other. */
function concatenateArrays(left: SqlArray | null, right: SqlArray | null): SqlArray | null {
  if (left === null || left.isEmpty) return right ?? left;
  if (right === null || right.isEmpty) return left;
  const difference = left.dimensions.length - right.dimensions.length;
  const [fromLeft, fromRight] = [difference < 0 ? 0 : 1, difference > 0 ? 0 : 1];
  const leftRow = left.dimensions.slice(fromLeft);
  const isRow =
    leftRow.join() === right.dimensions.slice(fromRight).join() &&
    left.lowerBounds.slice(fromLeft).join() === right.lowerBounds.slice(fromRight).join();
  if (Math.abs(difference) > 1 || !isRow) {
    throw incompatibleArrays(left, right);
  }
  const rowCount = (difference < 0 ? 1 : left.dimensions[0]!) + (difference > 0 ? 1 : right.dimensions[0]!);
  const bounds = difference < 0 ? right.lowerBounds : left.lowerBounds;
  return new SqlArray([...left.elements, ...right.elements], [rowCount, ...leftRow], bounds);
}

function incompatibleArrays(left: SqlArray, right: SqlArray): SqlError {
  const leftRank = left.dimensions.length;
  const rightRank = right.dimensions.length;
  const detail =
    leftRank === rightRank
      ? 'Arrays with differing element dimensions are not compatible for concatenation.'
      : Math.abs(leftRank - rightRank) === 1
        ? 'Arrays with differing dimensions are not compatible for concatenation.'
        : `Arrays of ${leftRank} and ${rightRank} dimensions are not compatible for concatenation.`;
  return new SqlError(SqlState.ArraySubscriptError, 'cannot concatenate incompatible arrays', { detail });
}

const append = defineScalar(
  'array_append',
  378,
  [anycompatiblearray, anycompatible],
  anycompatiblearray,
  appendElement,
  {
    handlesNull: true,
  },
);
const prepend = defineScalar(
  'array_prepend',
  379,
  [anycompatible, anycompatiblearray],
  anycompatiblearray,
  prependElement,
  {
    handlesNull: true,
  },
);
const concatenate = defineScalar(
  'array_cat',
  383,
  [anycompatiblearray, anycompatiblearray],
  anycompatiblearray,
  concatenateArrays,
  {
    handlesNull: true,
  },
);

/** Comparisons and || of arrays. */
export const arrayOperators: readonly OperatorDefinition[] = [
  defineOperator('||', 349, append),
  defineOperator('||', 374, prepend),
  defineOperator('||', 375, concatenate),
  defineOperator('=', 1070, arrayComparison('=', 'array_eq', 744)),
  defineOperator('<>', 1071, arrayComparison('<>', 'array_ne', 390)),
  defineOperator('<', 1072, arrayComparison('<', 'array_lt', 391)),
  defineOperator('<=', 1074, arrayComparison('<=', 'array_le', 393)),
  defineOperator('>', 1073, arrayComparison('>', 'array_gt', 392)),
  defineOperator('>=', 1075, arrayComparison('>=', 'array_ge', 396)),
];

function extremeArray(name: string, oid: number, direction: 1 | -1): ScalarFunction {
  const unspecialized = () => invariant(false, 'overload resolution specializes functions of arrays');
  const generic: ScalarFunction = defineScalar(
    name,
    oid,
    [anyarray, anyarray],
    anyarray,
    unspecialized as () => never,
    {
      specialize: ([type]) => ({
        ...generic,
        argumentTypes: [type!, type!],
        resultType: type!,
        evaluate: (left: SqlArray, right: SqlArray) => (direction * type!.compare(left, right) > 0 ? left : right),
      }),
    },
  );
  return generic;
}

export const arrayOrderFunctions: readonly ScalarFunction[] = [
  extremeArray('array_larger', 515, 1),
  extremeArray('array_smaller', 516, -1),
];
