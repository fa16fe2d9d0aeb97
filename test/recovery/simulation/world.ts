import { PUBLIC_SCHEMA } from '../../../src/catalog/catalog-object.ts';
import type { Database } from '../../../src/database/database.ts';
import { Instance } from '../../../src/database/instance.ts';
import { SqlError } from '../../../src/errors/sql-error.ts';
import type { FileSystem } from '../../../src/platform/file-system.ts';
import type { Durability } from '../../../src/storage/seams/write-log.ts';
import { int8 } from '../../../src/types/int8.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import type { MemoryFileSystem, Operation } from '../../support/memory-file-system.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';
import { type Commit, describeEffects, Ledger, type Mark, SimulationFailure, tableNameOf } from './ledger.ts';
import type { Effect, ModelState } from './model.ts';
import { observeAppends } from './observe-appends.ts';
import { Scheduler } from './scheduler.ts';
import { trace } from './trace.ts';

export const DATABASE_NAMES = ['tidewire', 'postgres'] as const;
export const DIRECTORY = '/data';
export const SEQUENCE_NAME = 'numbers';

/** What a write may be refused with when the tables do not allow it. */
const SEMANTIC_CODES = new Set(['23505', '42P07', '42P01', '22P02', '42809', '23502', '40001', '40P01', '55P03']);
const DISK_FULL = '53100';
const IO_ERROR = '58030';

/** Turns without progress, each with half a second for timers, after which a history counts as stuck. */
const MAX_IDLE_TURNS = 40;
const IDLE_MS = 500;

export interface WorldOptions {
  readonly random: SeededRandom;
  readonly durability: Durability;
  readonly disk: MemoryFileSystem;
  /** The disk as the instance gets to see it. */
  readonly fileSystem: FileSystem;
  readonly memtableBytes: number;
  readonly stagingBytes: number;
  /** Some commits do not wait for the disk (synchronous_commit = off). */
  readonly hasAsynchronousCommits: boolean;
  /** Per database the last number of its sequence that a commit has made sure of. */
  readonly drawnForGood: Map<string, number>;
  readonly logFileBytes: number;
  readonly reserveBytes: number;
  /** Of the operations of the disk, how many wait to be chosen. */
  readonly pausedShare: number;
}

/** One run of a server, from its start to a crash: its disk, its time, and the ledger of what its clients were told. */
export class World {
  readonly random: SeededRandom;
  readonly disk: MemoryFileSystem;
  readonly durability: Durability;
  readonly scheduler: Scheduler;
  readonly timers = new ManualTimers();
  ledger!: Ledger;
  instance!: Instance;
  /** Clients finish what they are at and begin nothing new. */
  isStopping = false;
  /** Something was made to fail: then writes may be refused for the disk. */
  hasFaults = false;
  /** Something other than lack of space was made to fail: then the server may have become read-only. */
  hasHardFaults = false;
  /** Bytes and kinds of events, to compare two runs of one seed. */
  readonly counts = new Map<string, number>();
  readonly #options: WorldOptions;
  readonly #drawn = new Map<string, number>();
  #calm: Promise<void> | undefined;
  #endCalm: (() => void) | undefined;
  #failure: unknown;
  #isOver = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = options.random;
    this.disk = options.disk;
    this.durability = options.durability;
    this.scheduler = new Scheduler(options.random);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get databases(): Database[] {
    return DATABASE_NAMES.map((name) => this.instance.database(name)!);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Opens the instance, under this world's scheduler. */
  async open(): Promise<void> {
    const {
      random,
      durability,
      fileSystem,
      memtableBytes,
      stagingBytes,
      logFileBytes,
      reserveBytes,
      pausedShare,
      disk,
    } = this.#options;
    disk.beforeOperation = (_operation: Operation, _path: string) =>
      random.fraction() < pausedShare ? this.scheduler.turn() : undefined;
    this.instance = await this.drive(
      Instance.open({
        directory: DIRECTORY,
        fileSystem,
        durability,
        memtableBytes,
        stagingBytes,
        logFileBytes,
        reserveBytes,
        random,
        timers: this.timers,
        clock: { nowMicros: () => 0, monotonicMillis: () => 0 },
        cacheBytes: 1 << 20,
        log: (level, message, fields) => {
          this.count(message);
          const isExpected = this.hasFaults || level !== 'error';
          if (!isExpected) this.fail(new SimulationFailure(`${message}: ${JSON.stringify(fields)}`));
        },
      }),
    );
  }

  get hasAsynchronousCommits(): boolean {
    return this.#options.hasAsynchronousCommits;
  }

  /** Makes a sequence in each database that has none. */
  async makeSequences(): Promise<void> {
    for (const database of this.databases) {
      const transaction = database.begin();
      if (transaction.catalog().sequence('public', SEQUENCE_NAME) !== undefined) {
        transaction.rollback();
        continue;
      }
      if ((this.#options.drawnForGood.get(database.descriptor.name) ?? 0) > 0) {
        throw new SimulationFailure(`the sequence of ${database.descriptor.name} is gone`);
      }
      transaction.sequences.create({
        oid: transaction.takeOid(),
        schemaOid: PUBLIC_SCHEMA.oid,
        schemaName: PUBLIC_SCHEMA.name,
        name: SEQUENCE_NAME,
        ownerOid: 10,
        type: int8,
        start: 1,
        increment: 1,
        min: 1,
        max: Number.MAX_SAFE_INTEGER,
        cache: 1,
        isCycled: false,
        owner: undefined,
      });
      await transaction.commit();
    }
  }

  /** A number that was drawn just now: no earlier one of this world may come again, nor any that was committed. */
  noteDrawn(databaseName: string, value: number): void {
    const before = Math.max(this.#drawn.get(databaseName) ?? 0, this.#options.drawnForGood.get(databaseName) ?? 0);
    if (value <= before) throw new SimulationFailure(`the sequence of ${databaseName} gave ${value} after ${before}`);
    this.#drawn.set(databaseName, value);
    this.count('number drawn');
  }

  /** A commit has been acknowledged whose transaction had drawn the number. */
  noteDrawnForGood(databaseName: string, value: number): void {
    const { drawnForGood } = this.#options;
    drawnForGood.set(databaseName, Math.max(drawnForGood.get(databaseName) ?? 0, value));
  }

  startLedger(state: ModelState, firstId: number): void {
    this.ledger = new Ledger(state, firstId);
  }

  /** For clients, between two steps. Does not return in a world that is over. */
  async turn(): Promise<void> {
    while (this.#calm !== undefined) await this.#calm;
    await this.scheduler.turn();
  }

  /** A client has found something wrong: the history ends with it. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Runs the world until the promise is settled. Throws when nothing moves any more. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    await this.runUntil(() => isSettled);
    return settled;
  }

  async runUntil(isDone: () => boolean): Promise<void> {
    for (let idleTurns = 0; !isDone(); ) {
      this.throwFailure();
      if (await this.scheduler.step()) idleTurns = 0;
      else if (isDone()) break;
      else if (++idleTurns > MAX_IDLE_TURNS) throw new SimulationFailure('nothing moves any more, and somebody waits');
      else this.timers.advance(IDLE_MS);
    }
    this.throwFailure();
  }

  /** Clients stand still until `endCalm`; what the server does by itself comes to its end. */
  async calmDown(): Promise<void> {
    this.#calm = new Promise((resolve) => {
      this.#endCalm = resolve;
    });
    let idleTurns = 0;
    while (idleTurns < 3) {
      this.throwFailure();
      if (await this.scheduler.step()) idleTurns = 0;
      else {
        idleTurns++;
        this.timers.advance(IDLE_MS);
      }
    }
  }

  endCalm(): void {
    this.#calm = undefined;
    this.#endCalm?.();
  }

  /** A commit on its way: the ledger hears of its place in the log, and of its end. */
  async write(
    databaseName: string,
    effects: readonly Effect[],
    since: Mark,
    write: () => Promise<void>,
    { isSynchronous = true } = {},
  ): Promise<Commit> {
    const { ledger, instance } = this;
    const commit = ledger.begin(databaseName, effects);
    const wasReadOnly = instance.failure !== undefined;
    const appended = (lsn: number): void => {
      if (this.#isOver) return;
      try {
        ledger.noteAppended(commit, lsn);
      } catch (error) {
        this.fail(error);
      }
    };
    try {
      await observeAppends({ appended }, write);
      if (this.#isOver) return commit;
      if (wasReadOnly && commit.lsn !== undefined) {
        throw new SimulationFailure(`commit ${commit.id} was acknowledged by a server that is read-only`);
      }
      ledger.noteAcknowledged(commit, { isSynchronous });
      trace('acknowledged', commit.id, commit.lsn, describeEffects(effects));
      this.count('acknowledged');
    } catch (error) {
      if (this.#isOver) return commit;
      this.#noteRefused(commit, error, since);
    }
    return commit;
  }

  #noteRefused(commit: Commit, error: unknown, since: Mark): void {
    const code = error instanceof SqlError ? error.code : undefined;
    trace('refused', commit.id, commit.lsn, code, String(error));
    this.count(`refused ${code ?? String(error)}`);
    if (code !== undefined && SEMANTIC_CODES.has(code) && commit.lsn === undefined) {
      this.ledger.noteRejected(commit, 'rejected');
      this.checkRefusal(commit, error as SqlError, since);
    } else if (code === DISK_FULL && this.hasFaults) this.ledger.noteRejected(commit, 'rejected');
    else if (code === IO_ERROR && this.hasHardFaults) {
      this.ledger.noteRejected(commit, commit.lsn === undefined ? 'rejected' : 'unknown');
    } else throw error;
  }

  /** Throws unless the tables, or what others did to them meanwhile, explain the refusal. */
  checkRefusal(commit: Commit, error: SqlError, since: Mark): void {
    if (!SEMANTIC_CODES.has(error.code)) throw error;
    // Who waits for whom, the ledger does not know.
    if (error.code === '40P01' || error.code === '55P03') return;
    if (this.ledger.isRefusalPlausible(commit, since)) return;
    const tables = [...new Set(commit.effects.map(tableNameOf))].join(', ');
    throw new SimulationFailure(`commit ${commit.id} to ${tables} was refused for no reason: ${error.message}`);
  }

  /** The process is gone. What it still had under way never happens. */
  end(): void {
    this.#isOver = true;
    this.scheduler.end();
    this.disk.isPowerOff = true;
  }
}
