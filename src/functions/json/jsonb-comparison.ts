import { int4 } from '../../types/int4.ts';
import { equalJsonb, jsonb } from '../../types/jsonb.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { type ComparisonFamily, comparisonOperators, familyOf } from '../operators/comparison.ts';

/** Equality is seldom a matter of parsing: see `equalJsonb`. */
const family: ComparisonFamily = {
  ...familyOf(jsonb.compare.bind(jsonb)),
  '=': { evaluate: equalJsonb },
  '<>': { evaluate: (left: string, right: string) => !equalJsonb(left, right) },
};

export const jsonbComparisonOperators: readonly OperatorDefinition[] = comparisonOperators(jsonb, jsonb, family, [
  ['jsonb_eq', 4043, 3240],
  ['jsonb_ne', 4038, 3241],
  ['jsonb_lt', 4039, 3242],
  ['jsonb_le', 4041, 3244],
  ['jsonb_gt', 4040, 3243],
  ['jsonb_ge', 4042, 3245],
]);

export const jsonbComparisonFunctions: readonly ScalarFunction[] = [
  defineScalar(
    'jsonb_cmp',
    4044,
    [jsonb, jsonb],
    int4,
    (left: string, right: string) => Math.sign(jsonb.compare(left, right)),
    total,
  ),
];
