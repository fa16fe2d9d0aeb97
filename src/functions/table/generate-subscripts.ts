import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { anyarray } from '../../types/pseudo-types.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import type { Value } from '../../types/value.ts';
import type { TableFunction } from '../function-definition.ts';

/** The subscripts of a dimension, counted from 1; none where the array has no such dimension. */
function* subscripts([array, dimension, isReversed = false]: readonly Value[]): Generator<number> {
  const { dimensions, lowerBounds } = array as SqlArray;
  const at = (dimension as number) - 1;
  if (at < 0 || at >= dimensions.length) return;
  const lower = lowerBounds[at];
  const length = dimensions[at];
  for (let step = 0; step < length; step++) yield isReversed === true ? lower + length - 1 - step : lower + step;
}

const identity = { kind: 'table', name: 'generate_subscripts', columnName: 'generate_subscripts' } as const;

export const generateSubscriptsFunctions: readonly TableFunction[] = [
  { ...identity, oid: 1191, argumentTypes: [anyarray, int4, bool], resultType: int4, rows: subscripts },
  { ...identity, oid: 1192, argumentTypes: [anyarray, int4], resultType: int4, rows: subscripts },
];
