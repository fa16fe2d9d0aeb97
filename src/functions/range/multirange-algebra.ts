import { makeMultirange } from '../../types/multirange-type.ts';
import { areAdjacent, lowerBound, makeRange, type RangeSubtype, upperBound } from '../../types/range-bounds.ts';
import { SqlMultirange, type SqlRange } from '../../types/sql-range.ts';
import type { Value } from '../../types/value.ts';
import { containsRange, containsValue, intersect, isBefore, overlap, remainders } from './range-algebra.ts';

/*
 * Sets of ranges against each other. A range takes part as the set of itself, so that one function does for all four
 * pairings.
 */

/** A range as a set of one range, or none. */
export function asMultirange(value: SqlRange | SqlMultirange): SqlMultirange {
  if (value instanceof SqlMultirange) return value;
  return value.isEmpty ? SqlMultirange.empty : new SqlMultirange([value]);
}

/** From the first bound to the last. */
export function spanOf(type: RangeSubtype, set: SqlMultirange): SqlRange {
  if (set.ranges.length < 2) return set.first;
  return makeRange(type, lowerBound(set.first), upperBound(set.last));
}

export function setContainsValue(type: RangeSubtype, set: SqlMultirange, value: Value): boolean {
  const at = firstNotBelow(set, (range) => {
    const { upper, includesUpper } = range;
    if (upper === null) return false;
    const order = type.subtype.compare(upper, value);
    return order < 0 || (order === 0 && !includesUpper);
  });
  return at < set.ranges.length && containsValue(type, set.ranges[at]!, value);
}

/** Whether every range of `inner` lies within one of `outer`. */
export function setContainsSet(type: RangeSubtype, outer: SqlMultirange, inner: SqlMultirange): boolean {
  let at = 0;
  return inner.ranges.every((range) => {
    while (at < outer.ranges.length && isBefore(type, outer.ranges[at]!, range)) at++;
    return at < outer.ranges.length && containsRange(type, outer.ranges[at]!, range);
  });
}

export function setsOverlap(type: RangeSubtype, left: SqlMultirange, right: SqlMultirange): boolean {
  let at = 0;
  return right.ranges.some((range) => {
    while (at < left.ranges.length && isBefore(type, left.ranges[at]!, range)) at++;
    return at < left.ranges.length && overlap(type, left.ranges[at]!, range);
  });
}

/** Whether one ends where the other one begins. */
export function setsTouch(type: RangeSubtype, left: SqlMultirange, right: SqlMultirange): boolean {
  if (left.isEmpty || right.isEmpty) return false;
  return (
    areAdjacent(type, upperBound(left.last), lowerBound(right.first)) ||
    areAdjacent(type, upperBound(right.last), lowerBound(left.first))
  );
}

export function uniteSets(type: RangeSubtype, left: SqlMultirange, right: SqlMultirange): SqlMultirange {
  if (left.isEmpty) return right;
  if (right.isEmpty) return left;
  return makeMultirange(type, [...left.ranges, ...right.ranges]);
}

export function intersectSets(type: RangeSubtype, left: SqlMultirange, right: SqlMultirange): SqlMultirange {
  const shared: SqlRange[] = [];
  let from = 0;
  for (const range of left.ranges) {
    while (from < right.ranges.length && isBefore(type, right.ranges[from]!, range)) from++;
    for (let at = from; at < right.ranges.length && overlap(type, right.ranges[at]!, range); at++) {
      shared.push(intersect(type, range, right.ranges[at]!));
    }
  }
  return makeMultirange(type, shared);
}

/** What of `left` is in no range of `right`. */
export function subtractSets(type: RangeSubtype, left: SqlMultirange, right: SqlMultirange): SqlMultirange {
  const pieces: SqlRange[] = [];
  let from = 0;
  for (const range of left.ranges) {
    while (from < right.ranges.length && isBefore(type, right.ranges[from]!, range)) from++;
    let rest = range;
    for (let at = from; at < right.ranges.length && overlap(type, right.ranges[at]!, rest); at++) {
      const { below, above } = remainders(type, rest, right.ranges[at]!);
      if (!below.isEmpty) pieces.push(below);
      rest = above;
    }
    if (!rest.isEmpty) pieces.push(rest);
  }
  return makeMultirange(type, pieces);
}

/** The place of the first range that is not below; as many as there are when all are. */
function firstNotBelow({ ranges }: SqlMultirange, isBelow: (range: SqlRange) => boolean): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(ranges[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
