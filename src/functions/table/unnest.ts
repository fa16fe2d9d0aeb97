import { anyarray, anyelement } from '../../types/pseudo-types.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import type { Value } from '../../types/value.ts';
import type { TableFunction } from '../function-definition.ts';

/** The elements of an array of whatever shape, in row-major order. */
export const unnestFunctions: readonly TableFunction[] = [
  {
    kind: 'table',
    name: 'unnest',
    oid: 2331,
    argumentTypes: [anyarray],
    resultType: anyelement,
    columnName: 'unnest',
    rows: ([array]: readonly Value[]) => (array as SqlArray).elements,
  },
];
