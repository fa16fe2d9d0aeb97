import { javaScriptKernels } from './javascript-kernels.ts';
import { GROUP_LANES } from './kernel-limits.ts';
import { openWasmKernels } from './wasm-kernels.ts';

/** How `compare` and `narrow` compare a value with the constant, in PostgreSQL's order: NaN equals itself and is the greatest. */
export type Comparison = '<' | '<=' | '=' | '<>' | '>=' | '>';

/**
 * Loops over the rows `from` to `to` (exclusive) of a column's typed array. They allocate nothing and keep nothing.
 *
 * A mask has one byte a row, 1 = selected and 0 = not, at the same index as the row's value: a column's validity and a
 * boolean column without NULLs are masks.
 *
 * Sums start at -0, which is the sum of nothing. Each block of 1,024 rows from `from` on is added in eight lanes (its row i
 * to lane i mod 8), which are added to each other at its end; the blocks follow one after another. So the result of one
 * range is the same to the last bit, whoever computes it. Of 0 and -0, -0 is the lesser.
 */
export interface NumericKernels {
  sum(values: Float64Array, from: number, to: number): number;
  /** The least value; NaN when there is none, since nothing is greater. */
  min(values: Float64Array, from: number, to: number): number;
  /** The greatest value, NaN if one is; -Infinity when there is none. */
  max(values: Float64Array, from: number, to: number): number;

  sumSelected(values: Float64Array, mask: Uint8Array, from: number, to: number): number;
  minSelected(values: Float64Array, mask: Uint8Array, from: number, to: number): number;
  maxSelected(values: Float64Array, mask: Uint8Array, from: number, to: number): number;

  /** Sets mask[i] to whether values[i] compares so with the constant. */
  compare(
    values: Float64Array,
    comparison: Comparison,
    constant: number,
    mask: Uint8Array,
    from: number,
    to: number,
  ): void;
  /** Clears mask[i] where values[i] does not compare so: `compare` and AND in one pass. */
  narrow(
    values: Float64Array,
    comparison: Comparison,
    constant: number,
    mask: Uint8Array,
    from: number,
    to: number,
  ): void;
  /** mask[i] = mask[i] AND other[i]. */
  and(mask: Uint8Array, other: Uint8Array, from: number, to: number): void;
  /** mask[i] = mask[i] OR other[i]. */
  or(mask: Uint8Array, other: Uint8Array, from: number, to: number): void;
  /** How many rows are selected. */
  countSelected(mask: Uint8Array, from: number, to: number): number;

  /**
   * sums[codes[i] · GROUP_LANES + i mod GROUP_LANES] += values[i], for all rows or the selected ones. `sums` holds
   * GROUP_LANES numbers for every code; fill it with -0 first, and fold the lanes with `foldGroupLanes` at the end.
   */
  groupSums(
    values: Float64Array,
    codes: Uint32Array,
    mask: Uint8Array | undefined,
    sums: Float64Array,
    from: number,
    to: number,
  ): void;
  /** Counts rows instead of adding values. */
  groupCounts(codes: Uint32Array, mask: Uint8Array | undefined, counts: Float64Array, from: number, to: number): void;

  /**
   * Fills `target` (at most 1,024 values) with (base + packed · step) / divisor of the integers of `width` bits, 1 to 31,
   * that begin `words`, in four interleaved lanes (`storage/codec/bit-packing.ts`).
   */
  unpack(words: Uint32Array, width: number, scale: UnpackScale, target: Float64Array): void;
}

/** What becomes of a packed integer: (base + packed · step) / divisor. */
export interface UnpackScale {
  readonly base: number;
  readonly step: number;
  readonly divisor: number;
}

/** What `groupSums` and `groupCounts` have collected for one code. */
export function foldGroupLanes(lanes: Float64Array, code: number): number {
  const at = code * GROUP_LANES;
  return lanes[at] + lanes[at + 1] + (lanes[at + 2] + lanes[at + 3]);
}

/**
 * The kernels to call: WASM where it is faster and was built, JS otherwise. Arrays that lie in the memory which
 * `useKernelMemory` was given last are read and written in place.
 */
export let kernels: NumericKernels = openWasmKernels(undefined) ?? javaScriptKernels;

let memoryInUse: KernelMemory | undefined;

/** Memory that WASM shares with JS and other threads. */
export interface KernelMemory {
  readonly buffer: SharedArrayBuffer;
}

/** `scratchAt`: the first of KERNEL_SCRATCH_BYTES that nobody but this thread's kernels writes to. */
export function useKernelMemory(memory: KernelMemory, scratchAt: number): void {
  kernels = openWasmKernels({ memory, scratchAt }) ?? javaScriptKernels;
  memoryInUse = memory;
}

/** Lets go of the memory, if it is still the one in use. */
export function leaveKernelMemory(memory: KernelMemory): void {
  if (memoryInUse !== memory) return;
  memoryInUse = undefined;
  kernels = openWasmKernels(undefined) ?? javaScriptKernels;
}
