import { compareUtf8 } from '../types/compare-utf8.ts';

/** The distinct strings of a text column; a code is an index into it. Codes are dense and never reassigned. */
export class Dictionary {
  readonly #strings: string[] = [];
  readonly #codes = new Map<string, number>();
  #ranks: Uint32Array | undefined;

  static of(strings: Iterable<string>): Dictionary {
    const dictionary = new Dictionary();
    for (const string of strings) dictionary.codeOf(string);
    return dictionary;
  }

  get size(): number {
    return this.#strings.length;
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
    this.#codes.set(string, code);
    return code;
  }

  /** Per code, its place in the byte order of all strings: sorting by text becomes sorting by number. */
  ranks(): Uint32Array {
    if (this.#ranks?.length !== this.#strings.length) {
      const byText = Array.from(this.#strings.keys()).sort((a, b) => compareUtf8(this.#strings[a], this.#strings[b]));
      this.#ranks = new Uint32Array(byText.length);
      for (let rank = 0; rank < byText.length; rank++) this.#ranks[byText[rank]] = rank;
    }
    return this.#ranks;
  }
}
