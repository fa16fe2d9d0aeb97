import { invariant } from '../errors/invariant.ts';
import { javaScriptKernels, type PlainComparison, withoutNaN } from './javascript-kernels.ts';
import { BLOCK_ROWS, GROUP_LANES } from './kernel-limits.ts';
import type { Comparison, KernelMemory, NumericKernels, UnpackScale } from './numeric-kernels.ts';
import { unpackNumbers } from './unpack-numbers.ts';
import { type NumericExports, openNumericModule } from './wasm-module.ts';

/**
 * The scratch space, where arrays that lie elsewhere are copied to:
 *
 *   | values f64 × 1,024 | sums f64 × 1,024 | codes u32 × 1,024 | mask u8 × 1,024 | other mask | packed integers |
 */
const SUMS_AT = BLOCK_ROWS * 8;
const CODES_AT = SUMS_AT + BLOCK_ROWS * 8;
const MASK_AT = CODES_AT + BLOCK_ROWS * 4;
const OTHER_AT = MASK_AT + BLOCK_ROWS;
const PACKED_AT = OTHER_AT + BLOCK_ROWS;
/** A block of integers of 31 bits, and the four words beyond it that are read and not used. */
const PACKED_BYTES = (BLOCK_ROWS + 4) * 4;
const PAGE_BYTES = 65_536;
/** Of packed integers. */
const LANES = 4;

/** What each thread needs for itself, in whole pages. */
export const KERNEL_SCRATCH_BYTES = Math.ceil((PACKED_AT + PACKED_BYTES) / PAGE_BYTES) * PAGE_BYTES;

/** Below this many rows the call and the copies take longer than the loop in JS. */
const MIN_ROWS = 32;
/** Accumulators of up to so many groups are copied to the scratch space and back. */
const MAX_COPIED_SUMS = 256;

/** undefined when the module was not built. Without a place, over a small memory of its own. */
export function openWasmKernels(
  place: { readonly memory: KernelMemory; readonly scratchAt: number } | undefined,
): NumericKernels | undefined {
  const opened = openNumericModule(place?.memory, KERNEL_SCRATCH_BYTES / PAGE_BYTES);
  return opened === undefined ? undefined : new WasmKernels(opened.exports, opened.buffer, place?.scratchAt ?? 0);
}

/**
 * The kernels in WASM with SIMD. Arrays in the memory are used in place, others go through the scratch space block by
 * block, where that still is faster than JS.
 */
class WasmKernels implements NumericKernels {
  readonly #wasm: NumericExports;
  readonly #buffer: SharedArrayBuffer;
  readonly #scratchAt: number;
  readonly #values: Float64Array;
  readonly #sums: Float64Array;
  readonly #codes: Uint32Array;
  readonly #mask: Uint8Array;
  readonly #other: Uint8Array;
  readonly #packedWords: Uint32Array;

  constructor(wasm: NumericExports, buffer: SharedArrayBuffer, scratchAt: number) {
    this.#wasm = wasm;
    this.#buffer = buffer;
    this.#scratchAt = scratchAt;
    this.#values = new Float64Array(buffer, scratchAt, BLOCK_ROWS);
    this.#sums = new Float64Array(buffer, scratchAt + SUMS_AT, BLOCK_ROWS);
    this.#codes = new Uint32Array(buffer, scratchAt + CODES_AT, BLOCK_ROWS);
    this.#mask = new Uint8Array(buffer, scratchAt + MASK_AT, BLOCK_ROWS);
    this.#other = new Uint8Array(buffer, scratchAt + OTHER_AT, BLOCK_ROWS);
    this.#packedWords = new Uint32Array(buffer, scratchAt + PACKED_AT, PACKED_BYTES / 4);
  }

  sum(values: Float64Array, from: number, to: number): number {
    // A sum in JS takes no longer than the copy.
    if (values.buffer !== this.#buffer || to - from < MIN_ROWS) return javaScriptKernels.sum(values, from, to);
    let total = -0;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      total += this.#wasm.sum(this.#valuesAt(values, start, count), count);
    }
    return total;
  }

  min(values: Float64Array, from: number, to: number): number {
    if (to - from < MIN_ROWS) return javaScriptKernels.min(values, from, to);
    let least = Number.NaN;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      const at = this.#valuesAt(values, start, count);
      let found = this.#wasm.least(at, count);
      if (found === 0) found = this.#wasm.holdsMinusZero(at, count) === 1 ? -0 : 0;
      else if (found === Number.POSITIVE_INFINITY) found = javaScriptKernels.min(values, start, start + count);
      least = lesser(least, found);
    }
    return least;
  }

  max(values: Float64Array, from: number, to: number): number {
    if (to - from < MIN_ROWS) return javaScriptKernels.max(values, from, to);
    let greatest = Number.NEGATIVE_INFINITY;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      const at = this.#valuesAt(values, start, count);
      let found = this.#wasm.greatest(at, count);
      if (found === 0) {
        found = this.#wasm.holdsMinusZero(at, count) === 1 ? javaScriptKernels.max(values, start, start + count) : 0;
      }
      greatest = Math.max(greatest, found);
    }
    return greatest;
  }

  sumSelected(values: Float64Array, mask: Uint8Array, from: number, to: number): number {
    if (values.buffer !== this.#buffer || to - from < MIN_ROWS) {
      return javaScriptKernels.sumSelected(values, mask, from, to);
    }
    let total = -0;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      total += this.#wasm.sumSelected(this.#valuesAt(values, start, count), this.#maskAt(mask, start, count), count);
    }
    return total;
  }

  minSelected(values: Float64Array, mask: Uint8Array, from: number, to: number): number {
    if (to - from < MIN_ROWS) return javaScriptKernels.minSelected(values, mask, from, to);
    let least = Number.NaN;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      const at = this.#valuesAt(values, start, count);
      let found = this.#wasm.leastSelected(at, this.#maskAt(mask, start, count), count);
      if (found === Number.POSITIVE_INFINITY || (found === 0 && this.#wasm.holdsMinusZero(at, count) === 1)) {
        found = javaScriptKernels.minSelected(values, mask, start, start + count);
      } else if (found === 0) found = 0;
      least = lesser(least, found);
    }
    return least;
  }

  maxSelected(values: Float64Array, mask: Uint8Array, from: number, to: number): number {
    if (to - from < MIN_ROWS) return javaScriptKernels.maxSelected(values, mask, from, to);
    let greatest = Number.NEGATIVE_INFINITY;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      const at = this.#valuesAt(values, start, count);
      let found = this.#wasm.greatestSelected(at, this.#maskAt(mask, start, count), count);
      if (found === 0 && this.#wasm.holdsMinusZero(at, count) === 1) {
        found = javaScriptKernels.maxSelected(values, mask, start, start + count);
      }
      greatest = Math.max(greatest, found);
    }
    return greatest;
  }

  compare(
    values: Float64Array,
    comparison: Comparison,
    constant: number,
    mask: Uint8Array,
    from: number,
    to: number,
  ): void {
    const plain = withoutNaN(comparison, constant);
    if (to - from < MIN_ROWS || !isInWasm(plain)) {
      javaScriptKernels.compare(values, comparison, constant, mask, from, to);
      return;
    }
    const ifTrue = isOpposite(plain) ? 0 : 1;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      const valuesAt = this.#valuesAt(values, start, count);
      const isShared = mask.buffer === this.#buffer;
      const maskAt = isShared ? this.#maskAt(mask, start, count) : this.#scratchAt + MASK_AT;
      if (plain === '<' || plain === '>=') this.#wasm.compareLess(valuesAt, constant, ifTrue, maskAt, count);
      else if (plain === '<=' || plain === '>') this.#wasm.compareAtMost(valuesAt, constant, ifTrue, maskAt, count);
      else this.#wasm.compareEqual(valuesAt, constant, ifTrue, maskAt, count);
      if (!isShared) this.#copyBack(mask, start, count);
    }
  }

  narrow(
    values: Float64Array,
    comparison: Comparison,
    constant: number,
    mask: Uint8Array,
    from: number,
    to: number,
  ): void {
    const plain = withoutNaN(comparison, constant);
    if (to - from < MIN_ROWS || !isInWasm(plain)) {
      javaScriptKernels.narrow(values, comparison, constant, mask, from, to);
      return;
    }
    const ifTrue = isOpposite(plain) ? 0 : 1;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      const valuesAt = this.#valuesAt(values, start, count);
      const maskAt = this.#maskAt(mask, start, count);
      if (plain === '<' || plain === '>=') this.#wasm.narrowLess(valuesAt, constant, ifTrue, maskAt, count);
      else if (plain === '<=' || plain === '>') this.#wasm.narrowAtMost(valuesAt, constant, ifTrue, maskAt, count);
      else this.#wasm.narrowEqual(valuesAt, constant, ifTrue, maskAt, count);
      if (mask.buffer !== this.#buffer) this.#copyBack(mask, start, count);
    }
  }

  and(mask: Uint8Array, other: Uint8Array, from: number, to: number): void {
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      this.#wasm.and(this.#maskAt(mask, start, count), this.#otherAt(other, start, count), count);
      if (mask.buffer !== this.#buffer) this.#copyBack(mask, start, count);
    }
  }

  or(mask: Uint8Array, other: Uint8Array, from: number, to: number): void {
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      this.#wasm.or(this.#maskAt(mask, start, count), this.#otherAt(other, start, count), count);
      if (mask.buffer !== this.#buffer) this.#copyBack(mask, start, count);
    }
  }

  countSelected(mask: Uint8Array, from: number, to: number): number {
    if (to - from < MIN_ROWS) return javaScriptKernels.countSelected(mask, from, to);
    let total = 0;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      total += this.#wasm.countSelected(this.#maskAt(mask, start, count), count);
    }
    return total;
  }

  groupSums(
    values: Float64Array,
    codes: Uint32Array,
    mask: Uint8Array | undefined,
    sums: Float64Array,
    from: number,
    to: number,
  ): void {
    const isShared = sums.buffer === this.#buffer;
    const isWorthIt = values.buffer === this.#buffer && (isShared || sums.length <= MAX_COPIED_SUMS);
    if (to - from < MIN_ROWS || !isWorthIt) {
      javaScriptKernels.groupSums(values, codes, mask, sums, from, to);
      return;
    }
    const sumsAt = this.#sumsAt(sums);
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const count = Math.min(to - start, BLOCK_ROWS);
      const valuesAt = this.#valuesAt(values, start, count);
      const codesAt = this.#codesAt(codes, start, count);
      const lane = start % GROUP_LANES;
      if (mask === undefined) this.#wasm.groupSums(valuesAt, codesAt, sumsAt, lane, count);
      else this.#wasm.groupSumsSelected(valuesAt, codesAt, this.#maskAt(mask, start, count), sumsAt, lane, count);
    }
    if (!isShared) sums.set(this.#sums.subarray(0, sums.length));
  }

  groupCounts(codes: Uint32Array, mask: Uint8Array | undefined, counts: Float64Array, from: number, to: number): void {
    // Nothing is gained here once the counts have been copied.
    javaScriptKernels.groupCounts(codes, mask, counts, from, to);
  }

  unpack(words: Uint32Array, width: number, scale: UnpackScale, target: Float64Array): void {
    // Decoding elsewhere and copying would eat up what is gained.
    if (target.buffer !== this.#buffer) {
      javaScriptKernels.unpack(words, width, scale, target);
      return;
    }
    const { base, step, divisor } = scale;
    const count = target.length & ~3;
    this.#packedWords.set(words.subarray(0, LANES * Math.ceil((Math.ceil(count / LANES) * width) / 32)));
    this.#wasm.unpack(this.#scratchAt + PACKED_AT, width, base, step, divisor, target.byteOffset, count);
    if (count < target.length) unpackNumbers(words, width, scale, target, count);
  }

  // Rows of an array as an offset into the memory. Reading and writing past its end would reach other arrays.

  #valuesAt(values: Float64Array, start: number, count: number): number {
    invariant(start + count <= values.length, 'rows lie within their values');
    if (values.buffer === this.#buffer) return values.byteOffset + start * 8;
    this.#values.set(start === 0 && count === values.length ? values : values.subarray(start, start + count));
    return this.#scratchAt;
  }

  #codesAt(codes: Uint32Array, start: number, count: number): number {
    invariant(start + count <= codes.length, 'rows lie within their codes');
    if (codes.buffer === this.#buffer) return codes.byteOffset + start * 4;
    this.#codes.set(start === 0 && count === codes.length ? codes : codes.subarray(start, start + count));
    return this.#scratchAt + CODES_AT;
  }

  #maskAt(mask: Uint8Array, start: number, count: number): number {
    invariant(start + count <= mask.length, 'rows lie within their mask');
    if (mask.buffer === this.#buffer) return mask.byteOffset + start;
    this.#mask.set(start === 0 && count === mask.length ? mask : mask.subarray(start, start + count));
    return this.#scratchAt + MASK_AT;
  }

  #otherAt(other: Uint8Array, start: number, count: number): number {
    invariant(start + count <= other.length, 'rows lie within their mask');
    if (other.buffer === this.#buffer) return other.byteOffset + start;
    this.#other.set(start === 0 && count === other.length ? other : other.subarray(start, start + count));
    return this.#scratchAt + OTHER_AT;
  }

  #sumsAt(sums: Float64Array): number {
    if (sums.buffer === this.#buffer) return sums.byteOffset;
    this.#sums.set(sums);
    return this.#scratchAt + SUMS_AT;
  }

  /** What a kernel wrote to the scratch mask. */
  #copyBack(mask: Uint8Array, start: number, count: number): void {
    invariant(start + count <= mask.length, 'rows lie within their mask');
    mask.set(count === BLOCK_ROWS ? this.#mask : this.#mask.subarray(0, count), start);
  }
}

/** NaN stands for no value, since nothing is greater. */
function lesser(left: number, right: number): number {
  if (Number.isNaN(left)) return right;
  return Number.isNaN(right) ? left : Math.min(left, right);
}

type WasmComparison = Comparison;

function isInWasm(comparison: PlainComparison): comparison is WasmComparison {
  return comparison !== 'is number' && comparison !== 'is NaN' && comparison !== 'always' && comparison !== 'never';
}

/** `>=` is not `<`, so that NaN, which is less than nothing, passes. */
function isOpposite(comparison: WasmComparison): boolean {
  return comparison === '>=' || comparison === '>' || comparison === '<>';
}
