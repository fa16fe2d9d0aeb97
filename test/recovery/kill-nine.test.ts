import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { checkDirectory } from '../../src/database/check-directory.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { startTidewireServer } from '../support/tidewire-server.ts';
import { CrashLoad } from './crash-load.ts';
import { Ledger } from './ledger.ts';

/** `npm run test:crash -- --rounds 200` sets it. */
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 10);
const SEED = Number(process.env.CRASH_SEED ?? 20_261_120);
const WRITERS = 8;
/** So small that memtables are flushed all the time. */
const ARGUMENTS = ['--memtable-size', '128kb'];

test(`no acknowledged point is lost and none is torn in ${ROUNDS} rounds of SIGKILL`, {
  timeout: 120_000 + ROUNDS * 20_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidewire-kill-'));
  const random = new SeededRandom(SEED);
  const ledger = new Ledger();
  const load = new CrashLoad(ledger, random);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const server = await startTidewireServer({ directory, arguments: ARGUMENTS });
      if (round === 0) await load.prepare(server);
      expect(await load.findProblems(server), `after ${round} rounds`).toEqual([]);
      const before = ledger.acknowledgedCount;
      const writing = load.runUntilCrash(server, { writers: WRITERS });
      while (ledger.acknowledgedCount < before + WRITERS) await sleep(5);
      await sleep(random.below(400));
      await server.crash();
      await writing;
      expect((await checkDirectory({ directory })).problems, `after ${round} rounds`).toEqual([]);
      expect(ledger.acknowledgedCount).toBeGreaterThan(before);
    }
    const server = await startTidewireServer({ directory, arguments: ARGUMENTS });
    expect(await load.findProblems(server)).toEqual([]);
    expect(await server.stop()).toBe(0);
  } finally {
    ledger.close();
    await rm(directory, { recursive: true, force: true });
  }
});
