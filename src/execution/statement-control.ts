import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** After this long an operator gives sockets and timers a turn. */
const TURN_MS = 5;
/** A sleeping statement looks for its cancellation so often. */
const LONGEST_NAP_MS = 20;

const RUNNING = 0;
const CANCELLED_BY_USER = 1;
const CANCELLED_BY_TIMEOUT = 2;
const CANCELLED_BY_SHUTDOWN = 3;

export type CancelReason = 'user' | 'timeout' | 'shutdown';

/**
 * The leash of one running statement. The cancel word lies in shared memory so that worker threads see it too; it is read
 * once per unit of 1,024 rows.
 */
export class StatementControl {
  readonly #word: Int32Array;
  #turnEndsAt: number;
  #owedMs = 0;

  constructor(word: Int32Array = new Int32Array(new SharedArrayBuffer(4))) {
    this.#word = word;
    this.#turnEndsAt = performance.now() + TURN_MS;
  }

  cancel(reason: CancelReason): void {
    const code =
      reason === 'user' ? CANCELLED_BY_USER : reason === 'timeout' ? CANCELLED_BY_TIMEOUT : CANCELLED_BY_SHUTDOWN;
    Atomics.compareExchange(this.#word, 0, RUNNING, code);
  }

  /** Throws 57014 or 57P01 when the statement was cancelled. */
  check(): void {
    const code = Atomics.load(this.#word, 0);
    if (code === RUNNING) return;
    if (code === CANCELLED_BY_SHUTDOWN) {
      throw new SqlError(SqlState.AdminShutdown, 'terminating connection due to administrator command');
    }
    throw new SqlError(
      SqlState.QueryCanceled,
      code === CANCELLED_BY_TIMEOUT
        ? 'canceling statement due to statement timeout'
        : 'canceling statement due to user request',
    );
  }

  /** What `pay` is to wait for: pg_sleep() cannot wait itself, since expressions are computed without a pause. */
  owe(ms: number): void {
    if (ms > 0) this.#owedMs += ms;
  }

  get owedMs(): number {
    return this.#owedMs;
  }

  /** Waits for what is owed, and feels a cancellation meanwhile. */
  async pay(): Promise<void> {
    const end = performance.now() + this.#owedMs;
    for (let left = this.#owedMs; left > 0; left = end - performance.now()) {
      this.check();
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, LONGEST_NAP_MS)));
      this.#owedMs = Math.max(end - performance.now(), 0);
    }
    this.#owedMs = 0;
    this.check();
  }

  /**
   * Checks for cancellation; when this turn has lasted 5 ms, returns a promise that gives every other socket and timer
   * its turn. `const turn = control.yieldIfDue(); if (turn !== undefined) await turn;` costs nothing while none is due.
   */
  yieldIfDue(): Promise<void> | undefined {
    this.check();
    if (performance.now() < this.#turnEndsAt) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#turnEndsAt = performance.now() + TURN_MS;
        resolve();
      });
    });
  }
}
