import fc from 'fast-check';
import { expect, test } from 'vitest';
import { selectInPlace } from '../../../src/columnar/select-in-place.ts';
import { selectRanks } from '../../../src/execution/aggregate/select-ranks.ts';

const control = { yieldIfDue: () => undefined };

const doubles = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -5e-324),
);

function placesIn(count: number): fc.Arbitrary<number[]> {
  return fc.uniqueArray(fc.nat({ max: count - 1 }), { maxLength: 8 }).map((places) => places.sort((a, b) => a - b));
}

test('the values at some places are those of a sort', () => {
  const cases = fc
    .array(doubles, { minLength: 1, maxLength: 400, size: 'max' })
    .chain((values) => fc.record({ values: fc.constant(values), places: placesIn(values.length) }));
  fc.assert(
    fc.property(cases, ({ values, places }) => {
      const selected = Float64Array.from(values);
      selectInPlace(selected, 0, values.length, places);
      const sorted = Float64Array.from(values).sort();
      for (const place of places) expect(selected[place] === sorted[place]).toBe(true);
      expect(selected.sort()).toEqual(sorted);
    }),
    { numRuns: 2000 },
  );
});

test('values laid out to spoil every pivot are found all the same', () => {
  const count = 20_000;
  // Ascending, descending and organ pipes, repeated.
  for (const valueAt of [
    (row: number) => row,
    (row: number) => -row,
    (row: number) => Math.min(row, count - row),
    (row: number) => row % 3,
    () => 7,
  ]) {
    const values = Float64Array.from({ length: count }, (_, row) => valueAt(row));
    const sorted = values.slice().sort();
    selectInPlace(values, 0, count, [0, 777, 10_000, 19_999]);
    for (const place of [0, 777, 10_000, 19_999]) expect(values[place]).toBe(sorted[place]);
  }
});

const large: Record<string, (row: number) => number> = {
  'of both signs': (row) => Math.sin(row) * 1000,
  'that agree in their first digits': (row) => 1 + (row % 70_000) * 2 ** -52,
  'negative ones that agree in their first digits': (row) => -1 - (row % 70_000) * 2 ** -52,
  'that are all the same': () => -19.99,
  'of every size, infinities among them': (row) => (row % 9 === 0 ? -1 : 1) * 10 ** ((row % 640) - 320),
  'of two kinds': (row) => (row % 3 === 0 ? 1e-300 : 1e300),
};
for (const [name, valueAt] of Object.entries(large)) {
  test(`finds the ranks of very many values ${name}, which stay as they are`, async () => {
    const parts = [90_000, 1, 0, 60_000].map((length, part) =>
      Float64Array.from({ length }, (_, row) => valueAt(row + part)),
    );
    const copies = parts.map((part) => part.slice());
    const sorted = Float64Array.from(parts.flatMap((part) => [...part])).sort();
    const ranks = [0, 1, 70_000, 75_000, 75_001, 142_500, 150_000];
    const found = await selectRanks(parts, ranks, control);
    expect(found.map((value) => value + 0)).toEqual(ranks.map((rank) => sorted[rank] + 0));
    expect(parts).toEqual(copies);
  });
}
