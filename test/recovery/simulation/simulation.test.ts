import { expect, test } from 'vitest';
import { runHistory } from './history.ts';

/** Set by `npm run test:simulation`. Otherwise a number of seeds or of seconds, whichever ends first. */
const SEEDS = process.env.SIMULATION_SEEDS;
const FIRST_SEED = Number(process.env.SIMULATION_FROM ?? 1);
const SEED_COUNT = Number(SEEDS ?? 300);
const MAX_MS = SEEDS === undefined ? 15_000 : Number.POSITIVE_INFINITY;
const REPORT_EVERY = 1000;
const SHOWN_FAILURES = 10;

test('every simulated history shows what its model says', { timeout: 24 * 3_600_000 }, async () => {
  const start = performance.now();
  const failures: string[] = [];
  const totals = new Map<string, number>();
  let done = 0;
  for (; done < SEED_COUNT && performance.now() - start < MAX_MS; done++) {
    try {
      const { counts } = await runHistory(FIRST_SEED + done);
      for (const [what, count] of counts) totals.set(what, (totals.get(what) ?? 0) + count);
    } catch (error) {
      failures.push((error as Error).message);
      if (SEEDS !== undefined) console.error((error as Error).message);
      if (failures.length >= SHOWN_FAILURES) break;
    }
    if (SEEDS !== undefined && (done + 1) % REPORT_EVERY === 0) {
      const seconds = Math.round((performance.now() - start) / 1000);
      console.log(`${done + 1} seeds, ${failures.length} failures, ${seconds} s`);
    }
  }
  if (SEEDS !== undefined) console.log(Object.fromEntries([...totals].sort()));
  expect(failures).toEqual([]);
  expect(done).toBeGreaterThan(0);
});

test('a seed gives the same history again', async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 3; seed++) {
    const first = await runHistory(seed);
    expect(await runHistory(seed)).toEqual(first);
  }
});
