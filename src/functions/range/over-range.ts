import { invariant } from '../../errors/invariant.ts';
import { isMultirange } from '../../types/multirange-type.ts';
import { isRange, type RangeDefinition } from '../../types/range-type.ts';
import { multirangeOver } from '../../types/ranges.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { isAnyMultirange, isAnyRange, isPolymorphic } from '../coercion.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** The range type that a range, or a set of ranges, among the arguments is of. */
export function rangeAmong(types: readonly TypeDefinition[]): RangeDefinition {
  for (const type of types) {
    if (isRange(type)) return type;
    if (isMultirange(type)) return type.range;
  }
  invariant(false, 'one of the arguments is a range or a multirange');
}

/** What a polymorphic type is where ranges of this type are meant. */
export function concreteType(declared: TypeDefinition, range: RangeDefinition): TypeDefinition {
  if (isAnyRange(declared)) return range;
  if (isAnyMultirange(declared)) return multirangeOver(range) ?? declared;
  return isPolymorphic(declared) ? range.subtype : declared;
}

/** A function whose signature says anyrange or anymultirange: `evaluate` is made once it is known which. */
export function overRange(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  resultType: TypeDefinition,
  // biome-ignore lint/suspicious/noExplicitAny: each function takes the scalars of its own argument types
  evaluateFor: (range: RangeDefinition) => (...values: any[]) => Value,
): ScalarFunction {
  const unspecialized = (): never => {
    invariant(false, 'overload resolution specializes functions of ranges');
    throw new Error();
  };
  const generic: ScalarFunction = defineScalar(name, oid, argumentTypes, resultType, unspecialized, {
    specialize: (actual) => {
      const range = rangeAmong(actual);
      return {
        ...generic,
        argumentTypes: actual,
        resultType: concreteType(resultType, range),
        evaluate: evaluateFor(range),
      };
    },
  });
  return generic;
}
