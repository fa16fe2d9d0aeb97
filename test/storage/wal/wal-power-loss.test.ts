import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../src/bytes/crc32.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import type { Durability, WriteLog } from '../../../src/storage/seams/write-log.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { openLog, settle } from '../../support/open-write-log.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const RUNS = 3;

interface Outcome {
  readonly lostRecords: number;
  readonly wrongRecords: number;
  readonly isCorrupt: boolean;
}

/**
 * A log is written, loses power or is killed at a random operation, and is opened again, a few times over. A ledger
 * beside it knows what was acknowledged and what was refused.
 */
async function simulate(seed: number, durability: Durability, { ignoresSync = false } = {}): Promise<Outcome> {
  const random = new SeededRandom(seed);
  let fileSystem = new MemoryFileSystem();
  /** What a start has shown, or an acknowledgement has promised: it must stay. */
  let settled = new Map<number, string>();
  /** Whatever else may be found: appended since the last start. */
  const appended = new Map<number, string>();
  const refused = new Set<number>();
  let neededFrom = 1;
  let lostRecords = 0;
  let wrongRecords = 0;

  function compare(found: ReadonlyMap<number, string>): void {
    for (const [lsn, body] of settled) {
      if (lsn < neededFrom) continue;
      if (!found.has(lsn)) lostRecords++;
      else if (found.get(lsn) !== body) wrongRecords++;
    }
    for (const [lsn, body] of found) {
      if (!settled.has(lsn) && (appended.get(lsn) !== body || refused.has(lsn))) wrongRecords++;
    }
    // No record without those before it.
    const lastFound = Math.max(0, ...found.keys());
    for (const lsn of appended.keys()) {
      if (lsn >= neededFrom && lsn < lastFound && !refused.has(lsn) && !found.has(lsn)) lostRecords++;
    }
  }

  for (let run = 0; run < RUNS; run++) {
    fileSystem.ignoresSync = ignoresSync;
    const timers = new ManualTimers();
    let durableLsn = 0;
    fileSystem.cutPowerAfter(random.below(60));
    try {
      const log = await openLog(fileSystem, { durability, timers, random, neededFrom });
      const shown = await contentOf(log, neededFrom);
      compare(shown);
      settled = shown;
      appended.clear();
      refused.clear();
      for (let step = random.below(14); step > 0 && !fileSystem.isPowerOff; step--) {
        if (random.fraction() < 0.1)
          fileSystem.fail({ operation: 'write', code: 'ENOSPC', writtenBytes: random.below(900) });
        for (let count = random.below(6); count > 0; count--) {
          const body = new Uint8Array(random.pick([0, 9, 100, 100, 700, 2500, 6000]));
          // Few different bodies, so that groups of different runs may be alike byte for byte.
          body.fill(random.below(2));
          const { lsn, durable } = log.append(body);
          appended.set(lsn, describeBody(body));
          const ledger = settled;
          durable.then(
            () => durability === 'every_write' && ledger.set(lsn, describeBody(body)),
            (error) => error.code === '53100' && !fileSystem.isPowerOff && refused.add(lsn),
          );
        }
        if (random.fraction() < 0.8) await settle();
        if (random.fraction() < 0.5) timers.advance(random.pick([5, 10, 100]));
        if (random.fraction() < 0.2 && log.durableLsn >= neededFrom) {
          // As after a flush: the manifest says that all up to here is applied.
          await settle();
          const applied = neededFrom + random.below(log.durableLsn - neededFrom + 1);
          neededFrom = applied;
          await log.trim(applied - 1).catch(() => {});
        }
      }
      await settle();
      durableLsn = log.durableLsn;
      if (random.fraction() < 0.2) await log.close().catch(() => {});
    } catch (error) {
      if (error instanceof CorruptionError) return { lostRecords, wrongRecords, isCorrupt: true };
      if (!fileSystem.isPowerOff) throw error;
    }
    await settle();
    for (const [lsn, body] of appended) if (lsn <= durableLsn && !refused.has(lsn)) settled.set(lsn, body);

    if (!ignoresSync && random.fraction() < 0.25) fileSystem.restart();
    else fileSystem = fileSystem.afterPowerCut(random);
    try {
      const log = await openLog(fileSystem.clone(), { neededFrom, random: new SeededRandom(seed) });
      compare(await contentOf(log, neededFrom));
    } catch (error) {
      if (error instanceof CorruptionError) return { lostRecords, wrongRecords, isCorrupt: true };
      throw error;
    }
  }
  return { lostRecords, wrongRecords, isCorrupt: false };
}

async function contentOf(log: WriteLog, from: number): Promise<Map<number, string>> {
  const content = new Map<number, string>();
  for await (const { lsn, body } of log.read(from)) content.set(lsn, describeBody(body));
  return content;
}

/** Enough to tell bodies apart, and quick to compare. */
function describeBody(body: Uint8Array): string {
  return `${body.length} bytes, CRC ${crc32(body)}`;
}

describe('power cuts at random operations, unsynced pages kept, lost or torn', () => {
  const factor = Number(process.env.FAULT_ROUNDS ?? 1);
  const rounds = { every_write: 2000, periodic: 700, os_default: 700, none: 300 };
  for (const [durability, seeds] of Object.entries(rounds) as [Durability, number][]) {
    test(`${durability}: nothing durable is lost, nothing refused comes back, no torn tail is called damage`, async () => {
      for (let seed = 1; seed <= seeds * factor; seed++) {
        expect(await simulate(seed, durability), `seed ${seed}`).toEqual({
          lostRecords: 0,
          wrongRecords: 0,
          isCorrupt: false,
        });
      }
    });
  }

  test('a disk that lies about syncs is found out: the simulation can fail', async () => {
    let foundOut = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const { lostRecords, wrongRecords, isCorrupt } = await simulate(seed, 'every_write', { ignoresSync: true });
      if (lostRecords > 0 || wrongRecords > 0 || isCorrupt) foundOut++;
    }
    expect(foundOut).toBeGreaterThan(30);
  });
});
