import { describe, expect, test } from 'vitest';
import { runHistory } from './history.ts';
import { SimulationFailure } from './ledger.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';

/** No bug may need more. Most need a handful. */
const MAX_SEEDS = 1000;

/**
 * The simulation is worth what it finds. Each of these mistakes is made in the running engine, one at a time, and some
 * history has to notice.
 */
describe('the simulation finds out when', () => {
  for (const bug of PLANTED_BUGS) {
    test(bug.name, { timeout: 300_000 }, async () => {
      const pullOut = bug.plant();
      let found: unknown;
      let seeds = 0;
      try {
        while (found === undefined && seeds < MAX_SEEDS) {
          seeds++;
          await runHistory(seeds, bug.options).catch((error: unknown) => {
            found = error;
          });
        }
      } finally {
        pullOut();
      }
      if (process.env.SIMULATION_SEEDS !== undefined) console.log(`${seeds} seeds: ${bug.name}`);
      expect(found, `${MAX_SEEDS} histories went well`).toBeInstanceOf(SimulationFailure);
    });
  }
});
