import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { date } from './date.ts';
import { END_DATE } from './instant.ts';
import { int4 } from './int4.ts';
import { int8 } from './int8.ts';
import { addInt64 } from './int64.ts';
import { type MultirangeDefinition, multirangeType } from './multirange-type.ts';
import { numeric } from './numeric-type.ts';
import { type RangeDefinition, type RangeIdentity, rangeType } from './range-type.ts';
import { timestamp } from './timestamp.ts';
import { timestamptz } from './timestamptz.ts';
import type { Int64, Value } from './value.ts';

const INT4_MAX = 2_147_483_647;

function nextInteger(value: Value): number {
  if (value === INT4_MAX) throw new SqlError(SqlState.NumericValueOutOfRange, 'integer out of range');
  return (value as number) + 1;
}

function nextBigInteger(value: Value): Int64 {
  return addInt64(value as Int64, 1);
}

/** The infinities have no next day. */
function nextDay(value: Value): Value {
  const day = value as number;
  if (!Number.isFinite(day)) return value;
  if (day + 1 >= END_DATE) throw new SqlError(SqlState.DatetimeFieldOverflow, 'date out of range');
  return day + 1;
}

/** A range type and its multirange type. */
interface RangePair {
  readonly range: RangeDefinition;
  readonly multirange: MultirangeDefinition;
}

function pair(range: RangeIdentity, multirangeArrayOid: number): RangePair {
  const definition = rangeType(range);
  return {
    range: definition,
    multirange: multirangeType({
      oid: range.multirangeOid,
      arrayOid: multirangeArrayOid,
      name: range.name.replace('range', 'multirange'),
      range: definition,
    }),
  };
}

/** The range types that are built in. */
export const rangePairs: readonly RangePair[] = [
  pair({ oid: 3904, arrayOid: 3905, multirangeOid: 4451, name: 'int4range', subtype: int4, next: nextInteger }, 6150),
  pair({ oid: 3906, arrayOid: 3907, multirangeOid: 4532, name: 'numrange', subtype: numeric }, 6151),
  pair({ oid: 3908, arrayOid: 3909, multirangeOid: 4533, name: 'tsrange', subtype: timestamp }, 6152),
  pair({ oid: 3910, arrayOid: 3911, multirangeOid: 4534, name: 'tstzrange', subtype: timestamptz }, 6153),
  pair({ oid: 3912, arrayOid: 3913, multirangeOid: 4535, name: 'daterange', subtype: date, next: nextDay }, 6155),
  pair(
    { oid: 3926, arrayOid: 3927, multirangeOid: 4536, name: 'int8range', subtype: int8, next: nextBigInteger },
    6157,
  ),
];

const multiranges = new Map(rangePairs.map(({ range, multirange }) => [range.oid, multirange]));

/** The type of sets of such ranges. */
export function multirangeOver(range: RangeDefinition): MultirangeDefinition | undefined {
  return multiranges.get(range.oid);
}
