import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IndexKey } from '../../../src/storage/index/index-key.ts';
import { keyFormOf } from '../../../src/storage/index/key-form.ts';
import { networkOf } from '../../../src/types/inet.ts';
import { Interval } from '../../../src/types/interval.ts';
import { type MultirangeDefinition, makeMultirange } from '../../../src/types/multirange-type.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { makeRange } from '../../../src/types/range-bounds.ts';
import type { RangeDefinition } from '../../../src/types/range-type.ts';
import { SqlArray } from '../../../src/types/sql-array.ts';
import type { SqlRange } from '../../../src/types/sql-range.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { HOSTILE_NAMES, HOSTILE_TEXTS } from '../../support/hostile-data.ts';

const int64 = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -300, max: 300 }),
  fc
    .bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 2n })
    .filter((value) => value > 2n ** 53n || value < -(2n ** 53n)),
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '\u0001', '\u0000', 'é', '\ud7ff', '￿', '𐀀', ' '), maxLength: 6 }),
  fc.constantFrom(...HOSTILE_TEXTS, ...HOSTILE_NAMES),
);
const numeric = fc.oneof(
  fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(40)).map(([u, s]) => Numeric.of(u, s)),
  fc.tuple(fc.integer({ min: -200, max: 200 }), fc.nat(4)).map(([u, s]) => Numeric.of(BigInt(u), s)),
  fc.constantFrom(Numeric.NaN, Numeric.Infinity, Numeric.NegativeInfinity, Numeric.of(10n ** 400n, 0)),
);
const arrays = (element: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc
    .array(fc.option(element, { nil: null }), { maxLength: 4 })
    .chain((items) =>
      fc.constantFrom(
        new SqlArray(items),
        ...(items.length === 4 ? [new SqlArray(items, [2, 2], [1, 1])] : []),
        ...(items.length === 0 ? [] : [new SqlArray(items, [items.length], [-3])]),
      ),
    );

const values: Record<string, fc.Arbitrary<Value>> = {
  int4: fc.integer(),
  int8: int64,
  date: fc.oneof(fc.integer(), fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
  timestamptz: fc.oneof(
    int64,
    fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2n ** 63n - 1n, -(2n ** 63n)),
  ),
  float8: fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, 5e-324)),
  bool: fc.boolean(),
  text,
  varchar: text,
  bpchar: text,
  uuid: fc.uuid(),
  bytea: fc.uint8Array({ maxLength: 5 }),
  numeric,
  interval: fc
    .tuple(fc.integer({ min: -2_000_000, max: 2_000_000 }), fc.integer(), int64)
    .map(([months, days, micros]) => new Interval(months, days, micros)),
  _int4: arrays(fc.integer({ min: -3, max: 3 })),
  _text: arrays(fc.constantFrom('', 'a', 'ab', '\u0001')),
};

/** Ranges with few different bounds, so that many are equal in part. */
function rangesOf(name: string, bound: fc.Arbitrary<Value>): fc.Arbitrary<SqlRange> {
  const type = typeByName(name) as RangeDefinition;
  const end = fc.record({ value: fc.option(bound), isInclusive: fc.boolean() });
  return fc.tuple(end, end).map(([one, other]) => {
    const isTurned = one.value !== null && other.value !== null && type.subtype.compare(one.value, other.value) > 0;
    const [lower, upper] = isTurned ? [other, one] : [one, other];
    return makeRange(type, { ...lower, isLower: true }, { ...upper, isLower: false });
  });
}

function multirangesOf(name: string, ranges: fc.Arbitrary<SqlRange>): fc.Arbitrary<Value> {
  const { range } = typeByName(name) as MultirangeDefinition;
  return fc.array(ranges, { maxLength: 3 }).map((some) => makeMultirange(range, some));
}

const few = fc.integer({ min: -3, max: 3 });
const fewNumerics = fc
  .tuple(few, fc.nat(2))
  .map(([whole, scale]) => Numeric.of(BigInt(whole) * 10n ** BigInt(scale), scale));
const octetsOf = (length: number) =>
  fc
    .array(fc.constantFrom(0, 1, 128, 255), { minLength: length, maxLength: length })
    .map((some) => Uint8Array.from(some));
const addresses = fc
  .constantFrom(4, 4, 16)
  .chain((length) =>
    fc
      .tuple(fc.integer({ min: 0, max: length * 8 }), octetsOf(length))
      .map(([bits, octets]) => Uint8Array.of(bits, ...octets)),
  );
Object.assign(values, {
  varbit: fc.array(fc.constantFrom('0', '1'), { maxLength: 12 }).map((digits) => digits.join('')),
  inet: addresses,
  cidr: addresses.map(networkOf),
  macaddr: octetsOf(6),
  macaddr8: octetsOf(8),
  int4range: rangesOf('int4range', few),
  int8range: rangesOf('int8range', few),
  numrange: rangesOf('numrange', fewNumerics),
  tstzrange: rangesOf('tstzrange', fc.constantFrom(1, 2, Number.POSITIVE_INFINITY, 2n ** 63n - 1n, -(2n ** 63n))),
  nummultirange: multirangesOf('nummultirange', rangesOf('numrange', fewNumerics)),
  _numrange: arrays(rangesOf('numrange', fewNumerics)),
});

function keyOf(type: TypeDefinition, list: readonly Exclude<Value, null>[]): IndexKey {
  const key = new IndexKey();
  for (const value of list) keyFormOf(type).push(key, value);
  return key.finish();
}

/** As a page compares: heads, then the bytes behind them. */
function compareKeys(left: IndexKey, right: IndexKey): number {
  if (left.head !== right.head) return left.head - right.head;
  return Buffer.compare(left.bytes.subarray(0, left.length), right.bytes.subarray(0, right.length));
}

describe('keys have the order of their values', () => {
  for (const [name, arbitrary] of Object.entries(values)) {
    const type = typeByName(name)!;
    const value = arbitrary as fc.Arbitrary<Exclude<Value, null>>;
    test(name, () => {
      fc.assert(
        fc.property(value, value, (left, right) => {
          const order = Math.sign(compareKeys(keyOf(type, [left]), keyOf(type, [right])));
          expect(order).toBe(Math.sign(type.compare(left, right)));
        }),
        { numRuns: 2000 },
      );
    });

    test(`${name}: the next column counts among equal values alone`, () => {
      fc.assert(
        fc.property(value, value, value, value, (a, b, c, d) => {
          const order = Math.sign(compareKeys(keyOf(type, [a, b]), keyOf(type, [c, d])));
          expect(order).toBe(Math.sign(type.compare(a, c) || type.compare(b, d)));
        }),
        { numRuns: 1000 },
      );
    });

    test(`${name}: what comes after a value is after all that begin with it, and before the next`, () => {
      fc.assert(
        fc.property(value, value, value, (a, b, c) => {
          const after = new IndexKey();
          keyFormOf(type).push(after, a);
          after.finishAfter();
          expect(compareKeys(keyOf(type, [a, b]), after)).toBeLessThan(0);
          if (type.compare(c, a) > 0) expect(compareKeys(keyOf(type, [c, b]), after)).toBeGreaterThan(0);
        }),
        { numRuns: 500 },
      );
    });
  }
});
