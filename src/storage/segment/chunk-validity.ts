import type { Validity } from '../../columnar/column.ts';
import { type GrowingArray, uint8s } from './growing-array.ts';

/** Which of a chunk's buffered rows hold a value; costs nothing until the first NULL. */
export class ChunkValidity {
  #bytes: GrowingArray<Uint8Array> | undefined;
  #rowCount = 0;

  append(validity: Validity, from: number, to: number): void {
    if (validity !== undefined && this.#bytes === undefined) {
      this.#bytes = uint8s();
      const { values } = this.#bytes.extend(this.#rowCount);
      values.fill(1, 0, this.#rowCount);
    }
    this.#rowCount += to - from;
    if (this.#bytes === undefined) return;
    const { values, start } = this.#bytes.extend(to - from);
    if (validity === undefined) values.fill(1, start, start + to - from);
    else values.set(validity.subarray(from, to), start);
  }

  /** Rows `from` to `to`; undefined when none of them is NULL. */
  of(from: number, to: number): Validity {
    const validity = this.#bytes?.view(from, to);
    return validity === undefined || validity.indexOf(0) < 0 ? undefined : validity;
  }

  drop(count: number): void {
    this.#rowCount -= count;
    this.#bytes?.drop(count);
  }
}

export function countNulls(validity: Validity): number {
  if (validity === undefined) return 0;
  let nullCount = 0;
  for (let row = 0; row < validity.length; row++) nullCount += 1 - validity[row];
  return nullCount;
}

/** The elements of `source` whose rows hold a value, in `target`; `source` itself when there are no NULLs. */
export function dense<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(
  source: T,
  validity: Validity,
  target: T,
): T {
  if (validity === undefined) return source;
  let count = 0;
  for (let row = 0; row < source.length; row++) if (validity[row] === 1) target[count++] = source[row];
  return target.subarray(0, count) as T;
}
