/** After this long an operator gives sockets and timers a turn. */
const TURN_MS = 5;

/**
 * The event loop goes round once for every 5 ms of work on statements, however many of them are running: between two
 * looks at sockets and timers one statement goes on, the others wait in line.
 *
 *   check phase   the statement that has waited longest goes on
 *   timers, poll  sockets; statements that begin, or go on after reading from disk, share what is left of the turn
 */
export class Turns {
  #endsAt = Number.NEGATIVE_INFINITY;
  /** Some statement has worked since the loop was last asked to come round. */
  #isOpen = false;
  #waiting: (() => void)[] = [];
  #next = 0;

  /** A statement begins to work. */
  begin(now: number): void {
    if (!this.#isOpen) this.#open(now);
  }

  /** Whether a statement that works at `now` has to wait for its next turn. */
  isOver(now: number): boolean {
    if (now < this.#endsAt) return false;
    if (this.#isOpen) return true;
    this.#open(now);
    return false;
  }

  /** Statements are in line. */
  get hasWaiting(): boolean {
    return this.#next < this.#waiting.length;
  }

  /** Resolves when sockets and timers, and those who came before, have had their turns. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #open(now: number): void {
    this.#isOpen = true;
    this.#endsAt = now + TURN_MS;
    setImmediate(this.#pass);
  }

  readonly #pass = (): void => {
    this.#isOpen = false;
    const resume = this.#waiting[this.#next];
    if (resume === undefined) return;
    this.#next++;
    if (this.#next === this.#waiting.length || this.#next === 1024) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    this.#open(performance.now());
    resume();
  };
}

/** Of this thread. */
export const turns = new Turns();
