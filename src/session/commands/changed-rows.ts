import type { Batch } from '../../columnar/batch.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { GroupTable } from '../../execution/group-table.ts';
import type { MemoryAccount } from '../../execution/memory-account.ts';
import type { SqlType } from '../../types/type-definition.ts';

/**
 * The rows of one table that a statement has changed so far. A statement changes a row once: what a second part of it
 * wants of the same row is left out, as in PostgreSQL.
 */
export class ChangedRows {
  readonly #names: GroupTable;
  readonly #nameCount: number;
  readonly #memory: MemoryAccount;
  #reservedBytes = 0;

  /** `names`: the types of the columns that name a row, which stand first in the batches. */
  constructor(names: readonly SqlType[], memory: MemoryAccount) {
    this.#names = new GroupTable(names);
    this.#nameCount = names.length;
    this.#memory = memory;
  }

  /** Those that were not changed before; they count as changed from now on. Throws 53200. */
  without(batch: Batch): Batch {
    const { rowCount } = batch;
    const groups = new Uint32Array(rowCount);
    let known = this.#names.groupCount;
    this.#names.assign(batch.columns.slice(0, this.#nameCount), rowCount, groups);
    const selection = new Uint32Array(rowCount);
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      if (groups[row] !== known) continue;
      selection[count++] = row;
      known += 1;
    }
    const { sizeBytes } = this.#names;
    if (sizeBytes > this.#reservedBytes) {
      this.#memory.reserve(sizeBytes - this.#reservedBytes);
      this.#reservedBytes = sizeBytes;
    }
    return count === rowCount ? batch : gatherBatch(batch, selection, count);
  }
}
