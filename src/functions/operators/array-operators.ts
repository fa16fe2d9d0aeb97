import { invariant } from '../../errors/invariant.ts';
import { bool } from '../../types/bool.ts';
import { anyarray } from '../../types/pseudo-types.ts';
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
      const { evaluate } = familyOf(type.compare.bind(type))[symbol];
      return { ...generic, argumentTypes: [type, type], evaluate };
    },
  });
  return generic;
}

export const arrayOperators: readonly OperatorDefinition[] = [
  defineOperator('=', 1070, arrayComparison('=', 'array_eq', 744)),
  defineOperator('<>', 1071, arrayComparison('<>', 'array_ne', 390)),
  defineOperator('<', 1072, arrayComparison('<', 'array_lt', 391)),
  defineOperator('<=', 1074, arrayComparison('<=', 'array_le', 393)),
  defineOperator('>', 1073, arrayComparison('>', 'array_gt', 392)),
  defineOperator('>=', 1075, arrayComparison('>=', 'array_ge', 396)),
];
