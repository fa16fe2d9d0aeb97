import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { date } from '../../types/date.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import { canonicalInstant } from '../../types/instant.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { compareInt64 } from '../../types/int64.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import type { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { packTimetz, timetz, unpackTimetz } from '../../types/timetz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import type { FunctionEnvironment } from '../environment.ts';
import { addToInstant, addToLocal, midnightOf } from '../instant-arithmetic.ts';

/** Which way from the current row, and on which side of the place reached a value must lie. */
export interface RangeSide {
  /** The place is the current value minus the offset. */
  readonly isBack: boolean;
  /** Values up to the place; otherwise those from it on. */
  readonly isUpTo: boolean;
}

/**
 * How RANGE BETWEEN … PRECEDING AND … FOLLOWING measures distances between values of a sort key: PostgreSQL's in_range.
 */
export interface RangeOffset {
  readonly sortType: TypeDefinition;
  readonly offsetType: TypeDefinition;
  /** Throws 22013 for an offset that is negative or no number. */
  check(offset: Value): void;
  /** Whether `value` lies on that side of the place `offset` away from `current`. None of them is NULL. */
  isInRange(value: Value, current: Value, offset: Value, side: RangeSide, environment: FunctionEnvironment): boolean;
}

function invalidSize(): SqlError {
  return new SqlError(
    SqlState.InvalidPrecedingOrFollowingSize,
    'invalid preceding or following size in window function',
  );
}

const MAX_EXACT = 2 ** 53;

function integers(sortType: TypeDefinition, offsetType: TypeDefinition): RangeOffset {
  return {
    sortType,
    offsetType,
    check(offset) {
      if ((offset as Int64) < 0) throw invalidSize();
    },
    // A place beyond the type's range is beyond all of its values, which is what integers without a limit say.
    isInRange(value, current, offset, { isBack, isUpTo }) {
      let place: Int64 = Number.NaN;
      if (typeof current === 'number' && typeof offset === 'number')
        place = isBack ? current - offset : current + offset;
      if (!((place as number) > -MAX_EXACT && (place as number) < MAX_EXACT)) {
        const exact = BigInt(offset as Int64);
        place = BigInt(current as Int64) + (isBack ? -exact : exact);
      }
      return isUpTo ? (value as Int64) <= place : (value as Int64) >= place;
    },
  };
}

function floats(sortType: TypeDefinition): RangeOffset {
  return {
    sortType,
    offsetType: float8,
    check(offset) {
      if (!((offset as number) >= 0)) throw invalidSize();
    },
    isInRange(left, base, distance, { isBack, isUpTo }) {
      const [value, current, offset] = [left as number, base as number, distance as number];
      // NaN equals NaN and stands behind all numbers, however far the offset reaches.
      if (Number.isNaN(value)) return Number.isNaN(current) || !isUpTo;
      if (Number.isNaN(current)) return isUpTo;
      if (offset === Number.POSITIVE_INFINITY && Math.abs(current) === offset && current > 0 === isBack) return true;
      const place = isBack ? current - offset : current + offset;
      return isUpTo ? value <= place : value >= place;
    },
  };
}

const numerics: RangeOffset = {
  sortType: numeric,
  offsetType: numeric,
  check(offset) {
    const size = offset as Numeric;
    if (size.kind === 'nan' || size.sign() < 0) throw invalidSize();
  },
  isInRange(left, base, distance, { isBack, isUpTo }) {
    const [value, current, offset] = [left as Numeric, base as Numeric, distance as Numeric];
    if (value.kind === 'nan') return current.kind === 'nan' || !isUpTo;
    if (current.kind === 'nan') return isUpTo;
    if (!offset.isFinite && !current.isFinite && current.sign() > 0 === isBack) return true;
    const order = value.compare(isBack ? current.subtract(offset) : current.add(offset));
    return isUpTo ? order <= 0 : order >= 0;
  },
};

/** The place of an instant moved by an interval. */
type Shift = (current: Value, offset: Interval, environment: FunctionEnvironment) => Int64;

function instants(sortType: TypeDefinition, asInstant: (value: Value) => Int64, shift: Shift): RangeOffset {
  return {
    sortType,
    offsetType: interval,
    check(offset) {
      if ((offset as Interval).sign() < 0) throw invalidSize();
    },
    isInRange(value, current, offset, { isBack, isUpTo }, environment) {
      const distance = offset as Interval;
      const place = shift(asInstant(current), isBack ? distance.negate() : distance, environment);
      // Out of a column of wide instants infinity comes in another form.
      const order = compareInt64(canonicalInstant(asInstant(value)), place);
      return isUpTo ? order <= 0 : order >= 0;
    },
  };
}

const asIs = (value: Value): Int64 => value as Int64;

/** The months and days of an offset do not count, and the place may lie outside the day. */
const times: RangeOffset = {
  sortType: time,
  offsetType: interval,
  check(offset) {
    if ((offset as Interval).micros < 0) throw invalidSize();
  },
  isInRange(value, current, offset, { isBack, isUpTo }) {
    const micros = Number((offset as Interval).micros);
    const place = (current as number) + (isBack ? -micros : micros);
    return isUpTo ? (value as number) <= place : (value as number) >= place;
  },
};

/** The zone stays as it is, and breaks ties. */
const zonedTimes: RangeOffset = {
  ...times,
  sortType: timetz,
  isInRange(value, current, offset, { isBack, isUpTo }) {
    const { micros, secondsWest } = unpackTimetz(current as Int64);
    const distance = Number((offset as Interval).micros);
    const place = packTimetz({ micros: micros + (isBack ? -distance : distance), secondsWest });
    const order = compareInt64(value as Int64, place);
    return isUpTo ? order <= 0 : order >= 0;
  },
};

const intervals: RangeOffset = {
  sortType: interval,
  offsetType: interval,
  check(offset) {
    if ((offset as Interval).sign() < 0) throw invalidSize();
  },
  isInRange(value, current, offset, { isBack, isUpTo }) {
    const base = current as Interval;
    const place = isBack ? base.subtract(offset as Interval) : base.add(offset as Interval);
    const order = (value as Interval).compare(place);
    return isUpTo ? order <= 0 : order >= 0;
  },
};

/** In the order of PostgreSQL's catalog. */
const all: readonly RangeOffset[] = [
  instants(
    date,
    (value) => midnightOf(value as number),
    (current, offset) => addToLocal(current as Int64, offset),
  ),
  instants(timestamp, asIs, (current, offset) => addToLocal(current as Int64, offset)),
  instants(timestamptz, asIs, (current, offset, environment) =>
    addToInstant(current as Int64, offset, environment.typeContext.timeZone),
  ),
  floats(float4),
  floats(float8),
  integers(int8, int8),
  integers(int2, int8),
  integers(int2, int2),
  integers(int2, int4),
  integers(int4, int8),
  integers(int4, int2),
  integers(int4, int4),
  intervals,
  numerics,
  times,
  zonedTimes,
];

/** The ways that values of a sort key can be offset. */
export function rangeOffsetsOf(sortType: TypeDefinition): readonly RangeOffset[] {
  return all.filter((candidate) => candidate.sortType === sortType);
}
