import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { turns } from './turns.ts';

/** A statement that has only begun goes on for so long although others wait: a short one is over by then. */
const FIRST_TURN_MS = 1;
/** A sleeping statement looks for its cancellation so often. */
const LONGEST_NAP_MS = 20;

const RUNNING = 0;
const CANCELLED_BY_USER = 1;
const CANCELLED_BY_TIMEOUT = 2;
const CANCELLED_BY_SHUTDOWN = 3;

export type CancelReason = 'user' | 'timeout' | 'shutdown';

/**
 * The leash of one running statement. The cancel word, which is read once per unit of 1,024 rows, moves into shared memory
 * when worker threads are to see it: for a short statement, making such memory would be a tenth of the work.
 */
export class StatementControl {
  #word: Int32Array | undefined;
  /** As long as there is no word. */
  #state = RUNNING;
  readonly #firstTurnEndsAt: number;
  #owedMs = 0;
  #owedWaits: (() => Promise<void>)[] = [];

  /** A thread is told the word of the statement that it works on. */
  constructor(word?: Int32Array) {
    this.#word = word;
    const now = performance.now();
    this.#firstTurnEndsAt = now + FIRST_TURN_MS;
    turns.begin(now);
  }

  /** The word itself, for threads that work on the statement: they make a control of their own over it. */
  get word(): Int32Array {
    if (this.#word === undefined) {
      this.#word = new Int32Array(new SharedArrayBuffer(4));
      this.#word[0] = this.#state;
    }
    return this.#word;
  }

  cancel(reason: CancelReason): void {
    const code =
      reason === 'user' ? CANCELLED_BY_USER : reason === 'timeout' ? CANCELLED_BY_TIMEOUT : CANCELLED_BY_SHUTDOWN;
    if (this.#word !== undefined) Atomics.compareExchange(this.#word, 0, RUNNING, code);
    else if (this.#state === RUNNING) this.#state = code;
  }

  /** Throws 57014 or 57P01 when the statement was cancelled. */
  check(): void {
    const code = this.#word === undefined ? this.#state : Atomics.load(this.#word, 0);
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

  /** What `pay` is to wait for besides, one after the other: locks, which functions cannot wait for either. */
  oweWait(wait: () => Promise<void>): void {
    this.#owedWaits.push(wait);
  }

  get owedMs(): number {
    return this.#owedMs;
  }

  get owesAnything(): boolean {
    return this.#owedMs > 0 || this.#owedWaits.length > 0;
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
    for (let wait = this.#owedWaits.shift(); wait !== undefined; wait = this.#owedWaits.shift()) await wait();
    this.check();
  }

  /**
   * Checks for cancellation; when this turn of the event loop has lasted 5 ms, returns a promise that gives every other
   * socket, timer and statement its turn. `const turn = control.yieldIfDue(); if (turn !== undefined) await turn;` costs
   * nothing while none is due.
   */
  yieldIfDue(): Promise<void> | undefined {
    this.check();
    const now = performance.now();
    if (now < this.#firstTurnEndsAt || !turns.isOver(now)) return undefined;
    return turns.next();
  }
}
