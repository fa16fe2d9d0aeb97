import type { DatabaseDescriptor } from '../catalog/catalog-reader.ts';
import type { Clock } from '../platform/clock.ts';
import type { CommitOperation } from '../storage/commit/commit-record.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import type { IngestBatch } from './ingest-batch.ts';
import { ingestOperations } from './ingest-operations.ts';
import { Transaction, type TransactionOptions } from './transaction.ts';

/** One database of an instance: where transactions begin, and where line protocol goes past SQL. */
export class Database {
  readonly descriptor: DatabaseDescriptor;
  readonly #engine: StorageEngine;
  readonly #clock: Clock;
  /** OIDs of the tables that were warned of. */
  readonly #warned = new Set<number>();

  constructor(descriptor: DatabaseDescriptor, engine: StorageEngine, clock: Clock) {
    this.descriptor = descriptor;
    this.#engine = engine;
    this.#clock = clock;
  }

  begin(options: TransactionOptions = {}): Transaction {
    return new Transaction(this.#engine, this.descriptor.oid, this.#clock.nowMicros(), options);
  }

  /**
   * Stores all batches as one commit, making tables and columns as they come; resolves when that is durable as the mode
   * asks. Throws IngestError for what does not fit, SqlError 53100 or 58030 when it cannot be written; then nothing was
   * stored.
   */
  async ingest(batches: readonly IngestBatch[]): Promise<void> {
    const turn = this.#engine.whenWritable();
    if (turn !== undefined) await turn;
    this.#engine.hearRejection();
    const operations = ingestOperations(batches, this.#engine.state, this.descriptor.oid);
    if (operations.length === 0) return;
    await this.#engine.commit(this.descriptor.oid, operations);
    this.#warnOfDuplicates(operations);
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
