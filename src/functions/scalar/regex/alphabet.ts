import type { CharacterSet } from './character-set.ts';

/** Characters below this have their letters in `Alphabet.table`. */
export const TABLE_SIZE = 0x300;
const MAX_REMEMBERED = 20_000;

/**
 * The characters as one pattern sees them: those that lie in the same of its sets are one letter. Automata step over
 * letters, which are few and dense, where characters are a million.
 */
export class Alphabet {
  readonly #sets: readonly CharacterSet[];
  readonly #letters = new Map<string, number>();
  /** Per letter, for each set, whether it is in it. */
  readonly #memberships: Uint8Array[] = [];
  /** Letters of the first characters; -1 where `letterOf` was not asked yet. */
  readonly table = new Int32Array(TABLE_SIZE).fill(-1);
  readonly #others = new Map<number, number>();

  constructor(sets: readonly CharacterSet[]) {
    this.#sets = sets;
  }

  letterOf(code: number): number {
    if (code < TABLE_SIZE) {
      const known = this.table[code];
      if (known >= 0) return known;
      const letter = this.#classify(code);
      this.table[code] = letter;
      return letter;
    }
    let letter = this.#others.get(code);
    if (letter === undefined) {
      letter = this.#classify(code);
      if (this.#others.size >= MAX_REMEMBERED) this.#others.clear();
      this.#others.set(code, letter);
    }
    return letter;
  }

  isIn(letter: number, set: number): boolean {
    return this.#memberships[letter][set] === 1;
  }

  #classify(code: number): number {
    const membership = Uint8Array.from(this.#sets, (set) => (set.has(code) ? 1 : 0));
    const key = membership.join('');
    let letter = this.#letters.get(key);
    if (letter === undefined) {
      letter = this.#memberships.length;
      this.#memberships.push(membership);
      this.#letters.set(key, letter);
    }
    return letter;
  }
}
