import { int4 } from '../../types/int4.ts';
import { tid } from '../../types/tid.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** Of places of rows: what min and max, and indexes, are made of. */
export const tidFunctions: readonly ScalarFunction[] = [
  defineScalar('tidlarger', 2795, [tid, tid], tid, (left: number, right: number) => Math.max(left, right), total),
  defineScalar('tidsmaller', 2796, [tid, tid], tid, (left: number, right: number) => Math.min(left, right), total),
  defineScalar('bttidcmp', 2794, [tid, tid], int4, (left: number, right: number) => Math.sign(left - right), total),
];
