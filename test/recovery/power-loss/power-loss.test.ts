import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../support/seeded-random.ts';
import { startTidewireServer } from '../../support/tidewire-server.ts';
import { CrashLoad } from '../crash-load.ts';
import { Ledger } from '../ledger.ts';

const SOURCE = fileURLToPath(new URL('shim.c', import.meta.url));
/** `npm run test:power-loss -- --points 400` sets it: how many moments of the script are tried. */
const POINTS = Number(process.env.POWER_LOSS_POINTS ?? 3);
const SEED = Number(process.env.POWER_LOSS_SEED ?? 20_261_120);
const WRITES = 48;
const ARGUMENTS = ['--memtable-size', '4kb'];

const directory = await mkdtemp(join(tmpdir(), 'tidewire-power-'));
const shim = join(directory, 'shim.so');
const problem = await compileShim();
if (problem !== undefined) console.warn(`the power-loss test is skipped: ${problem}`);

/** What keeps the shim from being used; undefined when it is there. */
async function compileShim(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `LD_PRELOAD is not for ${process.platform}`;
  try {
    await promisify(execFile)('cc', ['-O1', '-shared', '-fPIC', '-o', shim, SOURCE, '-ldl', '-lpthread']);
    return undefined;
  } catch (error) {
    return `the C compiler does not work: ${(error as Error).message}`;
  }
}

interface Outage {
  /** Operations of the disk before the power went; undefined: it stayed. */
  readonly at: number | undefined;
  readonly seed: number;
  readonly isLyingDisk?: boolean;
}

interface OutageResult {
  /** Operations of the disk while the server lived. */
  readonly operationCount: number;
  readonly acknowledgedCount: number;
  /** What the next server has that it must not, or lacks. */
  readonly problems: readonly string[];
}

/** The script on a fresh server whose disk loses power, and what the next server finds. */
async function runOutage({ at, seed, isLyingDisk }: Outage): Promise<OutageResult> {
  const place = await mkdtemp(join(directory, 'run-'));
  const data = join(place, 'data');
  await mkdir(join(place, 'stash'));
  const ledger = new Ledger();
  const load = new CrashLoad(ledger, new SeededRandom(seed));
  try {
    const environment: Record<string, string> = {
      LD_PRELOAD: shim,
      POWER_LOSS_DIRECTORY: data,
      POWER_LOSS_STASH: join(place, 'stash'),
      POWER_LOSS_COUNTER: join(place, 'counter'),
      POWER_LOSS_AT: String(at ?? 0),
      POWER_LOSS_SEED: String(seed),
    };
    if (isLyingDisk === true) environment.POWER_LOSS_LIES = '1';
    const options = { directory: data, arguments: ARGUMENTS };
    const server = await startTidewireServer({ ...options, environment }).catch(() => undefined);
    if (server !== undefined) {
      await load.prepare(server).then(
        () => load.runScript(server, { writes: WRITES }),
        () => {},
      );
      await (at === undefined ? server.stop() : server.crash());
    }
    const operationCount = Number((await readFile(join(place, 'counter'))).readBigUInt64LE());
    const again = await startTidewireServer(options);
    const problems = await load.findProblems(again);
    // It takes writes again, and what it takes is there.
    await load.prepare(again);
    expect(await load.runScript(again, { writes: 8 })).toBe(true);
    if (problems.length === 0) problems.push(...(await load.findProblems(again)));
    expect(await again.stop()).toBe(0);
    return { operationCount, acknowledgedCount: ledger.acknowledgedCount, problems };
  } finally {
    ledger.close();
    await rm(place, { recursive: true, force: true });
  }
}

describe.skipIf(problem !== undefined)('a server whose disk loses power', () => {
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test(`loses nothing that it acknowledged, at ${POINTS} moments`, { timeout: 120_000 + POINTS * 30_000 }, async () => {
    const { operationCount, problems } = await runOutage({ at: undefined, seed: SEED });
    expect(problems).toEqual([]);
    expect(operationCount).toBeGreaterThan(WRITES * 2);
    const random = new SeededRandom(SEED);
    for (let point = 0; point < POINTS; point++) {
      // Spread over the script, each somewhere in its own stretch.
      const at = 1 + Math.floor(((point + random.fraction()) / POINTS) * operationCount);
      const seed = SEED + point;
      const result = await runOutage({ at, seed });
      expect(result.problems, `power lost at operation ${at}, seed ${seed}`).toEqual([]);
      if (POINTS >= 50 && (point + 1) % 20 === 0) console.log(`${point + 1} of ${POINTS} moments`);
    }
  });

  test('is caught when its disk only says that it has synced', { timeout: 120_000 }, async () => {
    const findsLoss = async (seed: number): Promise<boolean> => {
      try {
        return (await runOutage({ at: 300, seed, isLyingDisk: true })).problems.length > 0;
      } catch {
        // The next server does not start, or cannot be asked.
        return true;
      }
    };
    let isFound = false;
    for (let seed = 1; seed <= 5 && !isFound; seed++) isFound = await findsLoss(seed);
    expect(isFound).toBe(true);
  });
});
