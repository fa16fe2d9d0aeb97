import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** What the indexes of all plain tables take, against what they may. */
export class IndexMemory {
  limitBytes = Number.POSITIVE_INFINITY;
  usedBytes = 0;

  /** Throws 53200 when there is none left for more keys. */
  assertRoom(): void {
    if (this.usedBytes < this.limitBytes) return;
    throw new SqlError(SqlState.OutOfMemory, 'the indexes of plain tables are out of memory', {
      detail: `They take ${this.usedBytes} bytes, of ${this.limitBytes} allowed.`,
      hint: 'Drop indexes or rows that are not needed, or raise index-memory.',
    });
  }
}

/** What one index takes of it. */
export class IndexSize {
  bytes = 0;
  readonly #memory: IndexMemory;

  constructor(memory: IndexMemory) {
    this.#memory = memory;
  }

  add(bytes: number): void {
    this.bytes += bytes;
    this.#memory.usedBytes += bytes;
  }

  /** The index is gone. */
  release(): void {
    this.#memory.usedBytes -= this.bytes;
    this.bytes = 0;
  }
}
