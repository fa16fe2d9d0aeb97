import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** Keeps the budget of one statement: operators ask before they hold on to rows. */
export class MemoryAccount {
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get availableBytes(): number {
    return this.#limitBytes - this.#usedBytes;
  }

  /** Throws 53200 when the statement would pass its budget; then nothing is reserved. */
  reserve(sizeBytes: number): void {
    if (!this.tryReserve(sizeBytes)) throw this.exhausted();
  }

  /** 53200, for who cannot do with what there is. */
  exhausted(): SqlError {
    return new SqlError(SqlState.OutOfMemory, 'out of memory', {
      detail: `The statement needs more than its budget of ${Math.floor(this.#limitBytes / 1048576)} MB.`,
      hint: 'Narrow the time range, add a LIMIT, or raise "query-memory" in the configuration.',
    });
  }

  /** False, and nothing is reserved, when the statement would pass its budget. */
  tryReserve(sizeBytes: number): boolean {
    if (this.#usedBytes + sizeBytes > this.#limitBytes) return false;
    this.#usedBytes += sizeBytes;
    return true;
  }

  release(sizeBytes: number): void {
    this.#usedBytes -= sizeBytes;
  }
}
