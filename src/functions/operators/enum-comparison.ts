import { anyenum } from '../../types/pseudo-types.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { comparisonOperators, plain } from './comparison.ts';

/** Enums are the sort orders of their labels: plain numbers. */
export const enumOperators: readonly OperatorDefinition[] = comparisonOperators(anyenum, anyenum, plain, [
  ['enum_eq', 3508, 3516],
  ['enum_ne', 3509, 3517],
  ['enum_lt', 3510, 3518],
  ['enum_le', 3512, 3520],
  ['enum_gt', 3511, 3519],
  ['enum_ge', 3513, 3521],
]);
