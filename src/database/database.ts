import type { DatabaseDescriptor } from '../catalog/catalog-reader.ts';
import type { Clock } from '../platform/clock.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import type { IngestBatch } from './ingest-batch.ts';
import { ingestOperations } from './ingest-operations.ts';
import { Transaction, type TransactionOptions } from './transaction.ts';

/** One database of an instance: where transactions begin, and where line protocol goes past SQL. */
export class Database {
  readonly descriptor: DatabaseDescriptor;
  readonly #engine: StorageEngine;
  readonly #clock: Clock;

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
    const operations = ingestOperations(batches, this.#engine.state, this.descriptor.oid);
    if (operations.length > 0) await this.#engine.commit(this.descriptor.oid, operations);
  }
}
