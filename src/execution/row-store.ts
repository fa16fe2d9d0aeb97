import type { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { sliceBatch } from '../columnar/copy-rows.ts';
import type { SqlType } from '../types/type-definition.ts';
import { CHUNK_ROWS, type ChunkedColumn } from './chunked-column.ts';
import { type ChunkedColumnBuilder, chunkedColumnBuilder, growthOf } from './chunked-column-builder.ts';
import type { MemoryAccount } from './memory-account.ts';
import type { StatementControl } from './statement-control.ts';

/** What a row takes in a new chunk of a column, validity included. */
const ROW_BYTES = 9;

/**
 * Rows that an operator keeps (sort, join build side), copied out of the batches that brought them. They lie in chunks, so
 * that a store of any size grows without copying what it has.
 */
export class RowStore {
  readonly #types: readonly SqlType[];
  readonly #builders: readonly ChunkedColumnBuilder[];
  readonly #memory: MemoryAccount;
  #reservedBytes = 0;
  #rowCount = 0;
  /** Rows of the chunk at hand. */
  #chunkRows = 0;
  #columns: readonly ChunkedColumn[] | undefined;
  #whole: readonly Column[] | undefined;

  constructor(types: readonly SqlType[], memory: MemoryAccount) {
    this.#types = types;
    this.#memory = memory;
    this.#builders = types.map(({ definition }) => chunkedColumnBuilder(definition.representation));
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get types(): readonly SqlType[] {
    return this.#types;
  }

  /** False, and nothing is kept, when the statement's memory may not suffice for the rows. */
  tryAppend(batch: Batch): boolean {
    const beyond = Math.max(this.#chunkRows + batch.rowCount - CHUNK_ROWS, 0);
    // The first chunk grows by doubling.
    const doubled = this.#rowCount < CHUNK_ROWS ? this.#rowCount + 2 * batch.rowCount : 0;
    const newRows = doubled + Math.ceil(beyond / CHUNK_ROWS) * CHUNK_ROWS;
    let growthBytes = newRows * this.#builders.length * ROW_BYTES;
    for (let index = 0; index < this.#builders.length; index++) {
      growthBytes += growthOf(batch.columns[index], batch.rowCount);
    }
    if (!this.#memory.tryReserve(growthBytes)) return false;
    this.#memory.release(growthBytes);
    this.append(batch);
    return true;
  }

  /** Throws 53200 when the statement has no memory left. */
  append(batch: Batch): void {
    for (let from = 0; from < batch.rowCount; ) {
      if (this.#chunkRows === CHUNK_ROWS) {
        for (const builder of this.#builders) builder.endChunk();
        this.#chunkRows = 0;
      }
      const to = Math.min(batch.rowCount, from + CHUNK_ROWS - this.#chunkRows);
      for (let index = 0; index < this.#builders.length; index++) {
        this.#builders[index].append(batch.columns[index], from, to);
      }
      this.#chunkRows += to - from;
      from = to;
    }
    this.#rowCount += batch.rowCount;
    let sizeBytes = 0;
    for (const builder of this.#builders) sizeBytes += builder.sizeBytes;
    if (sizeBytes > this.#reservedBytes) {
      this.#memory.reserve(sizeBytes - this.#reservedBytes);
      this.#reservedBytes = sizeBytes;
    }
  }

  /** The rows in chunks of `CHUNK_ROWS`; nothing can be appended afterwards. */
  chunked(): readonly ChunkedColumn[] {
    this.#columns ??= this.#builders.map((builder) => builder.finish());
    return this.#columns;
  }

  /** The rows chunk by chunk: batches of `CHUNK_ROWS` rows, the last of which may have fewer, none is empty. */
  batches(): readonly Batch[] {
    const columns = this.chunked();
    const batches: Batch[] = [];
    for (let from = 0; from < this.#rowCount; from += CHUNK_ROWS) {
      batches.push({
        rowCount: Math.min(CHUNK_ROWS, this.#rowCount - from),
        columns: columns.map((column) => column.chunks[batches.length]),
      });
    }
    return batches;
  }

  /** All rows side by side, for stores of few chunks: more are copied in one go. */
  columns(): readonly Column[] {
    this.#whole ??= this.chunked().map((column) => column.wholeAtOnce());
    return this.#whole;
  }

  /** All rows side by side, copied while others have their turns. Throws 53200 when there is no memory for the copy. */
  async whole(control: StatementControl): Promise<Batch> {
    if (this.#rowCount > CHUNK_ROWS) {
      let sizeBytes = 0;
      for (const column of this.chunked())
        sizeBytes += this.#rowCount * (column.chunks[0].kind === 'dictionary' ? 4 : 8);
      this.#memory.reserve(sizeBytes);
      this.#reservedBytes += sizeBytes;
    }
    const columns: Column[] = [];
    for (const column of this.chunked()) columns.push(await column.whole(control));
    return { rowCount: this.#rowCount, columns };
  }

  gather(rows: Uint32Array, count: number): Batch {
    return { rowCount: count, columns: this.chunked().map((column) => column.gather(rows, count)) };
  }

  /** Gives the memory back to the statement. */
  release(): void {
    this.#memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }
}

/** Appends the rows of `source` from row `from` on to `target`, while others have their turns. */
export async function copyRows(
  source: RowStore,
  from: number,
  target: RowStore,
  control: StatementControl,
): Promise<void> {
  let first = 0;
  for (const batch of source.batches()) {
    const start = Math.max(from - first, 0);
    if (start < batch.rowCount) target.append(sliceBatch(batch, start, batch.rowCount));
    first += batch.rowCount;
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}
