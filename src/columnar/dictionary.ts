import { KeyNumbers } from './key-numbers.ts';

/** The distinct strings of a text column; a code is an index into it. Codes are dense and never reassigned. */
export class Dictionary {
  readonly #strings: string[] = [];
  readonly #codes = new KeyNumbers();
  #textUnits = 0;

  static of(strings: Iterable<string>): Dictionary {
    const dictionary = new Dictionary();
    for (const string of strings) dictionary.codeOf(string);
    return dictionary;
  }

  get size(): number {
    return this.#strings.length;
  }

  /** Roughly what the strings and the map over them hold in memory. */
  get sizeBytes(): number {
    return this.#textUnits * 2 + this.#strings.length * 64;
  }

  string(code: number): string {
    return this.#strings[code];
  }

  strings(): readonly string[] {
    return this.#strings;
  }

  /** The code of `string`, or -1. */
  find(string: string): number {
    return this.#codes.get(string) ?? -1;
  }

  /** The code of `string`, which is added if new. */
  codeOf(string: string): number {
    const known = this.#codes.get(string);
    if (known !== undefined) return known;
    const code = this.#strings.length;
    this.#strings.push(string);
    this.#textUnits += string.length;
    this.#codes.add(string, code);
    return code;
  }
}
