import { expect, test } from 'vitest';
import { KeyFilter } from '../../../src/storage/staging/key-filter.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

test('knows every point that it was given, and few others', () => {
  const random = new SeededRandom(3);
  const points = Array.from({ length: 5000 }, (_, index) => [index % 7, random.below(1e9) * 1000, index % 3] as const);
  const filter = new KeyFilter(points.length);
  for (const [series, time, fraction] of points) filter.add(series, time, fraction);
  for (const [series, time, fraction] of points) expect(filter.mayHave(series, time, fraction)).toBe(true);
  let wrong = 0;
  for (let index = 0; index < 20_000; index++) if (filter.mayHave(8, index * 977, 0)) wrong++;
  expect(wrong).toBeLessThan(200);
});

test('tells points apart by each part of their keys', () => {
  const filter = new KeyFilter(1);
  filter.add(1, -5e15, 7);
  expect(filter.mayHave(1, -5e15, 7)).toBe(true);
  expect(filter.mayHave(2, -5e15, 7)).toBe(false);
  expect(filter.mayHave(1, 5e15, 7)).toBe(false);
  expect(filter.mayHave(1, -5e15, 8)).toBe(false);
});
