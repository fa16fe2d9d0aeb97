import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import { columnOf } from '../../src/columnar/column-builder.ts';
import {
  compareTimeKeys,
  instantOf,
  nanosecondColumnOf,
  nanosecondsOf,
  timeColumnOf,
  timeKeyOf,
  timeKeysOf,
} from '../../src/storage/time-key.ts';
import { toInt64 } from '../../src/types/int64.ts';

const edges = [0n, 1n, -1n, 2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const instants = fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.constantFrom(...edges), fc.bigInt(-5000n, 5000n));

test('keys give the instant back, narrow and wide', () => {
  fc.assert(
    fc.property(instants, (instant) => {
      const { time, fraction } = timeKeyOf(toInt64(instant));
      expect(instantOf(time, fraction)).toBe(toInt64(instant));
      expect(instantOf(time, fraction + 999)).toBe(toInt64(instant));
      expect(nanosecondsOf(fraction + 999)).toBe(999);
    }),
  );
});

test('the order of keys is the order of time, nanoseconds included', () => {
  const points = fc.tuple(instants, fc.integer({ min: 0, max: 999 }));
  fc.assert(
    fc.property(points, points, fc.boolean(), ([left, leftNs], [other, rightNs], isNear) => {
      const right = isNear ? left + (left < 0n ? 1n : -1n) : other;
      const [a, b] = [timeKeyOf(toInt64(left)), timeKeyOf(toInt64(right))];
      const expected = left === right ? leftNs - rightNs : left < right ? -1 : 1;
      expect(Math.sign(compareTimeKeys(a.time, a.fraction + leftNs, b.time, b.fraction + rightNs))).toBe(
        Math.sign(expected),
      );
    }),
  );
});

test('columns of times go to keys and back', () => {
  fc.assert(
    fc.property(fc.array(instants, { minLength: 1 }), (values) => {
      const scalars = values.map(toInt64);
      const { times, fractions } = timeKeysOf(columnOf('int64', scalars));
      const column = timeColumnOf(times, fractions, 0, values.length);
      expect(scalars.map((_, row) => valueAt(column, row))).toEqual(scalars);
    }),
  );
});

test('time_ns is exact wherever it fits 64 bits, and an error elsewhere', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 56n), 2n ** 56n), fc.integer({ min: 0, max: 999 }), (micros, remainder) => {
      const key = timeKeyOf(toInt64(micros));
      const nanoseconds = (micros + 946_684_800_000_000n) * 1000n + BigInt(remainder);
      const show = () => nanosecondColumnOf(Float64Array.of(key.time), Uint32Array.of(key.fraction + remainder), 1);
      if (BigInt.asIntN(64, nanoseconds) === nanoseconds) expect(valueAt(show(), 0)).toBe(toInt64(nanoseconds));
      else expect(show).toThrow('bigint out of range');
    }),
  );
});
