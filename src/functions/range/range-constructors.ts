import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { type MultirangeDefinition, makeMultirange } from '../../types/multirange-type.ts';
import { anymultirange, anyrange } from '../../types/pseudo-types.ts';
import { makeRange } from '../../types/range-bounds.ts';
import type { RangeDefinition } from '../../types/range-type.ts';
import { rangePairs } from '../../types/ranges.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import { SqlMultirange, type SqlRange } from '../../types/sql-range.ts';
import { text } from '../../types/string-types.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { multirangeOids, rangeOids } from './constructor-oids.ts';
import { asMultirange } from './multirange-algebra.ts';
import { overRange } from './over-range.ts';

const FLAGS = /^[[(][\])]$/;

function between(type: RangeDefinition, lower: Value, upper: Value, flags: string | null): SqlRange {
  if (flags === null) {
    throw new SqlError(SqlState.DataException, 'range constructor flags argument must not be null');
  }
  if (!FLAGS.test(flags)) {
    throw new SqlError(SqlState.SyntaxError, 'invalid range bound flags', {
      hint: 'Valid values are "[]", "[)", "(]", and "()".',
    });
  }
  return makeRange(
    type,
    { value: lower, isLower: true, isInclusive: flags.startsWith('[') },
    { value: upper, isLower: false, isInclusive: flags.endsWith(']') },
  );
}

/** NULL is a bound that is not there; without flags the lower bound belongs to the range and the upper one does not. */
function rangeConstructors(type: RangeDefinition): ScalarFunction[] {
  const { name, subtype } = type;
  const [twoOid, threeOid] = rangeOids[name] ?? [0, 0];
  const options = { handlesNull: true };
  return [
    defineScalar(
      name,
      twoOid,
      [subtype, subtype],
      type,
      (lower: Value, upper: Value) => between(type, lower, upper, '[)'),
      options,
    ),
    defineScalar(
      name,
      threeOid,
      [subtype, subtype, text],
      type,
      (lower: Value, upper: Value, flags: string | null) => between(type, lower, upper, flags),
      options,
    ),
  ];
}

function refuseNesting({ dimensions }: SqlArray): void {
  if (dimensions.length <= 1) return;
  throw new SqlError(SqlState.CardinalityViolation, 'multiranges cannot be constructed from multidimensional arrays');
}

function setOf(type: RangeDefinition, ranges: readonly (SqlRange | null)[]): SqlMultirange {
  const present = ranges.filter((range) => range !== null);
  if (present.length < ranges.length) {
    throw new SqlError(SqlState.NullValueNotAllowed, 'multirange values cannot contain null members');
  }
  return makeMultirange(type, present);
}

function multirangeConstructors(type: MultirangeDefinition): ScalarFunction[] {
  const { name, range } = type;
  const [emptyOid, singleOid, manyOid] = multirangeOids[name] ?? [0, 0, 0];
  return [
    defineScalar(name, emptyOid, [], type, () => SqlMultirange.empty, total),
    defineScalar(name, singleOid, [range], type, asMultirange, total),
    defineScalar(name, manyOid, [range], type, (...ranges: (SqlRange | null)[]) => setOf(range, ranges), {
      isVariadic: true,
      handlesNull: true,
      checkVariadic: refuseNesting,
    }),
  ];
}

export const rangeConstructorFunctions: readonly ScalarFunction[] = [
  ...rangePairs.flatMap(({ range, multirange }) => [
    ...rangeConstructors(range),
    ...multirangeConstructors(multirange),
  ]),
  overRange('multirange', 4298, [anyrange], anymultirange, () => asMultirange),
];
