import { nextTurn } from '../../platform/next-turn.ts';

/**
 * Why a merge was given up before its end: nothing is wrong with the data, and nothing of the merge is left. `cause`: what
 * the statement that waited for it is to throw.
 */
export class CompactionAbandoned extends Error {
  override readonly name = 'CompactionAbandoned';
}

export interface PaceOptions {
  /** Throws when the work is to end: `CompactionAbandoned`, or what a cancelled statement throws. */
  readonly check: () => void;
  /** A promise while work of higher rank (flushes) is under way. */
  readonly giveWay: () => Promise<void> | undefined;
  /** A pause between two turns of work; undefined when somebody waits for the result. */
  readonly rest: () => Promise<void> | undefined;
}

/**
 * What is done with one value, and with what a footer says of one unit, in the time that it takes to decode or copy a
 * value: some nanoseconds.
 */
export const Work = { Decode: 1, Copy: 1, Merge: 8, Encode: 6, Index: 150 } as const;

/** Work between two turns of the event loop: 3 to 4 ms. */
const TURN_WORK = 500_000;

/**
 * Keeps a merge from holding the event loop. It counts work instead of time, so that a seeded simulation takes the same
 * turns each time.
 */
export class CompactionPace {
  readonly #options: PaceOptions;
  #work = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Notes work, in units of `Work`. A promise when others are to have their turn. Throws when all is to end. */
  spend(work: number): Promise<void> | undefined {
    this.#options.check();
    this.#work += work;
    if (this.#work < TURN_WORK) return undefined;
    this.#work = 0;
    return this.turn();
  }

  /** Others have their turn. Rejects when all is to end. */
  async turn(): Promise<void> {
    const { check, giveWay, rest } = this.#options;
    await (rest() ?? nextTurn());
    check();
    for (let turn = giveWay(); turn !== undefined; turn = giveWay()) {
      await turn;
      check();
    }
  }
}
