import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { SqlRange } from './sql-range.ts';
import type { TypeDefinition } from './type-definition.ts';
import type { Value } from './value.ts';

/** What orders and steps through the values of a range. */
export interface RangeSubtype {
  readonly subtype: TypeDefinition;
  /**
   * Of discrete types: the next value, the value itself for what has none (infinite dates). Ranges over them are written
   * `[a,b)`. Throws 22003 or 22008 past the last value.
   */
  readonly next?: (value: Value) => Value;
}

/** One end of a range: a value (null: unbounded) that belongs to it or not. */
export interface Bound {
  readonly value: Value;
  readonly isLower: boolean;
  readonly isInclusive: boolean;
}

export function lowerBound({ lower, includesLower }: SqlRange): Bound {
  return { value: lower, isLower: true, isInclusive: includesLower };
}

export function upperBound({ upper, includesUpper }: SqlRange): Bound {
  return { value: upper, isLower: false, isInclusive: includesUpper };
}

/** -1 before all values, 1 behind them, 0 for a bound that has a value. */
function infinityOf({ value, isLower }: Bound): number {
  if (value !== null) return 0;
  return isLower ? -1 : 1;
}

/** How far beside its value a bound lies: one that excludes it is a hair inside. */
function offsetOf({ isLower, isInclusive }: Bound): number {
  if (isInclusive) return 0;
  return isLower ? 1 : -1;
}

/** The order of the values of two bounds, whether they are included or not. */
export function compareBoundValues(subtype: TypeDefinition, left: Bound, right: Bound): number {
  if (left.value !== null && right.value !== null) return subtype.compare(left.value, right.value);
  return infinityOf(left) - infinityOf(right);
}

/** The order of two bounds: `(1` comes after `[1`, `1)` before `1]`, and `1)` before `(1`. */
export function compareBounds(subtype: TypeDefinition, left: Bound, right: Bound): number {
  const order = compareBoundValues(subtype, left, right);
  if (order !== 0 || left.value === null) return order;
  return offsetOf(left) - offsetOf(right);
}

/** The empty range first, then by lower and by upper bounds. */
export function compareRanges(subtype: TypeDefinition, left: SqlRange, right: SqlRange): number {
  if (left.isEmpty || right.isEmpty) return Number(right.isEmpty) - Number(left.isEmpty);
  return (
    compareBounds(subtype, lowerBound(left), lowerBound(right)) ||
    compareBounds(subtype, upperBound(left), upperBound(right))
  );
}

/** A range between two bounds in its canonical form. Throws 22000 when they stand the wrong way round, else as `next`. */
export function makeRange({ subtype, next }: RangeSubtype, lower: Bound, upper: Bound): SqlRange {
  const order = compareBoundValues(subtype, lower, upper);
  if (order > 0) {
    throw new SqlError(SqlState.DataException, 'range lower bound must be less than or equal to range upper bound');
  }
  if (order === 0 && !(lower.isInclusive && upper.isInclusive)) return SqlRange.empty;
  let [from, to] = [lower.value, upper.value];
  let includesLower = from !== null && lower.isInclusive;
  let includesUpper = to !== null && upper.isInclusive;
  if (next === undefined) return new SqlRange(from, to, { includesLower, includesUpper });
  if (from !== null && !includesLower) {
    const following = next(from);
    includesLower = following !== from;
    from = following;
  }
  if (to !== null && includesUpper) {
    const following = next(to);
    includesUpper = following === to;
    to = following;
  }
  if (from !== null && to !== null && subtype.compare(from, to) === 0 && !(includesLower && includesUpper)) {
    return SqlRange.empty;
  }
  return new SqlRange(from, to, { includesLower, includesUpper });
}

/** Whether an upper bound ends where a lower one begins, with nothing between them and nothing in both. */
export function areAdjacent(type: RangeSubtype, upper: Bound, lower: Bound): boolean {
  const order = compareBoundValues(type.subtype, upper, lower);
  if (order > 0) return false;
  if (order === 0) return upper.isInclusive !== lower.isInclusive;
  // Between continuous values there is always another one.
  if (type.next === undefined) return false;
  const between = makeRange(
    type,
    { value: upper.value, isLower: true, isInclusive: !upper.isInclusive },
    { value: lower.value, isLower: false, isInclusive: !lower.isInclusive },
  );
  return between.isEmpty;
}

/** From the lower of the first bounds to the higher of the last ones of two ranges that are not empty; of equal ones (1 and 1.0) those of `right` count. */
export function enclose(type: RangeSubtype, left: SqlRange, right: SqlRange): SqlRange {
  const { subtype } = type;
  const startsLeft = compareBounds(subtype, lowerBound(left), lowerBound(right)) < 0;
  const endsLeft = compareBounds(subtype, upperBound(left), upperBound(right)) > 0;
  return makeRange(type, lowerBound(startsLeft ? left : right), upperBound(endsLeft ? left : right));
}
