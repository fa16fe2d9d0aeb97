import type { FileSystem } from '../../../src/platform/file-system.ts';
import type { Durability } from '../../../src/storage/seams/write-log.ts';
import { MemoryFileSystem, type Operation } from '../../support/memory-file-system.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { runClient, writeLines } from './clients.ts';
import { SimulationFailure } from './ledger.ts';
import { type Expectation, matchRestarted } from './match-state.ts';
import { ModelState } from './model.ts';
import { readInstance } from './read-tables.ts';
import { trace } from './trace.ts';
import { DIRECTORY, World, type WorldOptions } from './world.ts';

export interface HistoryOptions {
  /** How the engine gets to see the disk; a planted bug may lie about it. */
  readonly wrapFileSystem?: (disk: MemoryFileSystem) => FileSystem;
  readonly durability?: Durability;
}

/** What happened in a history, to compare two runs of one seed and to see what the seeds cover. */
export interface HistorySummary {
  readonly seed: number;
  readonly durability: Durability;
  readonly stepCount: number;
  readonly counts: ReadonlyMap<string, number>;
}

const MAX_WORLDS = 4;
const MAX_ACCIDENTS = 3;

/**
 * One seed, one history: clients write and read beside each other on a disk that may fail, the server crashes or is
 * stopped and comes up again, a few times over; whenever it is looked at, it has to show what the model says. Throws
 * SimulationFailure where it does not.
 */
export async function runHistory(seed: number, options: HistoryOptions = {}): Promise<HistorySummary> {
  const random = new SeededRandom(seed);
  const durability =
    options.durability ??
    random.pick<Durability>(['every_write', 'every_write', 'every_write', 'periodic', 'os_default', 'none']);
  const history = new History(random, durability, options.wrapFileSystem ?? ((disk) => disk));
  try {
    await history.run();
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new SimulationFailure(
      `seed ${seed} (${durability}): ${error instanceof SimulationFailure ? error.message : text}\n` +
        `  replay it with: npm run test:simulation -- --seeds 1 --from ${seed} --trace`,
      { cause: error },
    );
  } finally {
    history.end();
  }
  return { seed, durability, stepCount: history.stepCount, counts: history.counts };
}

class History {
  stepCount = 0;
  readonly counts = new Map<string, number>();
  readonly #random: SeededRandom;
  readonly #durability: Durability;
  readonly #wrap: (disk: MemoryFileSystem) => FileSystem;
  readonly #sizes: Pick<
    WorldOptions,
    'memtableBytes' | 'stagingBytes' | 'logFileBytes' | 'reserveBytes' | 'pausedShare'
  >;
  readonly #hasAsynchronousCommits: boolean;
  readonly #drawnForGood = new Map<string, number>();
  #disk = new MemoryFileSystem();
  #expectation: Expectation | undefined;
  #world: World | undefined;
  #nextCommitId = 1;
  #clients: Promise<void>[] = [];
  /** The step of the scheduler at which this world ends. */
  #lastStep = 0;
  #isCalmDue = false;

  constructor(random: SeededRandom, durability: Durability, wrap: (disk: MemoryFileSystem) => FileSystem) {
    this.#random = random;
    this.#durability = durability;
    this.#wrap = wrap;
    this.#hasAsynchronousCommits = random.fraction() < 0.15;
    this.#sizes = {
      memtableBytes: random.pick([1000, 4000, 10_000, 40_000]),
      stagingBytes: random.pick([600, 3000, 1 << 20]),
      logFileBytes: random.pick([4096, 16_384, 65_536]),
      reserveBytes: random.pick([0, 8192]),
      pausedShare: random.pick([0.1, 0.5, 1]),
    };
  }

  async run(): Promise<void> {
    for (let worlds = 1 + this.#random.below(MAX_WORLDS); worlds > 0; worlds--) {
      const world = await this.#open();
      await this.#live(world);
      await this.#crash(world);
    }
    // What the last crash left has to be looked at, too.
    await this.#open({ isWithoutAccidents: true });
  }

  end(): void {
    if (this.#world === undefined) return;
    this.stepCount += this.#world.scheduler.stepCount;
    for (const [what, count] of this.#world.counts) this.#count(what, count);
    this.#world.end();
    this.#world = undefined;
  }

  #count(what: string, count = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }

  #newWorld(): World {
    this.end();
    this.#world = new World({
      random: this.#random,
      durability: this.#durability,
      disk: this.#disk,
      fileSystem: this.#wrap(this.#disk),
      hasAsynchronousCommits: this.#hasAsynchronousCommits,
      drawnForGood: this.#drawnForGood,
      ...this.#sizes,
    });
    return this.#world;
  }

  /** A server that is up and shows what it must. On the way there it may have been cut off, too. */
  async #open({ isWithoutAccidents = false } = {}): Promise<World> {
    for (
      let accidents = 0;
      !isWithoutAccidents && accidents < MAX_ACCIDENTS && this.#random.fraction() < 0.2;
      accidents++
    ) {
      const world = this.#newWorld();
      world.hasFaults = true;
      world.hasHardFaults = true;
      if (this.#random.fraction() < 0.6) this.#disk.cutPowerAfter(this.#random.below(60));
      else this.#failSomething(world, 20);
      try {
        await world.open();
      } catch (error) {
        if (error instanceof SimulationFailure) throw error;
        world.count('failed open');
      }
      await this.#powerCutOrKill(world);
    }
    const world = this.#newWorld();
    await world.open();
    const found = await world.drive(readInstance(world.databases));
    const state = this.#expectation === undefined ? new ModelState() : matchRestarted(found, this.#expectation);
    if (this.#expectation === undefined && found.size > 0) throw new SimulationFailure('a new instance has tables');
    await world.drive(world.makeSequences());
    world.startLedger(state, this.#nextCommitId);
    return world;
  }

  /** Clients at work, until it is time to crash. */
  async #live(world: World): Promise<void> {
    const random = this.#random;
    const clients = Array.from({ length: 1 + random.below(4) }, () => runClient(world, random));
    this.#lastStep = world.scheduler.stepCount + 20 + random.below(random.pick([30, 30, 80, 300]));
    const isFaulty = random.fraction() < 0.5;
    let nextEvent = world.scheduler.stepCount + random.below(60);
    const isOver = () => world.scheduler.stepCount >= this.#lastStep;
    while (!isOver()) {
      this.#isCalmDue = false;
      await world.runUntil(() => {
        if (world.scheduler.stepCount >= nextEvent) {
          nextEvent += 5 + random.below(80);
          this.#event(world, isFaulty);
        }
        return this.#isCalmDue || isOver();
      });
      if (this.#isCalmDue) await this.#calm(world);
    }
    this.#clients = clients;
  }

  #event(world: World, isFaulty: boolean): void {
    const random = this.#random;
    if (random.fraction() < 0.5) world.timers.advance(random.pick([1, 10, 100, 1000]));
    if (random.fraction() < 0.05) this.#isCalmDue = true;
    if (!isFaulty || random.fraction() < 0.3) return;
    world.hasFaults = true;
    if (random.fraction() < 0.5) this.#fillDisk(world);
    else {
      world.hasHardFaults = true;
      this.#failSomething(world, 30);
      // What a fault has broken can heal: the crash has to come before.
      if (random.fraction() < 0.4) {
        this.#lastStep = Math.min(this.#lastStep, world.scheduler.stepCount + 5 + random.below(60));
      }
    }
  }

  /** No space: nothing of this may leave the server read-only. */
  #fillDisk(world: World): void {
    const random = this.#random;
    world.count('disk full');
    this.#disk.fail({
      operation: 'write',
      path: random.pick(['/wal/', '/db/', '/manifest/', '/']),
      code: 'ENOSPC',
      after: random.below(20),
      isLasting: random.fraction() < 0.7,
      writtenBytes: random.pick([0, 1, 100, 5000]),
    });
  }

  #failSomething(world: World, within: number): void {
    const random = this.#random;
    const operation = random.pick<Operation>([
      'write',
      'write',
      'write',
      'sync',
      'sync',
      'sync',
      'sync',
      'sync',
      'sync',
      'open',
      'rename',
      'remove',
      'truncate',
      'syncDirectory',
      'list',
      'makeDirectory',
    ]);
    const path = random.pick(['/wal', '/wal', '/db', '/manifest', '/']);
    world.count(`fault ${operation} ${path}`);
    this.#disk.fail({
      operation,
      path,
      code: random.pick(['EIO', 'EIO', 'ENOSPC']),
      after: random.below(random.pick([1, 4, within])),
      isLasting: random.fraction() < 0.2,
      writtenBytes: random.pick([0, 1, 100, 5000]),
    });
  }

  /** The faults are mended and all comes to rest: then everything works again, unless the server is read-only for good. */
  async #calm(world: World): Promise<void> {
    this.#disk.clearFaults();
    world.count('calm');
    await world.calmDown();
    const { ledger, instance } = world;
    if (instance.failure === undefined) {
      const before = ledger.acknowledgedLsn;
      ledger.noteSynced();
      await world.drive(instance.flush());
      ledger.noteFlushed(before);
      for (const database of world.databases) {
        // Refusals for the tables as they are, are no failures.
        for (let attempt = 0; attempt < 20 && ledger.acknowledgedLsn === before; attempt++) {
          await world.drive(writeLines(world, this.#random, database));
        }
        if (ledger.acknowledgedLsn === before) {
          throw new SimulationFailure('the disk is well again, and writes do not get through');
        }
      }
    } else if (!world.hasHardFaults) {
      throw new SimulationFailure(`the server is read-only after a full disk: ${instance.failure.message}`);
    }
    world.endCalm();
  }

  async #crash(world: World): Promise<void> {
    const random = this.#random;
    const isClosed = random.fraction() < 0.2 && (await this.#close(world));
    this.#nextCommitId = world.ledger.nextId;
    const isKill = random.fraction() < 0.35;
    const { ledger } = world;
    const isWholeLogKept = this.#durability === 'every_write' || isClosed || isKill;
    if (!isWholeLogKept) this.#drawnForGood.clear();
    const syncedLsn = this.#durability === 'periodic' ? ledger.syncedLsn : 0;
    this.#expectation = {
      ledger,
      durability: this.#durability,
      survivesUpTo: isWholeLogKept ? ledger.knownLsn : Math.max(syncedLsn, ledger.flushedLsn),
      rowsSurviveUpTo: ledger.flushedLsn,
    };
    world.count(isClosed ? 'closed' : isKill ? 'killed' : 'power cut');
    const { survivesUpTo, rowsSurviveUpTo } = this.#expectation;
    trace('crash', isClosed ? 'after close' : '', isKill ? 'kill' : 'power cut', { survivesUpTo, rowsSurviveUpTo });
    await this.#leave(world, isKill);
  }

  /** An orderly end, under which the clients finish what they are at. True when all was made safe. */
  async #close(world: World): Promise<boolean> {
    world.isStopping = true;
    this.#disk.clearFaults();
    await world.drive(Promise.all(this.#clients));
    try {
      await world.drive(world.instance.close());
    } catch (error) {
      if (error instanceof SimulationFailure || !world.hasHardFaults) throw error;
    }
    return world.instance.failure === undefined;
  }

  async #powerCutOrKill(world: World): Promise<void> {
    await this.#leave(world, !this.#disk.isPowerOff && this.#random.fraction() < 0.5);
  }

  /** The disk as the next server finds it. */
  async #leave(world: World, isKill: boolean): Promise<void> {
    const disk = isKill ? this.#disk.clone() : this.#disk.afterPowerCut(this.#random);
    world.end();
    this.#disk = disk;
    // A real process that is gone; the simulated one has the number of this very process.
    for (const path of disk.allFiles()) {
      if (path.startsWith(`${DIRECTORY.slice(1)}/tidewire.lock`)) await disk.remove(path);
    }
  }
}
