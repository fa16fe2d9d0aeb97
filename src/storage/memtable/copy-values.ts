type Values = Float64Array | Int32Array | Uint32Array | Uint8Array;

/**
 * A view makes a small array that the garbage collector moved around freely into one with memory of its own: that costs more
 * than copying so many values one by one.
 */
const FEW_VALUES = 24;

/** Copies `source` from `from` to `to` to `at` and on in `target`. */
export function copyValues<T extends Values>(source: T, from: number, to: number, target: T, at: number): void {
  if (to - from > FEW_VALUES) {
    target.set(source.subarray(from, to), at);
    return;
  }
  for (let index = from; index < to; index++) target[at + index - from] = source[index];
}
