import type { Batch, BatchStream } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { gatherBatch } from '../columnar/copy-rows.ts';
import type { MemoryAccount } from './memory-account.ts';

/** What an object of a column costs beside its slot. */
const VALUE_BYTES = 64;

/**
 * Rows that several readers want, each at its own pace: the rows of a common table, or of a round of a recursive one.
 * They are pulled from the source as far as the foremost reader has come, and kept for the others.
 */
export class RowBuffer {
  readonly #memory: MemoryAccount;
  readonly #batches: Batch[] = [];
  #source: (() => BatchStream) | undefined;
  #stream: BatchStream | undefined;
  #pulling: Promise<void> | undefined;
  /** What the source threw: nobody takes the rows before it for all. */
  #failure: { readonly error: unknown } | undefined;
  #reservedBytes = 0;
  #rowCount = 0;

  /** `source` is asked for its rows when the first reader comes; without one, rows are appended. */
  constructor(memory: MemoryAccount, source?: () => BatchStream) {
    this.#memory = memory;
    this.#source = source;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Copies the rows. Throws 53200. */
  append(batch: Batch): void {
    const rows = new Uint32Array(batch.rowCount);
    for (let row = 0; row < rows.length; row++) rows[row] = row;
    const sizeBytes = batchBytes(batch);
    this.#memory.reserve(sizeBytes);
    this.#reservedBytes += sizeBytes;
    this.#rowCount += batch.rowCount;
    this.#batches.push(gatherBatch(batch, rows, rows.length));
  }

  /** All rows from the first on. Throws what the source throws. */
  async *read(): AsyncGenerator<Batch, void, undefined> {
    for (let at = 0; ; at++) {
      while (at >= this.#batches.length) {
        if (this.#failure !== undefined) throw this.#failure.error;
        if (this.#source === undefined && this.#stream === undefined) return;
        this.#pulling ??= this.#pull();
        await this.#pulling;
      }
      yield this.#batches[at];
    }
  }

  /** Reads the source to its end. */
  async fill(): Promise<void> {
    for await (const _ of this.read());
  }

  /** Ends the source and gives the memory back. */
  async close(): Promise<void> {
    const stream = this.#stream;
    this.#source = undefined;
    this.#stream = undefined;
    this.#batches.length = 0;
    this.#memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
    await stream?.return();
  }

  async #pull(): Promise<void> {
    try {
      this.#stream ??= this.#source?.();
      this.#source = undefined;
      const next = await this.#stream?.next();
      if (next === undefined || next.done === true) this.#stream = undefined;
      else if (next.value.rowCount > 0) this.append(next.value);
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#pulling = undefined;
    }
  }
}

/** About what the rows take in memory. */
export function batchBytes(batch: Batch): number {
  return batch.columns.reduce((sum, column) => sum + columnBytes(column, batch.rowCount), 0);
}

function columnBytes(column: Column, rowCount: number): number {
  const validityBytes = column.validity === undefined ? 0 : rowCount;
  switch (column.kind) {
    case 'number':
    case 'wide':
      return validityBytes + rowCount * 8;
    case 'boolean':
      return validityBytes + rowCount;
    case 'dictionary':
      return validityBytes + rowCount * 4;
    case 'bytes':
      return validityBytes + rowCount * 4 + column.offsets[rowCount] - column.offsets[0];
    case 'value': {
      let size = validityBytes;
      for (let row = 0; row < rowCount; row++) {
        const value = column.values[row];
        size += 8 + (typeof value === 'string' ? value.length * 2 : value === null ? 0 : VALUE_BYTES);
      }
      return size;
    }
  }
}
