import { type Column, type Validity, valueAt } from '../../columnar/column.ts';
import { canonicalInstant } from '../../types/instant.ts';
import type { Int64 } from '../../types/value.ts';

/**
 * 64-bit times, dates and integers as doubles that are in the same order: the nearest double of each, and by how much the
 * time is past it; without `rests` these are all 0. What stands at a NULL is undefined.
 */
export interface ExactTimes {
  readonly nearest: Float64Array;
  readonly rests: Float64Array | undefined;
  readonly validity: Validity;
}

export function exactTimes(column: Column, rowCount: number): ExactTimes {
  if (column.kind === 'number') return { nearest: column.values, rests: undefined, validity: column.validity };
  const nearest = new Float64Array(rowCount);
  const rests = new Float64Array(rowCount);
  const validity = new Uint8Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const value = valueAt(column, row);
    if (value === null) continue;
    validity[row] = 1;
    const time = canonicalInstant(value as Int64);
    nearest[row] = Number(time);
    if (typeof time === 'bigint') rests[row] = Number(time - BigInt(nearest[row]));
  }
  return { nearest, rests, validity };
}

/** Negative where the first is earlier. */
export function compareTimes(left: ExactTimes, leftRow: number, right: ExactTimes, rightRow: number): number {
  const difference = left.nearest[leftRow] - right.nearest[rightRow];
  // Two infinities of one sign are equal, and their difference is not a number.
  if (difference !== 0 && left.nearest[leftRow] !== right.nearest[rightRow]) return difference;
  return (left.rests?.[leftRow] ?? 0) - (right.rests?.[rightRow] ?? 0);
}
