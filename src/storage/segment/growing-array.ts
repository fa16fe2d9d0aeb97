type NumericArray = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** A typed array that grows at the end and is cut at the front: rows on their way into units. */
export class GrowingArray<T extends NumericArray> {
  #values: T;
  #length = 0;
  readonly #create: (length: number) => T;

  constructor(create: (length: number) => T) {
    this.#create = create;
    this.#values = create(64);
  }

  get length(): number {
    return this.#length;
  }

  /** What stands in the array, without copying: valid until the next change. */
  view(from = 0, to = this.#length): T {
    return this.#values.subarray(from, to) as T;
  }

  /** Appends `count` elements, to be filled by the caller through the array and the index returned. */
  extend(count: number): { values: T; start: number } {
    const start = this.#length;
    const length = start + count;
    if (length > this.#values.length) {
      const grown = this.#create(Math.max(length, this.#values.length * 2));
      grown.set(this.view());
      this.#values = grown;
    }
    this.#length = length;
    return { values: this.#values, start };
  }

  append(source: T): void {
    const { values, start } = this.extend(source.length);
    values.set(source, start);
  }

  drop(count: number): void {
    this.#values.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}

export const float64s = (): GrowingArray<Float64Array> => new GrowingArray((length) => new Float64Array(length));
export const int32s = (): GrowingArray<Int32Array> => new GrowingArray((length) => new Int32Array(length));
export const uint32s = (): GrowingArray<Uint32Array> => new GrowingArray((length) => new Uint32Array(length));
export const uint8s = (): GrowingArray<Uint8Array> => new GrowingArray((length) => new Uint8Array(length));
