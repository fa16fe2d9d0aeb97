import { ArrivalOrders } from './arrival-order.ts';
import type { Memtable } from './memtable.ts';
import type { SortPermutation } from './sort-permutation.ts';

/** What the numbers of a stretch take together. */
const STRETCH_BYTES = 8 << 20;
/** With more columns than this leaves, stretches are so short that they are not worth it. */
const MIN_STRETCH_ROWS = 16_384;

/** Memory of a stretch that nobody uses: most of the time one memtable is written at once. */
let spare: { readonly numbers: Float64Array; readonly orders: ArrivalOrders } | undefined;

/**
 * Columns of numbers of a memtable in sorted order, a stretch at a time. Rows of a series lie far apart in the order in which
 * they came, so that fetching them one after the other waits for memory with each; here each column is read from front to
 * back, and written to as many places side by side as there are series.
 */
export class SortedNumbers {
  /** Rows of a stretch at most. */
  readonly stretchRows: number;
  readonly #memtable: Memtable;
  readonly #numbers: readonly number[];
  readonly #memory: NonNullable<typeof spare>;
  /** Per column whether the stretch at hand has it; those that fail once are not tried again. */
  readonly #isUsable: Uint8Array;
  #from = 0;

  private constructor(memtable: Memtable, permutation: SortPermutation, numbers: readonly number[]) {
    this.#memtable = memtable;
    this.#numbers = numbers;
    this.stretchRows = stretchRowsOf(numbers.length);
    this.#memory = spare ?? { numbers: new Float64Array(STRETCH_BYTES / 8), orders: new ArrivalOrders() };
    spare = undefined;
    this.#memory.orders.begin(permutation.rows, permutation.rowCount);
    this.#isUsable = new Uint8Array(numbers.length).fill(1);
  }

  /** `numbers`: of columns that hold numbers. undefined where there are too many or too few of them, or of rows. */
  static of(memtable: Memtable, permutation: SortPermutation, numbers: readonly number[]): SortedNumbers | undefined {
    if (numbers.length === 0 || permutation.rows.length < MIN_STRETCH_ROWS) return undefined;
    if (stretchRowsOf(numbers.length) < MIN_STRETCH_ROWS) return undefined;
    return new SortedNumbers(memtable, permutation, numbers);
  }

  /** The sorted rows `from` to `to` are wanted next, at most `stretchRows`. */
  load(from: number, to: number): void {
    this.#from = from;
    const order = this.#memory.orders.of(from, to);
    for (const [index, number] of this.#numbers.entries()) {
      if (this.#isUsable[index] === 0) continue;
      const target = this.#target(index, 0, to - from);
      if (!this.#memtable.scatter(number, order, target)) this.#isUsable[index] = 0;
    }
  }

  /**
   * Rows of the stretch that was loaded, until another one is; undefined for columns that have NULLs, or more than doubles
   * hold.
   */
  values(columnNumber: number, from: number, to: number): Float64Array | undefined {
    const index = this.#numbers.indexOf(columnNumber);
    if (index < 0 || this.#isUsable[index] === 0) return undefined;
    return this.#target(index, from - this.#from, to - this.#from);
  }

  /** Nobody looks at what was loaded any more. */
  close(): void {
    if (this.#memory.orders.sizeBytes <= STRETCH_BYTES) spare = this.#memory;
  }

  #target(index: number, from: number, to: number): Float64Array {
    const start = index * this.stretchRows;
    return this.#memory.numbers.subarray(start + from, start + to);
  }
}

function stretchRowsOf(columnCount: number): number {
  return Math.floor(STRETCH_BYTES / 8 / columnCount);
}
