import type { Column } from '../../columnar/column.ts';
import type { Dictionary } from '../../columnar/dictionary.ts';
import { invariant } from '../../errors/invariant.ts';
import type { UnitBuffers } from './unit-buffers.ts';

/** Rows of a full unit; a frame holds exactly one unit. */
const FRAME_ROWS = 1024;
const VALUE_BYTES = FRAME_ROWS * 8;

/**
 * The bytes of a frame:
 *
 *   0      doubles, or high words, or codes, or booleans
 *   4096   low words
 *   8192   validity, a byte a row
 *   9216   end
 */
export const FRAME_BYTES = VALUE_BYTES + FRAME_ROWS;

/** A place for one unit in the cache's memory. Views over it are made once, when they are first needed. */
export class UnitFrame implements UnitBuffers {
  readonly index: number;
  readonly #memory: ArrayBufferLike;
  readonly #start: number;
  #numbers: Float64Array | undefined;
  #high: Int32Array | undefined;
  #low: Uint32Array | undefined;
  #codes: Uint32Array | undefined;
  #booleans: Uint8Array | undefined;
  #validity: Uint8Array | undefined;

  constructor(memory: ArrayBufferLike, start: number, index: number) {
    this.#memory = memory;
    this.#start = start;
    this.index = index;
  }

  numbers(count: number): Float64Array {
    this.#numbers ??= new Float64Array(this.#memory, this.#start, FRAME_ROWS);
    return count === FRAME_ROWS ? this.#numbers : this.#numbers.subarray(0, count);
  }

  high(count: number): Int32Array {
    this.#high ??= new Int32Array(this.#memory, this.#start, FRAME_ROWS);
    return count === FRAME_ROWS ? this.#high : this.#high.subarray(0, count);
  }

  low(count: number): Uint32Array {
    this.#low ??= new Uint32Array(this.#memory, this.#start + VALUE_BYTES / 2, FRAME_ROWS);
    return count === FRAME_ROWS ? this.#low : this.#low.subarray(0, count);
  }

  codes(count: number): Uint32Array {
    this.#codes ??= new Uint32Array(this.#memory, this.#start, FRAME_ROWS);
    return count === FRAME_ROWS ? this.#codes : this.#codes.subarray(0, count);
  }

  booleans(count: number): Uint8Array {
    this.#booleans ??= new Uint8Array(this.#memory, this.#start, FRAME_ROWS);
    return count === FRAME_ROWS ? this.#booleans : this.#booleans.subarray(0, count);
  }

  validity(count: number): Uint8Array {
    this.#validity ??= new Uint8Array(this.#memory, this.#start + VALUE_BYTES, FRAME_ROWS);
    return count === FRAME_ROWS ? this.#validity : this.#validity.subarray(0, count);
  }
}

/** What a frame holds, as a number for other threads: a kind of column, and whether it has NULLs. */
const KINDS = ['number', 'wide', 'boolean', 'dictionary'] as const;
const HAS_NULLS = 8;

export function layoutOf({ kind, validity }: Column): number {
  const number = KINDS.indexOf(kind as (typeof KINDS)[number]);
  invariant(number >= 0, 'what lies in a frame has a fixed size');
  return validity === undefined ? number : number | HAS_NULLS;
}

/** The column in a frame that somebody else has filled. */
export function showFrame(
  frame: UnitFrame,
  layout: number,
  rowCount: number,
  dictionary: (() => Dictionary) | undefined,
): Column {
  const validity = (layout & HAS_NULLS) === 0 ? undefined : frame.validity(rowCount);
  const kind = KINDS[layout & ~HAS_NULLS];
  switch (kind) {
    case 'number':
      return { kind, values: frame.numbers(rowCount), validity };
    case 'wide':
      return { kind, high: frame.high(rowCount), low: frame.low(rowCount), validity };
    case 'boolean':
      return { kind, values: frame.booleans(rowCount), validity };
    default:
      invariant(dictionary !== undefined, 'codes come with their dictionary');
      return { kind, codes: frame.codes(rowCount), dictionary: dictionary(), validity };
  }
}
