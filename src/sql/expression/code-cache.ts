/**
 * Turns generated source into functions, once per source. The source of a loop depends on the shape of the plan alone
 * (literals, functions and types are captured arguments `k0`, `k1` …, never text), so equal shapes share one function
 * and V8's optimised code for it. Bounded: the least recently used shape goes first.
 */
export class CodeCache {
  readonly #limit: number;
  readonly #factories = new Map<string, LoopFactory>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `source` is the body of a function of `k` (the captured arguments) that returns the loop. */
  factory(source: string): LoopFactory {
    const known = this.#factories.get(source);
    if (known !== undefined) {
      this.#factories.delete(source);
      this.#factories.set(source, known);
      return known;
    }
    const factory = new Function('k', source) as LoopFactory;
    this.#factories.set(source, factory);
    if (this.#factories.size > this.#limit) {
      const oldest = this.#factories.keys().next();
      if (!oldest.done) this.#factories.delete(oldest.value);
    }
    return factory;
  }
}

export type LoopFactory = (captured: readonly unknown[]) => unknown;

export const codeCache = new CodeCache(2_000);
