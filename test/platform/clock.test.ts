import { expect, test } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';

test('the wall clock counts microseconds since 2000', () => {
  const sinceEpoch2000 = (Date.now() - Date.UTC(2000, 0, 1)) * 1000;
  expect(Math.abs(systemClock.nowMicros() - sinceEpoch2000)).toBeLessThan(1_000_000);
  expect(Number.isSafeInteger(systemClock.nowMicros())).toBe(true);
});

test('the monotonic clock does not run backwards', () => {
  let last = systemClock.monotonicMillis();
  for (let index = 0; index < 1000; index++) {
    const next = systemClock.monotonicMillis();
    expect(next).toBeGreaterThanOrEqual(last);
    last = next;
  }
});

test('random bytes fill all of a large target, random fractions stay in range', () => {
  const bytes = new Uint8Array(200_000);
  systemRandom.fill(bytes);
  expect(new Set(bytes.subarray(199_000)).size).toBeGreaterThan(100);
  for (let index = 0; index < 1000; index++) {
    const fraction = systemRandom.fraction();
    expect(fraction >= 0 && fraction < 1).toBe(true);
  }
});
