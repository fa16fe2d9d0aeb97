import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { SqlArray } from '../../types/sql-array.ts';
import type { Value } from '../../types/value.ts';

/** Which bounds of a slice were written. */
interface WrittenBounds {
  readonly hasLower: boolean;
  readonly hasUpper: boolean;
}

type Subscripts = readonly (number | null)[];

function subscriptError(message: string, detail?: string): SqlError {
  return new SqlError(SqlState.ArraySubscriptError, message, { detail });
}

function required(subscripts: Subscripts): readonly number[] {
  if (subscripts.includes(null)) {
    throw new SqlError(SqlState.NullValueNotAllowed, 'array subscript in assignment must not be null');
  }
  return subscripts as readonly number[];
}

/**
 * The array with another element. An array of one dimension grows at either end, with NULLs in the gap; without elements
 * it begins at the subscript. Throws 2202E outside the bounds of more dimensions.
 */
export function withElement(array: SqlArray | null, value: Value, subscripts: Subscripts): SqlArray {
  const places = required(subscripts);
  if (array === null || array.isEmpty) {
    return new SqlArray(
      [value],
      places.map(() => 1),
      places,
    );
  }
  if (places.length !== array.dimensions.length) throw subscriptError('wrong number of array subscripts');
  if (places.length === 1) {
    return withRange(array, new SqlArray([value]), places[0], places[0]);
  }
  const elements = array.elements.slice();
  elements[placeOf(array, places)] = value;
  return new SqlArray(elements, array.dimensions, array.lowerBounds);
}

function placeOf({ dimensions, lowerBounds }: SqlArray, subscripts: readonly number[]): number {
  let place = 0;
  for (const [dimension, subscript] of subscripts.entries()) {
    const offset = subscript - lowerBounds[dimension];
    if (offset < 0 || offset >= dimensions[dimension]) throw subscriptError('array subscript out of range');
    place = place * dimensions[dimension] + offset;
  }
  return place;
}

/** Of one dimension: the elements from `lower` to `upper` replaced, NULLs where neither array has one. */
function withRange(array: SqlArray, source: SqlArray, lower: number, upper: number): SqlArray {
  const first = array.lowerBounds[0];
  const last = first + array.dimensions[0] - 1;
  const start = Math.min(first, lower);
  const end = Math.max(last, upper);
  // The constructor refuses sizes beyond PostgreSQL's; nothing is made before.
  if (end - start >= MAX_ELEMENTS) {
    throw new SqlError(SqlState.ProgramLimitExceeded, `array size exceeds the maximum allowed (${MAX_ELEMENTS})`);
  }
  const elements: Value[] = new Array<Value>(end - start + 1).fill(null);
  for (const [at, element] of array.elements.entries()) elements[first - start + at] = element;
  for (let at = lower; at <= upper; at++) elements[at - start] = source.elements[at - lower];
  return new SqlArray(elements, [elements.length], [start]);
}

const MAX_ELEMENTS = 134_217_727;

/**
 * The array with a part replaced by the first elements of another one; a NULL in its place changes nothing. Throws 2202E
 * where the source is too small, and outside the bounds of more dimensions than one.
 */
export function withSlice(
  array: SqlArray | null,
  source: SqlArray | null,
  slices: readonly WrittenBounds[],
  bounds: Subscripts,
): SqlArray | null {
  const given = required(bounds)[Symbol.iterator]();
  const written = slices.map(({ hasLower, hasUpper }) => ({
    lower: hasLower ? (given.next().value as number) : undefined,
    upper: hasUpper ? (given.next().value as number) : undefined,
  }));
  if (source === null) return array;
  const isNew = array === null || array.isEmpty;
  const dimensionCount = isNew ? slices.length : array.dimensions.length;
  if (slices.length > dimensionCount) throw subscriptError('wrong number of array subscripts');
  const ranges: { readonly lower: number; readonly upper: number }[] = [];
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const { lower, upper } = written[dimension] ?? {};
    if (isNew && (lower === undefined || upper === undefined)) {
      throw subscriptError(
        'array slice subscript must provide both boundaries',
        'When assigning to a slice of an empty array value, slice boundaries must be fully specified.',
      );
    }
    const first = isNew ? 1 : array.lowerBounds[dimension];
    const range = { lower: lower ?? first, upper: upper ?? first + (array?.dimensions[dimension] ?? 1) - 1 };
    if (range.lower > range.upper && (isNew || dimensionCount > 1 || range.lower > range.upper + 1)) {
      throw subscriptError('upper bound cannot be less than lower bound');
    }
    ranges.push(range);
  }
  const size = ranges.reduce((product, { lower, upper }) => product * (upper - lower + 1), 1);
  if (size > source.elements.length) throw subscriptError('source array too small');
  if (isNew) {
    return new SqlArray(
      source.elements.slice(0, size),
      ranges.map(({ lower, upper }) => upper - lower + 1),
      ranges.map(({ lower }) => lower),
    );
  }
  if (dimensionCount === 1) return withRange(array, source, ranges[0].lower, ranges[0].upper);
  return withBlock(array, source, ranges);
}

/** Of more dimensions: the elements of a block, which must lie inside. */
function withBlock(
  array: SqlArray,
  source: SqlArray,
  ranges: readonly { readonly lower: number; readonly upper: number }[],
): SqlArray {
  const elements = array.elements.slice();
  const subscripts = ranges.map(({ lower }) => lower);
  placeOf(
    array,
    ranges.map(({ upper }) => upper),
  );
  for (const element of source.elements) {
    elements[placeOf(array, subscripts)] = element;
    let dimension = ranges.length - 1;
    while (dimension >= 0 && subscripts[dimension] === ranges[dimension].upper) {
      subscripts[dimension] = ranges[dimension].lower;
      dimension -= 1;
    }
    if (dimension < 0) break;
    subscripts[dimension] += 1;
  }
  return new SqlArray(elements, array.dimensions, array.lowerBounds);
}
