/** What was compiled from the last so many keys; the one unused for longest makes room. */
export class BoundedCache<Value> {
  readonly #capacity: number;
  readonly #compile: (key: string) => Value;
  readonly #entries = new Map<string, Value>();
  #lastKey: string | undefined;
  #lastValue: Value | undefined;

  constructor(capacity: number, compile: (key: string) => Value) {
    this.#capacity = capacity;
    this.#compile = compile;
  }

  get(key: string): Value {
    // A pattern is usually the same for all rows of a batch.
    if (key === this.#lastKey) return this.#lastValue as Value;
    let value = this.#entries.get(key);
    if (value === undefined) {
      value = this.#compile(key);
      if (this.#entries.size >= this.#capacity) this.#entries.delete(this.#entries.keys().next().value as string);
    } else this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#lastKey = key;
    this.#lastValue = value;
    return value;
  }
}
