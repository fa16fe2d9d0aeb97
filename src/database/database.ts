import type { DatabaseDescriptor } from '../catalog/catalog-reader.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Clock } from '../platform/clock.ts';
import type { CommitOperation } from '../storage/commit/commit-operation.ts';
import type { VacuumOptions } from '../storage/compaction/compactor.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import type { AdvisoryLocks } from '../storage/versions/advisory-locks.ts';
import type { IngestBatch } from './ingest-batch.ts';
import { ingestOperations } from './ingest-operations.ts';
import type { IngestRowRules } from './ingest-row-rules.ts';
import { DEFAULT_INGEST_RULES, type IngestRules, type Widening } from './ingest-rules.ts';
import { assertExact, lockForWidening } from './ingest-widening.ts';
import { sharedCatalogOf } from './shared-catalog-of.ts';
import { StatisticsStore } from './statistics-store.ts';
import {
  type CompactionFact,
  compactionFacts,
  databaseBytes,
  type LogFact,
  logFact,
  type SeriesFact,
  seriesOf,
  type TableFact,
  tableFact,
  tagValueCount,
} from './table-facts.ts';
import { Transaction, type TransactionOptions } from './transaction.ts';

/** How long line protocol waits for a table that is being altered. */
const LOCK_TIMEOUT_MS = 10_000;

export interface IngestOptions {
  /** Whose rights count; undefined: nobody's, as there is nobody to ask. */
  readonly roleOid?: number | undefined;
}

/** One database of an instance: where transactions begin, and where line protocol goes past SQL. */
export class Database {
  readonly oid: number;
  readonly statistics = new StatisticsStore();
  readonly #engine: StorageEngine;
  readonly #clock: Clock;
  /** OIDs of the tables that were warned of. */
  readonly #warned = new Set<number>();

  readonly #first: DatabaseDescriptor;
  readonly #rules: IngestRules;
  #rowRules: IngestRowRules | undefined;

  constructor(descriptor: DatabaseDescriptor, engine: StorageEngine, clock: Clock, rules = DEFAULT_INGEST_RULES) {
    this.oid = descriptor.oid;
    this.#first = descriptor;
    this.#rules = rules;
    this.#engine = engine;
    this.#clock = clock;
  }

  /** As it is called by now. */
  get descriptor(): DatabaseDescriptor {
    return sharedCatalogOf(this.#engine.state.shared.published).databaseByOid(this.oid) ?? this.#first;
  }

  /** How the rows of a table lie, as they are read now. */
  tableFact(oid: number): TableFact {
    return tableFact(this.#engine, oid);
  }

  /** How the rows of a table lie, its series, the log and what is being merged, as they are asked for. */
  get storageFacts(): {
    readonly table: (oid: number) => TableFact;
    readonly series: (oid: number) => Iterable<SeriesFact>;
    readonly log: () => LogFact;
    readonly compactions: () => readonly CompactionFact[];
  } {
    const engine = this.#engine;
    return {
      table: (oid) => tableFact(engine, oid),
      series: (oid) => seriesOf(engine, oid),
      log: () => logFact(engine),
      compactions: () => compactionFacts(engine),
    };
  }

  /** How many values a tag has; undefined where the table has no such tag. */
  tagValueCount(oid: number, columnNumber: number): number | undefined {
    return tagValueCount(this.#engine, oid, columnNumber);
  }

  /** Bytes of all tables of a database of the instance. */
  databaseBytes(oid: number): number {
    return databaseBytes(this.#engine, oid);
  }

  /** Who answers for defaults and CHECKs when line protocol comes. */
  useRowRules(rules: IngestRowRules): void {
    this.#rowRules = rules;
  }

  /** Of all databases of the instance. */
  get advisoryLocks(): AdvisoryLocks {
    return this.#engine.advisoryLocks;
  }

  begin(options: TransactionOptions = {}): Transaction {
    return new Transaction(this.#engine, this.oid, this.#clock.nowMicros(), options);
  }

  /**
   * Stores all batches as one commit, making tables and columns as they come; resolves when that is durable as the mode
   * asks. Throws IngestError for what does not fit, SqlError 53100 or 58030 when it cannot be written, 53200 while memory
   * is full, 55P03 while a table is being altered for long, 53400 beyond what the configuration allows, 42501 where the role
   * may not, 3D000 when the database was dropped meanwhile; then nothing was stored.
   */
  async ingest(batches: readonly IngestBatch[], { roleOid }: IngestOptions = {}): Promise<void> {
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
      ({ operations, widenings } = this.#operations(batches, roleOid));
      if (operations.length > 0 && widenings.length === 0) {
        committed = this.#engine.commit(this.oid, operations);
      }
    } finally {
      // Who locks a table waits for what is on its way to it.
      this.#engine.locks.releaseAll(owner);
    }
    if (widenings.length > 0) operations = await this.#ingestWidening(batches, widenings, roleOid);
    await committed;
    this.#warnOfDuplicates(operations);
  }

  /** What a commit of the batches is to do as things stand in this turn, and which columns have to be looked at before. */
  #operations(
    batches: readonly IngestBatch[],
    roleOid: number | undefined,
  ): {
    readonly operations: readonly CommitOperation[];
    readonly widenings: readonly Widening[];
  } {
    const widenings: Widening[] = [];
    this.#engine.hearRejection();
    this.#requireDatabase();
    const operations = ingestOperations(batches, this.#engine.state, this.oid, {
      fieldConflict: this.#rules.fieldConflict,
      noteWidening: (widening) => widenings.push(widening),
      rows: this.#rowRules,
      ownerOid: roleOid,
    });
    return { operations, widenings };
  }

  /** `ingest` where integer columns become double precision: nobody else writes to their tables meanwhile. */
  async #ingestWidening(
    batches: readonly IngestBatch[],
    widenings: readonly Widening[],
    roleOid: number | undefined,
  ): Promise<readonly CommitOperation[]> {
    const unlock = await lockForWidening(this.#engine, widenings);
    let open: (() => void) | undefined;
    try {
      open = await this.#engine.gate.enter();
      await this.#engine.whenPublished();
      const isLocked = ({ table }: Widening) => widenings.some((known) => known.table.oid === table.oid);
      for (let checked = false; ; checked = true) {
        const { operations, widenings: now } = this.#operations(batches, roleOid);
        if (!now.every(isLocked)) throw tryAgain();
        if (checked) {
          await this.#engine.commit(this.oid, operations, { release: open });
          return operations;
        }
        await assertExact(this.#engine, this.oid, now);
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

  #requireDatabase(): void {
    const state = this.#engine.state.databases.get(this.oid);
    if (state !== undefined && state.isDropped !== true) return;
    const { name } = this.descriptor;
    throw new SqlError(SqlState.InvalidCatalogName, `database "${name}" does not exist`);
  }

  #firstLocked(batches: readonly IngestBatch[]): number | undefined {
    this.#requireDatabase();
    const catalog = this.#engine.state.databases.get(this.oid)!.newest;
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
