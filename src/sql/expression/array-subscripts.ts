import { SqlArray } from '../../types/sql-array.ts';
import type { Value } from '../../types/value.ts';
import type { SliceShape } from './expression.ts';

/** NULL for a NULL subscript, outside the bounds, and for a wrong number of subscripts. */
export function arrayElement(array: SqlArray | null, subscripts: readonly (number | null)[]): Value {
  if (array === null || subscripts.includes(null)) return null;
  return array.at(...(subscripts as readonly number[]));
}

/**
 * The part of an array within bounds, which count from 1 then; empty where nothing is left. Dimensions without a slice
 * are taken whole. A bound that was written and is NULL makes the whole NULL.
 */
export function arraySlice(
  array: SqlArray | null,
  slices: readonly SliceShape[],
  bounds: readonly (number | null)[],
): SqlArray | null {
  if (array === null || bounds.includes(null)) return null;
  const { dimensions, lowerBounds } = array;
  if (slices.length > dimensions.length) return new SqlArray([]);
  const given = (bounds as readonly number[])[Symbol.iterator]();
  const ranges = dimensions.map((length, dimension) => {
    const first = lowerBounds[dimension];
    const slice = slices[dimension];
    const lower = slice?.hasLower === true ? (given.next().value as number) : first;
    const upper = slice?.hasUpper === true ? (given.next().value as number) : first + length - 1;
    return { start: Math.max(lower - first, 0), end: Math.min(upper - first, length - 1) + 1 };
  });
  if (ranges.some(({ start, end }) => start >= end)) return new SqlArray([]);
  let places = [0];
  for (const [dimension, { start, end }] of ranges.entries()) {
    const inner: number[] = [];
    for (const place of places) {
      for (let index = start; index < end; index++) inner.push(place * dimensions[dimension] + index);
    }
    places = inner;
  }
  return new SqlArray(
    places.map((place) => array.elements[place]),
    ranges.map(({ start, end }) => end - start),
  );
}
