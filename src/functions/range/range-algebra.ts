import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import {
  areAdjacent,
  type Bound,
  compareBounds,
  enclose,
  lowerBound,
  makeRange,
  type RangeSubtype,
  upperBound,
} from '../../types/range-bounds.ts';
import { SqlRange } from '../../types/sql-range.ts';
import type { Value } from '../../types/value.ts';

/*
 * What ranges of one type are to each other, and what they make together. The empty range is before, beside and over
 * nothing: it is only contained.
 */

export function containsValue({ subtype }: RangeSubtype, range: SqlRange, value: Value): boolean {
  if (range.isEmpty) return false;
  const { lower, upper, includesLower, includesUpper } = range;
  if (lower !== null) {
    const order = subtype.compare(lower, value);
    if (order > 0 || (order === 0 && !includesLower)) return false;
  }
  if (upper === null) return true;
  const order = subtype.compare(value, upper);
  return order < 0 || (order === 0 && includesUpper);
}

export function containsRange({ subtype }: RangeSubtype, outer: SqlRange, inner: SqlRange): boolean {
  if (inner.isEmpty) return true;
  return (
    !outer.isEmpty &&
    compareBounds(subtype, lowerBound(outer), lowerBound(inner)) <= 0 &&
    compareBounds(subtype, upperBound(outer), upperBound(inner)) >= 0
  );
}

export function overlap({ subtype }: RangeSubtype, left: SqlRange, right: SqlRange): boolean {
  return (
    !left.isEmpty &&
    !right.isEmpty &&
    compareBounds(subtype, lowerBound(left), upperBound(right)) <= 0 &&
    compareBounds(subtype, lowerBound(right), upperBound(left)) <= 0
  );
}

export function isBefore({ subtype }: RangeSubtype, left: SqlRange, right: SqlRange): boolean {
  return !left.isEmpty && !right.isEmpty && compareBounds(subtype, upperBound(left), lowerBound(right)) < 0;
}

/** Whether `left` goes no further up than `right`. */
export function endsNoLater({ subtype }: RangeSubtype, left: SqlRange, right: SqlRange): boolean {
  return !left.isEmpty && !right.isEmpty && compareBounds(subtype, upperBound(left), upperBound(right)) <= 0;
}

/** Whether `left` goes no further down than `right`. */
export function startsNoEarlier({ subtype }: RangeSubtype, left: SqlRange, right: SqlRange): boolean {
  return !left.isEmpty && !right.isEmpty && compareBounds(subtype, lowerBound(left), lowerBound(right)) >= 0;
}

export function touch(type: RangeSubtype, left: SqlRange, right: SqlRange): boolean {
  return (
    !left.isEmpty &&
    !right.isEmpty &&
    (areAdjacent(type, upperBound(left), lowerBound(right)) || areAdjacent(type, upperBound(right), lowerBound(left)))
  );
}

/** The smallest range that has both in it, with what lies between them. */
export function merge(type: RangeSubtype, left: SqlRange, right: SqlRange): SqlRange {
  if (left.isEmpty) return right;
  if (right.isEmpty) return left;
  return enclose(type, left, right);
}

/** Throws 22000 where something lies between the two. */
export function unite(type: RangeSubtype, left: SqlRange, right: SqlRange): SqlRange {
  if (!left.isEmpty && !right.isEmpty && !overlap(type, left, right) && !touch(type, left, right)) {
    throw notContiguous('union');
  }
  return merge(type, left, right);
}

export function intersect(type: RangeSubtype, left: SqlRange, right: SqlRange): SqlRange {
  if (!overlap(type, left, right)) return SqlRange.empty;
  const { subtype } = type;
  const startsLeft = compareBounds(subtype, lowerBound(left), lowerBound(right)) >= 0;
  const endsLeft = compareBounds(subtype, upperBound(left), upperBound(right)) <= 0;
  return makeRange(type, lowerBound(startsLeft ? left : right), upperBound(endsLeft ? left : right));
}

/** What of `left` is not in `right`. Throws 22000 where two pieces are left. */
export function subtract(type: RangeSubtype, left: SqlRange, right: SqlRange): SqlRange {
  const { below, above } = remainders(type, left, right);
  if (!below.isEmpty && !above.isEmpty) throw notContiguous('difference');
  return below.isEmpty ? above : below;
}

/** What of `left` lies below `right`, and what lies above it. */
export function remainders(
  type: RangeSubtype,
  left: SqlRange,
  right: SqlRange,
): { readonly below: SqlRange; readonly above: SqlRange } {
  if (!overlap(type, left, right)) return { below: left, above: SqlRange.empty };
  const { subtype } = type;
  const startsBelow = compareBounds(subtype, lowerBound(left), lowerBound(right)) < 0;
  const endsAbove = compareBounds(subtype, upperBound(left), upperBound(right)) > 0;
  return {
    below: startsBelow ? makeRange(type, lowerBound(left), opposite(lowerBound(right))) : SqlRange.empty,
    above: endsAbove ? makeRange(type, opposite(upperBound(right)), upperBound(left)) : SqlRange.empty,
  };
}

/** The end of what lies on the other side of a bound. */
function opposite({ value, isLower, isInclusive }: Bound): Bound {
  return { value, isLower: !isLower, isInclusive: !isInclusive };
}

function notContiguous(operation: 'union' | 'difference'): SqlError {
  return new SqlError(SqlState.DataException, `result of range ${operation} would not be contiguous`);
}
