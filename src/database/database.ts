import type { DatabaseDescriptor } from '../catalog/catalog-reader.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Clock } from '../platform/clock.ts';
import type { CommitOperation } from '../storage/commit/commit-record.ts';
import type { VacuumOptions } from '../storage/compaction/compactor.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import type { IngestBatch } from './ingest-batch.ts';
import { ingestOperations } from './ingest-operations.ts';
import type { IngestRowRules } from './ingest-row-rules.ts';
import { DEFAULT_INGEST_RULES, type IngestRules, type Widening } from './ingest-rules.ts';
import { assertExact, lockForWidening } from './ingest-widening.ts';
import { StatisticsStore } from './statistics-store.ts';
import { Transaction, type TransactionOptions } from './transaction.ts';

/** How long line protocol waits for a table that is being altered. */
const LOCK_TIMEOUT_MS = 10_000;

/** One database of an instance: where transactions begin, and where line protocol goes past SQL. */
export class Database {
  readonly descriptor: DatabaseDescriptor;
  readonly statistics = new StatisticsStore();
  readonly #engine: StorageEngine;
  readonly #clock: Clock;
  /** OIDs of the tables that were warned of. */
  readonly #warned = new Set<number>();

  readonly #rules: IngestRules;
  #rowRules: IngestRowRules | undefined;

  constructor(descriptor: DatabaseDescriptor, engine: StorageEngine, clock: Clock, rules = DEFAULT_INGEST_RULES) {
    this.descriptor = descriptor;
    this.#rules = rules;
    this.#engine = engine;
    this.#clock = clock;
  }

  /** Who answers for defaults and CHECKs when line protocol comes. */
  useRowRules(rules: IngestRowRules): void {
    this.#rowRules = rules;
  }

  begin(options: TransactionOptions = {}): Transaction {
    return new Transaction(this.#engine, this.descriptor.oid, this.#clock.nowMicros(), options);
  }

  /**
   * Stores all batches as one commit, making tables and columns as they come; resolves when that is durable as the mode
   * asks. Throws IngestError for what does not fit, SqlError 53100 or 58030 when it cannot be written, 53200 while memory
   * is full, 55P03 while a table is being altered for long, 53400 beyond what the configuration allows; then nothing was
   * stored.
   */
  async ingest(batches: readonly IngestBatch[]): Promise<void> {
    const { maxTablesPerRequest } = this.#rules;
    if (batches.length > maxTablesPerRequest) {
      const message = `a request may write to ${maxTablesPerRequest} tables, and this one names ${batches.length}`;
      throw new SqlError(SqlState.ConfigurationLimitExceeded, message);
    }
    const turn = this.#engine.whenWritable();
    if (turn !== undefined) await turn;
    const owner = {};
    let operations: readonly CommitOperation[];
    let committed: Promise<void> | undefined;
    let widenings: readonly Widening[];
    try {
      for (let turn = this.#whenCommittable(batches, owner); turn !== undefined; ) {
        await turn;
        turn = this.#whenCommittable(batches, owner);
      }
      ({ operations, widenings } = this.#operations(batches));
      if (operations.length > 0 && widenings.length === 0) {
        committed = this.#engine.commit(this.descriptor.oid, operations);
      }
    } finally {
      // Who locks a table waits for what is on its way to it.
      this.#engine.locks.releaseAll(owner);
    }
    if (widenings.length > 0) operations = await this.#ingestWidening(batches, widenings);
    await committed;
    this.#warnOfDuplicates(operations);
  }

  /** What a commit of the batches is to do as things stand in this turn, and which columns have to be looked at before. */
  #operations(batches: readonly IngestBatch[]): {
    readonly operations: readonly CommitOperation[];
    readonly widenings: readonly Widening[];
  } {
    const widenings: Widening[] = [];
    this.#engine.hearRejection();
    const operations = ingestOperations(batches, this.#engine.state, this.descriptor.oid, {
      fieldConflict: this.#rules.fieldConflict,
      noteWidening: (widening) => widenings.push(widening),
      rows: this.#rowRules,
    });
    return { operations, widenings };
  }

  /** `ingest` where integer columns become double precision: nobody else writes to their tables meanwhile. */
  async #ingestWidening(
    batches: readonly IngestBatch[],
    widenings: readonly Widening[],
  ): Promise<readonly CommitOperation[]> {
    const unlock = await lockForWidening(this.#engine, widenings);
    let open: (() => void) | undefined;
    try {
      open = await this.#engine.gate.enter();
      await this.#engine.whenPublished();
      const isLocked = ({ table }: Widening) => widenings.some((known) => known.table.oid === table.oid);
      for (let checked = false; ; checked = true) {
        const { operations, widenings: now } = this.#operations(batches);
        if (!now.every(isLocked)) throw tryAgain();
        if (checked) {
          await this.#engine.commit(this.descriptor.oid, operations, { release: open });
          return operations;
        }
        await assertExact(this.#engine, this.descriptor.oid, now);
      }
    } finally {
      open?.();
      unlock();
    }
  }

  /** Undefined in a turn in which nothing keeps the batches from being committed. */
  #whenCommittable(batches: readonly IngestBatch[], owner: object): Promise<void> | undefined {
    const busy = this.#engine.gate.whenOpen();
    if (busy !== undefined || this.#firstLocked(batches) === undefined) return busy;
    return this.#whenUnlocked(batches, owner);
  }

  /** Waits for tables that are being altered. Rejects with 55P03 when that takes too long, for the client to try again. */
  async #whenUnlocked(batches: readonly IngestBatch[], owner: object): Promise<void> {
    const { locks } = this.#engine;
    for (;;) {
      const lockedOid = this.#firstLocked(batches);
      if (lockedOid === undefined) return;
      locks.releaseAll(owner);
      await locks.acquire(lockedOid, owner, 'append', { lockTimeoutMs: LOCK_TIMEOUT_MS });
    }
  }

  #firstLocked(batches: readonly IngestBatch[]): number | undefined {
    const catalog = this.#engine.state.databases.get(this.descriptor.oid)!.newest;
    for (const { tableName } of batches) {
      const oid = catalog.table('public', tableName)?.oid;
      if (oid !== undefined && this.#engine.locks.isBlocked(oid, 'append')) return oid;
    }
    return undefined;
  }

  /**
   * Flushes a table and merges its segments until nothing is left to gain. Throws what `control.check` throws, 53100 or
   * 58030 when it cannot be written. No effect on a table that is gone.
   */
  vacuum(tableOid: number, options: VacuumOptions): Promise<void> {
    return this.#engine.vacuum(tableOid, options);
  }

  /** A client that sends a batch again after a timeout expects nothing to change; without a key, rows double. */
  #warnOfDuplicates(operations: readonly CommitOperation[]): void {
    for (const operation of operations) {
      if (operation.kind !== 'rows' || this.#warned.has(operation.tableOid)) continue;
      const table = this.#engine.state.tables.get(operation.tableOid)?.newest;
      if (table === undefined || table.uniqueKey !== undefined) continue;
      this.#warned.add(table.oid);
      this.#engine.report(
        'warn',
        'line protocol goes to a table without a key: points that are sent twice stand twice',
        {
          table: table.name,
        },
      );
    }
  }
}

/** Somebody has changed a table between two looks at it. */
function tryAgain(): SqlError {
  return new SqlError(SqlState.SerializationFailure, 'a table was changed while the request was on its way', {
    hint: 'Send the request again.',
  });
}
