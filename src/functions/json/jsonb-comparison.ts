import { compareUtf8 } from '../../types/compare-utf8.ts';
import { int4 } from '../../types/int4.ts';
import { compareJsonNodes, readJsonNode } from '../../types/json-node.ts';
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

/** Where texts decide, PostgreSQL tells how far apart their first bytes are that differ; behind a text stands a zero. */
function compareJsonb(left: string, right: string): number {
  let distance: number | undefined;
  const order = compareJsonNodes(readJsonNode(left), readJsonNode(right), (a, b) => {
    const verdict = compareUtf8(a, b);
    if (verdict !== 0) distance = byteDistance(Buffer.from(a), Buffer.from(b));
    return verdict;
  });
  return distance ?? Math.sign(order);
}

function byteDistance(left: Uint8Array, right: Uint8Array): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  return (left[at] ?? 0) - (right[at] ?? 0);
}

export const jsonbComparisonFunctions: readonly ScalarFunction[] = [
  defineScalar('jsonb_cmp', 4044, [jsonb, jsonb], int4, compareJsonb, total),
];
