import type { Value } from '../../types/value.ts';

/** Few widths, origins and zones are in use at a time, nearly always one of each. */
const CAPACITY = 8;

/**
 * What was last made of arguments that are constants of most statements, found again by their identity: an object per
 * constant is what a statement evaluates with.
 */
export class RecentBuckets<Made> {
  readonly #keys: (readonly Value[])[] = [];
  readonly #made: Made[] = [];
  readonly #make: (...key: never[]) => Made;
  #next = 0;

  constructor(make: (...key: never[]) => Made) {
    this.#make = make;
  }

  /** What `make` gives for these; throws what it throws. */
  of(...key: readonly Value[]): Made {
    for (let at = 0; at < this.#keys.length; at++) if (isSame(this.#keys[at], key)) return this.#made[at];
    const made = this.#make(...(key as never[]));
    this.#keys[this.#next] = key;
    this.#made[this.#next] = made;
    this.#next = (this.#next + 1) % CAPACITY;
    return made;
  }
}

function isSame(left: readonly Value[], right: readonly Value[]): boolean {
  for (let at = 0; at < right.length; at++) if (left[at] !== right[at]) return false;
  return true;
}
