import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Timers } from '../platform/timers.ts';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Writers that wait for memory, each for a bounded time. */
export class WaitingWriters {
  readonly #timers: Timers;
  readonly #timeoutMs: number;
  readonly #waiting = new Set<Waiting>();

  constructor(timers: Timers, timeoutMs: number) {
    this.#timers = timers;
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects with 53200 when the time is up, and with what `rejectAll` is given. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        cancel();
        this.#waiting.delete(waiting);
      };
      const waiting: Waiting = {
        resolve: () => {
          end();
          resolve();
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      const cancel = this.#timers.after(this.#timeoutMs, () => waiting.reject(outOfMemory(this.#timeoutMs)));
      this.#waiting.add(waiting);
    });
  }

  resolveAll(): void {
    for (const { resolve } of [...this.#waiting]) resolve();
  }

  rejectAll(error: Error): void {
    for (const { reject } of [...this.#waiting]) reject(error);
  }
}

function outOfMemory(timeoutMs: number): SqlError {
  return new SqlError(SqlState.OutOfMemory, 'memory for rows that are not on disk yet is full', {
    detail: `The disk has not taken enough of them for ${timeoutMs} ms.`,
    hint: 'Try again later, or write less at a time.',
  });
}
