import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { networkOf } from '../../src/types/inet.ts';
import { toInt64 } from '../../src/types/int64.ts';
import { Interval } from '../../src/types/interval.ts';
import { canonicalJson } from '../../src/types/jsonb.ts';
import { type MultirangeDefinition, makeMultirange } from '../../src/types/multirange-type.ts';
import { Numeric } from '../../src/types/numeric.ts';
import { makeRange } from '../../src/types/range-bounds.ts';
import type { RangeDefinition } from '../../src/types/range-type.ts';
import { SqlArray } from '../../src/types/sql-array.ts';
import type { SqlMultirange, SqlRange } from '../../src/types/sql-range.ts';
import { timeZone, UTC } from '../../src/types/time-zone.ts';
import { packTimetz } from '../../src/types/timetz.ts';
import type { TypeContext, TypeDefinition } from '../../src/types/type-definition.ts';
import { typeByName } from '../../src/types/type-registry.ts';
import type { Value } from '../../src/types/value.ts';
import { vectorOf } from '../../src/types/vector-types.ts';
import { typeContext } from '../support/type-context.ts';
import { binaryForm } from '../support/type-forms.ts';

const int2s = fc.integer({ min: -32_768, max: 32_767 });
const int4s = fc.integer({ min: -2_147_483_648, max: 2_147_483_647 });
const uint32s = fc.integer({ min: 0, max: 4_294_967_295 });
const int8s = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(toInt64);
const doubles = fc.double();
const texts = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
const infinities = fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const instants = fc.oneof(
  fc.bigInt({ min: -211_813_488_000_000_000n, max: 9_223_371_331_199_999_999n }).map(toInt64),
  fc.integer({ min: -(10 ** 15), max: 10 ** 15 }),
  infinities,
);
const numerics = fc.oneof(
  fc
    .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 30 }))
    .map(([unscaled, scale]) => Numeric.of(unscaled, scale)),
  fc.constantFrom(Numeric.NaN, Numeric.Infinity, Numeric.NegativeInfinity),
);
const intervals = fc
  .tuple(int4s, int4s, fc.oneof(int8s, fc.integer({ min: -(10 ** 12), max: 10 ** 12 })))
  .map(([months, days, micros]) => new Interval(months, days, micros));
/** Without the lowest limits: some styles write a sign apart from its number, which then has no room. */
const invertibleIntervals = intervals.filter(
  ({ months, days, micros }) => months > -2_147_483_648 && days > -2_147_483_648 && micros > -(2n ** 63n),
);
const uuids = fc.uuid();
const documents = fc
  .json({ stringUnit: 'grapheme' })
  .filter((text) => !text.includes('\\u0000'))
  .map(canonicalJson);
const timesWithZone = fc
  .record({
    micros: fc.integer({ min: 0, max: 86_400_000_000 }),
    secondsWest: fc.integer({ min: -57_599, max: 57_599 }),
  })
  .map(packTimetz);

function arraysOf(elements: fc.Arbitrary<Value>): fc.Arbitrary<SqlArray> {
  return fc.oneof(
    fc.array(fc.option(elements), { maxLength: 6 }).map((items) => new SqlArray(items)),
    fc
      .tuple(fc.array(elements, { minLength: 6, maxLength: 6 }), fc.integer({ min: -5, max: 5 }))
      .map(([items, bound]) => new SqlArray(items, [2, 3], [bound, 1])),
  );
}

function typeNamed(name: string): TypeDefinition {
  const type = typeByName(name);
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
}

/** Any two bounds, the right way round. */
function rangesOf(name: string, bounds: fc.Arbitrary<Value>): fc.Arbitrary<SqlRange> {
  const type = typeNamed(name) as RangeDefinition;
  const ends = fc.record({ value: fc.option(bounds), isInclusive: fc.boolean() });
  return fc.tuple(ends, ends).map(([one, other]) => {
    const isTurned = one.value !== null && other.value !== null && type.subtype.compare(one.value, other.value) > 0;
    const [lower, upper] = isTurned ? [other, one] : [one, other];
    return makeRange(type, { ...lower, isLower: true }, { ...upper, isLower: false });
  });
}

function multirangesOf(name: string, ranges: fc.Arbitrary<SqlRange>): fc.Arbitrary<SqlMultirange> {
  const { range } = typeNamed(name) as MultirangeDefinition;
  return fc.array(ranges, { maxLength: 6 }).map((some) => makeMultirange(range, some));
}

/** Without the last values, which have no next one. */
const boundsOfInt4 = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -2_147_483_648, max: 2_147_483_646 }));
const boundsOfInt8 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 2n }).map(toInt64);
const days = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -2_451_545, max: 2_145_031_947 }), infinities);
const smallNumerics = fc.integer({ min: -30, max: 30 }).map((tenths) => Numeric.of(BigInt(tenths), 1));

const addresses = fc
  .constantFrom(4, 16)
  .chain((length) =>
    fc
      .tuple(
        fc.integer({ min: 0, max: length * 8 }),
        fc.array(fc.constantFrom(0, 0, 1, 128, 255), { minLength: length, maxLength: length }),
      )
      .map(([bits, octets]) => Uint8Array.of(bits, ...octets)),
  );
const octetsOf = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length })
    .map((some) => Uint8Array.from(some));

const bits = fc.array(fc.constantFrom('0', '1'), { maxLength: 40 }).map((digits) => digits.join(''));

const valuesOfTypes: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  int2: int2s,
  int4: int4s,
  int8: int8s,
  oid: uint32s,
  xid: uint32s,
  regclass: uint32s,
  regproc: uint32s,
  float4: fc.float(),
  float8: doubles,
  numeric: numerics,
  text: texts,
  varchar: texts,
  bpchar: texts,
  char: fc.integer({ min: 0, max: 255 }).map((byte) => (byte === 0 ? '' : String.fromCharCode(byte))),
  bytea: fc.uint8Array(),
  date: fc.oneof(fc.integer({ min: -2_451_545, max: 2_145_031_948 }), infinities),
  time: fc.integer({ min: 0, max: 86_400_000_000 }),
  timestamp: instants,
  timestamptz: instants,
  interval: intervals,
  uuid: uuids,
  json: fc.json(),
  jsonb: documents,
  timetz: timesWithZone,
  _jsonb: arraysOf(documents),
  _timetz: arraysOf(timesWithZone),
  int2vector: fc.array(int2s).map(vectorOf),
  oidvector: fc.array(uint32s).map(vectorOf),
  _int4: arraysOf(int4s),
  _text: arraysOf(texts),
  _float8: arraysOf(doubles),
  _timestamptz: arraysOf(instants),
  _numeric: arraysOf(numerics),
  _interval: arraysOf(intervals),
  _bytea: arraysOf(fc.uint8Array()),
  bit: bits,
  varbit: bits,
  _varbit: arraysOf(bits.filter((some) => some !== '')),
  inet: addresses,
  cidr: addresses.map(networkOf),
  macaddr: octetsOf(6),
  macaddr8: octetsOf(8),
  _inet: arraysOf(addresses),
  int4range: rangesOf('int4range', boundsOfInt4),
  int8range: rangesOf('int8range', boundsOfInt8),
  numrange: rangesOf('numrange', fc.oneof(smallNumerics, numerics)),
  tsrange: rangesOf('tsrange', instants),
  tstzrange: rangesOf('tstzrange', instants),
  daterange: rangesOf('daterange', days),
  _numrange: arraysOf(rangesOf('numrange', smallNumerics)),
  int4multirange: multirangesOf('int4multirange', rangesOf('int4range', boundsOfInt4)),
  nummultirange: multirangesOf('nummultirange', rangesOf('numrange', smallNumerics)),
  datemultirange: multirangesOf('datemultirange', rangesOf('daterange', days)),
  _tstzmultirange: arraysOf(multirangesOf('tstzmultirange', rangesOf('tstzrange', instants))),
};

/** json has no order: its text tells. */
function expectSame(type: TypeDefinition, actual: Value, expected: Value): void {
  if (!type.isComparable) {
    expect(actual).toEqual(expected);
    return;
  }
  expect(type.compare(actual, expected)).toBe(0);
  expect(Object.is(type.hashKey(actual), type.hashKey(expected))).toBe(true);
}

for (const [name, values] of Object.entries(valuesOfTypes)) {
  const type = typeNamed(name);
  describe(name, () => {
    test('is read back from its text form', () => {
      const context = typeContext();
      fc.assert(
        fc.property(values, (value) => expectSame(type, type.parse(type.format(value, context), context, -1), value)),
      );
    });

    test('is read back from its binary form', () => {
      const context = typeContext();
      fc.assert(
        fc.property(values, (value) => {
          const back = type.readBinary(binaryForm(type, value), context);
          expectSame(type, back, value);
          expect(type.format(back, context)).toBe(type.format(value, context));
        }),
      );
    });

    if (type.isComparable) {
      test('has equal keys exactly for equal values, and an order both ways round', () => {
        fc.assert(
          fc.property(values, values, (left, right) => {
            const order = type.compare(left, right);
            expect(Math.sign(type.compare(right, left))).toBe(-Math.sign(order) + 0);
            expect(type.hashKey(left) === type.hashKey(right)).toBe(order === 0 && !Number.isNaN(left));
          }),
        );
      });
    }
  });
}

describe('instants in every zone, order and style', () => {
  // Where an hour happens twice, only styles with an offset tell which one it was.
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', '-3.5'];
  test.each(zones)('timestamptz in %s is read back', (name) => {
    const type = typeNamed('timestamptz');
    const context = typeContext({ timeZone: timeZone(name) ?? UTC });
    fc.assert(
      fc.property(instants, (value) => {
        expect(type.parse(type.format(value, context), context, -1)).toBe(value);
      }),
      { numRuns: 500 },
    );
  });

  const styles: readonly TypeContext['dateStyle'][] = [
    { format: 'ISO', order: 'YMD' },
    { format: 'SQL', order: 'MDY' },
    { format: 'SQL', order: 'DMY' },
    { format: 'German', order: 'DMY' },
    { format: 'Postgres', order: 'MDY' },
    { format: 'Postgres', order: 'DMY' },
  ];
  // Years of one and two digits are written with four, but those of the Postgres style stand last and look like days.
  const ordinaryInstants = fc.integer({ min: -(10 ** 16) / 2, max: 8 * 10 ** 15 });
  test.each(styles)('timestamp in %o is read back', (dateStyle) => {
    const type = typeNamed('timestamp');
    const context = typeContext({ dateStyle });
    fc.assert(
      fc.property(ordinaryInstants, (value) => {
        expect(type.parse(type.format(value, context), context, -1)).toBe(value);
      }),
    );
  });
});

test.each(['postgres', 'postgres_verbose', 'iso_8601', 'sql_standard'] as const)(
  'an interval in the style %s is read back',
  (intervalStyle) => {
    const type = typeNamed('interval');
    const context = typeContext({ intervalStyle });
    fc.assert(
      fc.property(invertibleIntervals, (value) => {
        const back = type.parse(type.format(value, context), context, -1) as Interval;
        expect([back.months, back.days, back.micros]).toEqual([value.months, value.days, value.micros]);
      }),
    );
  },
);

test('-0 and 0 have one key, NaN is its own', () => {
  const { hashKey, compare } = typeNamed('float8');
  expect(Object.is(hashKey(-0), hashKey(0))).toBe(true);
  expect(compare(-0, 0)).toBe(0);
  expect(new Map([[hashKey(Number.NaN), true]]).get(hashKey(Number.NaN))).toBe(true);
  expect(compare(Number.NaN, Number.POSITIVE_INFINITY)).toBeGreaterThan(0);
  expect(compare(Number.NaN, Number.NaN)).toBe(0);
});

test('infinite instants have one key and place, as numbers and as the marks of wide columns', () => {
  const { hashKey, compare, format } = typeNamed('timestamptz');
  const mark = 9223372036854775807n;
  expect(hashKey(mark)).toBe(hashKey(Number.POSITIVE_INFINITY));
  expect(compare(mark, Number.POSITIVE_INFINITY)).toBe(0);
  expect(compare(mark, 9_223_371_331_199_999_999n)).toBe(1);
  expect(format(-mark - 1n, typeContext())).toBe('-infinity');
});
