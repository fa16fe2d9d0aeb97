import type { SeededRandom } from '../../support/seeded-random.ts';

/** Turns of the event loop without anything to choose from before the history counts as idle. */
const IDLE_TURNS = 3;

/**
 * Chooses who goes on next: clients between their steps and operations of the disk wait here, and one of them at a time
 * is let go. The rest of the program runs between two choices until nothing but further choices is left, so that the
 * same numbers give the same history.
 */
export class Scheduler {
  /** Choices made so far. */
  stepCount = 0;
  readonly #random: SeededRandom;
  #waiting: (() => void)[] = [];
  #isOver = false;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when it is chosen; never, once the history is over. */
  turn(): Promise<void> {
    if (this.#isOver) return new Promise(() => {});
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets one of those that wait go on, after all others have come to rest. False when nobody waits. */
  async step(): Promise<boolean> {
    for (let turns = 0; turns < IDLE_TURNS; turns++) {
      await macrotask();
      if (this.#waiting.length === 0) continue;
      const index = this.#random.below(this.#waiting.length);
      const [go] = this.#waiting.splice(index, 1);
      this.stepCount++;
      go!();
      return true;
    }
    return false;
  }

  /** The end of this world: nobody who waits will ever go on. */
  end(): void {
    this.#isOver = true;
    this.#waiting = [];
  }
}

/** One turn of the event loop: promises settle, and so does what the program itself put off with `setImmediate`. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
