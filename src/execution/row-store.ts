import type { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import { gatherColumn } from '../columnar/copy-rows.ts';
import type { SqlType } from '../types/type-definition.ts';
import type { MemoryAccount } from './memory-account.ts';

/** Rows that an operator keeps (sort, join build side), copied out of the batches that brought them. */
export class RowStore {
  readonly #builders: readonly ColumnBuilder[];
  readonly #memory: MemoryAccount;
  #reservedBytes = 0;
  #capacityRows = 0;
  #rowCount = 0;
  #columns: Column[] | undefined;

  constructor(types: readonly SqlType[], memory: MemoryAccount) {
    this.#memory = memory;
    this.#builders = types.map(
      ({ definition }) => new ColumnBuilder(definition.representation, { text: 'dictionary' }),
    );
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /**
   * False, and nothing is kept, when the statement's memory does not allow that the store grows: its buffers become twice
   * as large, and the old ones are there until the rows are copied.
   */
  tryAppend(batch: Batch): boolean {
    const rowCount = this.#rowCount + batch.rowCount;
    if (rowCount > this.#capacityRows) {
      const growthBytes = this.#reservedBytes * 2;
      if (!this.#memory.tryReserve(growthBytes)) return false;
      this.#memory.release(growthBytes);
    }
    this.append(batch);
    return true;
  }

  /** Throws 53200 when the statement has no memory left. */
  append(batch: Batch): void {
    this.#rowCount += batch.rowCount;
    if (this.#rowCount > this.#capacityRows) this.#capacityRows = Math.max(this.#rowCount, this.#capacityRows * 2);
    let sizeBytes = 0;
    for (let index = 0; index < this.#builders.length; index++) {
      const builder = this.#builders[index];
      builder.pushRange(batch.columns[index], 0, batch.rowCount);
      sizeBytes += builder.sizeBytes;
    }
    if (sizeBytes > this.#reservedBytes) {
      this.#memory.reserve(sizeBytes - this.#reservedBytes);
      this.#reservedBytes = sizeBytes;
    }
  }

  /** All rows as columns; nothing can be appended afterwards. */
  columns(): readonly Column[] {
    this.#columns ??= this.#builders.map((builder) => builder.finish());
    return this.#columns;
  }

  gather(rows: Uint32Array, count: number): Batch {
    return { rowCount: count, columns: this.columns().map((column) => gatherColumn(column, rows, count)) };
  }

  /** Gives the memory back to the statement. */
  release(): void {
    this.#memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }
}
