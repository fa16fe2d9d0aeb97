import { bool } from '../../types/bool.ts';
import { date } from '../../types/date.ts';
import { float8 } from '../../types/float8.ts';
import { DATE_INFINITY_MARK, DATE_NEGATIVE_INFINITY_MARK, isFiniteInstant } from '../../types/instant.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { anyelement, anymultirange, anyrange } from '../../types/pseudo-types.ts';
import type { RangeDefinition } from '../../types/range-type.ts';
import { multirangeOver, rangePairs } from '../../types/ranges.ts';
import type { SqlMultirange, SqlRange } from '../../types/sql-range.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction, TableFunction } from '../function-definition.ts';
import { spanOf } from './multirange-algebra.ts';
import { overRange } from './over-range.ts';
import { merge } from './range-algebra.ts';

/** A function of a range, and of a set of ranges: by its first range or by its last one. */
function ofEnds(
  name: string,
  [rangeOid, multirangeOid]: readonly [number, number],
  end: 'first' | 'last',
  resultType: TypeDefinition,
  evaluate: (range: SqlRange) => Value,
): ScalarFunction[] {
  return [
    overRange(name, rangeOid, [anyrange], resultType, () => evaluate),
    overRange(name, multirangeOid, [anymultirange], resultType, () => (set: SqlMultirange) => evaluate(set[end])),
  ];
}

const canonical = (name: string, oid: number, type: RangeDefinition): ScalarFunction =>
  defineScalar(name, oid, [type], type, (range: SqlRange) => range, total);

const canonicalOids = new Map([
  ['int4range', 3914],
  ['daterange', 3915],
  ['int8range', 3928],
]);

/** Ranges are in their canonical form from the start. */
const canonicalFunctions: readonly ScalarFunction[] = rangePairs.flatMap(({ range }) => {
  const oid = canonicalOids.get(range.name);
  return oid === undefined ? [] : [canonical(`${range.name}_canonical`, oid, range)];
});

const INSTANT_INFINITY = 2 ** 63;

function dayNumber(day: number): number {
  if (Number.isFinite(day)) return day;
  return day > 0 ? DATE_INFINITY_MARK : DATE_NEGATIVE_INFINITY_MARK;
}

function microsOf(instant: Int64): number {
  if (isFiniteInstant(instant)) return Number(instant);
  return instant > 0 ? INSTANT_INFINITY : -INSTANT_INFINITY;
}

const secondsBetween = (left: Int64, right: Int64): number => (microsOf(left) - microsOf(right)) / 1_000_000;

/** How far two bounds lie apart, as a double. */
const differences: readonly ScalarFunction[] = [
  defineScalar('int4range_subdiff', 3922, [int4, int4], float8, (left: number, right: number) => left - right, total),
  defineScalar(
    'int8range_subdiff',
    3923,
    [int8, int8],
    float8,
    (left: Int64, right: Int64) => Number(left) - Number(right),
    total,
  ),
  defineScalar('numrange_subdiff', 3924, [numeric, numeric], float8, (left: Numeric, right: Numeric) =>
    float8.parse(left.subtract(right).toString(), neutralContext, -1),
  ),
  defineScalar(
    'daterange_subdiff',
    3925,
    [date, date],
    float8,
    (left: number, right: number) => dayNumber(left) - dayNumber(right),
    total,
  ),
  defineScalar('tsrange_subdiff', 3929, [timestamp, timestamp], float8, secondsBetween, total),
  defineScalar('tstzrange_subdiff', 3930, [timestamptz, timestamptz], float8, secondsBetween, total),
];

/** What is asked of one range, or of two. */
export const rangeFunctions: readonly ScalarFunction[] = [
  ...ofEnds('lower', [3848, 4235], 'first', anyelement, ({ lower }) => lower),
  ...ofEnds('upper', [3849, 4236], 'last', anyelement, ({ upper }) => upper),
  ...ofEnds('isempty', [3850, 4237], 'first', bool, ({ isEmpty }) => isEmpty),
  ...ofEnds('lower_inc', [3851, 4238], 'first', bool, ({ includesLower }) => includesLower),
  ...ofEnds('upper_inc', [3852, 4239], 'last', bool, ({ includesUpper }) => includesUpper),
  ...ofEnds('lower_inf', [3853, 4240], 'first', bool, ({ lower, isEmpty }) => lower === null && !isEmpty),
  ...ofEnds('upper_inf', [3854, 4241], 'last', bool, ({ upper, isEmpty }) => upper === null && !isEmpty),
  overRange(
    'range_merge',
    4057,
    [anyrange, anyrange],
    anyrange,
    (type) => (left: SqlRange, right: SqlRange) => merge(type, left, right),
  ),
  overRange('range_merge', 4228, [anymultirange], anyrange, (type) => (set: SqlMultirange) => spanOf(type, set)),
  overRange(
    'range_cmp',
    3870,
    [anyrange, anyrange],
    int4,
    (type) => (left: SqlRange, right: SqlRange) => Math.sign(type.compare(left, right)),
  ),
  overRange('multirange_cmp', 4273, [anymultirange, anymultirange], int4, (type) => {
    const multirange = multirangeOver(type);
    return (left: SqlMultirange, right: SqlMultirange) => Math.sign(multirange?.compare(left, right) ?? 0);
  }),
  ...canonicalFunctions,
  ...differences,
];

/** The ranges of a multirange, in ascending order. */
export const rangeTables: readonly TableFunction[] = [
  {
    kind: 'table',
    name: 'unnest',
    oid: 1293,
    argumentTypes: [anymultirange],
    resultType: anyrange,
    columnName: 'unnest',
    rows: ([set]: readonly Value[]) => (set as SqlMultirange).ranges,
  },
];
