import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader } from '../../../src/bytes/byte-reader.ts';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import type { UnitStatistics } from '../../../src/columnar/unit-statistics.ts';
import { ColumnStatistics, StatisticsBuilder } from '../../../src/storage/segment/column-statistics.ts';
import { joinStatistics } from '../../../src/storage/segment/join-statistics.ts';

/** The statistics of one unit of these values; null = NULL. */
function statisticsOf(values: readonly (number | null)[], kind: 'float64' | 'int64'): UnitStatistics {
  const builder = new StatisticsBuilder(kind);
  const validity = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  const present = Float64Array.from(values.filter((value) => value !== null));
  const nullCount = values.length - present.length;
  if (kind === 'float64') builder.addNumbers(present, nullCount === 0 ? undefined : validity, nullCount);
  else builder.addNarrow(present, nullCount === 0 ? undefined : validity, nullCount, true);
  const writer = new ByteWriter();
  builder.write(writer);
  return ColumnStatistics.read(new ByteReader(writer.copy()), kind, 1).at(0, values.length);
}

function expectSame(joined: UnitStatistics, whole: UnitStatistics): void {
  const { sum: joinedSum, ...left } = joined as UnitStatistics & { sum: number };
  const { sum: wholeSum, ...right } = whole as UnitStatistics & { sum: number };
  expect(left).toEqual(right);
  if (Number.isFinite(wholeSum)) expect(joinedSum).toBeCloseTo(wholeSum, 6);
  else expect(joinedSum).toEqual(wholeSum);
}

const doubles = fc.option(fc.constantFrom(0, 1.5, -2.25, 1024, Number.NaN, Infinity, -Infinity, 7), { nil: null });
const integers = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: null });

test('those of two halves together are those of the whole', () => {
  const rows = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(rows(doubles), rows(doubles), (left, right) => {
      const joined = joinStatistics(statisticsOf(left, 'float64'), statisticsOf(right, 'float64'));
      expectSame(joined, statisticsOf([...left, ...right], 'float64'));
    }),
  );
  fc.assert(
    fc.property(rows(integers), rows(integers), (left, right) => {
      const joined = joinStatistics(statisticsOf(left, 'int64'), statisticsOf(right, 'int64'));
      expectSame(joined, statisticsOf([...left, ...right], 'int64'));
    }),
  );
});

test('sums of integers stay exact beyond what a double holds', () => {
  const large = { ...statisticsOf([1], 'int64'), sum: 2 ** 53 - 1 } as UnitStatistics;
  const two = joinStatistics(large, large) as { sum: unknown };
  expect(two.sum).toBe(2n ** 54n - 2n);
  expect((joinStatistics(two as UnitStatistics, large) as { sum: unknown }).sum).toBe(3n * (2n ** 53n - 1n));
});
