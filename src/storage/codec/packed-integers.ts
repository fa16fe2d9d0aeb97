import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { kernels } from '../../kernels/numeric-kernels.ts';
import { packBits, packedWordCount, unpackBits } from './bit-packing.ts';
import { UNIT_ROWS } from './column-codec.ts';

/**
 * Integers up to ±2^53 as small multiples above a base, bit-packed, with the few that are far from the others set aside.
 * The integer codecs are this after their transformation: none (frame of reference), differences, differences of
 * differences, scaling by a power of ten.
 *
 *   | width u8 | base f64le | step varint | exception count varint
 *   | exception rows u16le × n | exception values f64le × n
 *   | low words: packed with min(width, 32) bits | high words: packed with width - 32 bits, if any
 *
 * value = base + packed · step. `step` is the greatest common divisor of the distances, so that readings in whole
 * seconds or kilobytes cost no more than seconds and kilobytes.
 */

/** Widths above this save too little to be worth unpacking, and leave room for exact arithmetic. */
const MAX_WIDTH = 52;
const EXCEPTION_BITS = 80;
const SAMPLED_VALUES = 9;
const TWO_POW_32 = 4294967296;

/** Most units have no exceptions, and a view of nothing costs as much as any. */
export const NO_BYTES = new Uint8Array(0);

const offsets = new Float64Array(UNIT_ROWS);
const lowWords = new Uint32Array(UNIT_ROWS);
const highWords = new Uint32Array(UNIT_ROWS);
const packedWords = new Uint32Array(UNIT_ROWS + 8);
const packedBytes = new Uint8Array(packedWords.buffer);
const widthCounts = new Uint32Array(64);
const exceptionRows = new Uint16Array(UNIT_ROWS);
const sample = new Float64Array(SAMPLED_VALUES);

/** Whether all are integers within ±2^53 and none is -0: what `packIntegers` takes. */
export function areIntegers(values: Float64Array): boolean {
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (!(value <= 9007199254740992 && value >= -9007199254740992) || Math.floor(value) !== value) return false;
    if (value === 0 && 1 / value < 0) return false;
  }
  return true;
}

/** Bits of a non-negative integer; 54 for all that pass 2^53, NaN among them. */
export function bitLength(value: number): number {
  if (value < TWO_POW_32) return 32 - Math.clz32(value);
  return value < 9007199254740992 ? 64 - Math.clz32(value / TWO_POW_32) : 54;
}

/** Appends integers for which `areIntegers` holds; false when they lie too far apart. */
export function packIntegers(values: Float64Array, writer: ByteWriter): boolean {
  const count = values.length;
  const pivot = sampledMedian(values);
  widthCounts.fill(0);
  for (let row = 0; row < count; row++) widthCounts[bitLength(Math.abs(values[row] - pivot))]++;
  const coreWidth = cheapestWidth(count);
  if (coreWidth > MAX_WIDTH - 1) return false;

  const reach = 2 ** coreWidth;
  let base = Number.POSITIVE_INFINITY;
  let top = Number.NEGATIVE_INFINITY;
  let exceptionCount = 0;
  for (let row = 0; row < count; row++) {
    const value = values[row];
    if (Math.abs(value - pivot) >= reach) {
      exceptionRows[exceptionCount++] = row;
      continue;
    }
    if (value < base) base = value;
    if (value > top) top = value;
  }
  for (let row = 0; row < count; row++) offsets[row] = values[row] - base;
  for (let index = 0; index < exceptionCount; index++) offsets[exceptionRows[index]] = 0;
  const step = commonStep(count);
  const width = bitLength((top - base) / step);

  writer.uint8(width);
  writer.float64le(base);
  writer.varint(step);
  writer.varint(exceptionCount);
  for (let index = 0; index < exceptionCount; index++) writer.uint16le(exceptionRows[index]);
  for (let index = 0; index < exceptionCount; index++) writer.float64le(values[exceptionRows[index]]);
  if (width === 0) return true;
  for (let row = 0; row < count; row++) {
    const offset = step === 1 ? offsets[row] : offsets[row] / step;
    lowWords[row] = offset;
    if (width > 32) highWords[row] = offset / TWO_POW_32;
  }
  writePacked(lowWords, count, Math.min(width, 32), writer);
  if (width > 32) writePacked(highWords, count, width - 32, writer);
  return true;
}

/** The reverse of `packIntegers`, each integer divided by `divisor` on the way. */
export function unpackIntegers(reader: ByteReader, target: Float64Array, divisor = 1): void {
  const count = target.length;
  const width = reader.uint8();
  if (width > MAX_WIDTH) throw new CorruptionError(`bit width ${width} above ${MAX_WIDTH}`);
  const base = reader.float64le();
  const step = reader.varint();
  const exceptionCount = reader.varint();
  if (exceptionCount > count) throw new CorruptionError(`${exceptionCount} exceptions among ${count} values`);
  const rows = exceptionCount === 0 ? NO_BYTES : reader.bytes(exceptionCount * 2);
  const exceptions = exceptionCount === 0 ? NO_BYTES : reader.bytes(exceptionCount * 8);

  if (width === 0) target.fill(base / divisor);
  else if (width < 32) {
    readPacked(reader, count, width);
    kernels.unpack(packedWords, width, { base, step, divisor }, target);
  } else {
    readPacked(reader, count, 32);
    unpackBits(packedWords, count, 32, lowWords);
    if (width === 32) highWords.fill(0, 0, count);
    else {
      readPacked(reader, count, width - 32);
      unpackBits(packedWords, count, width - 32, highWords);
    }
    for (let row = 0; row < count; row++) {
      target[row] = (base + (highWords[row] * TWO_POW_32 + lowWords[row]) * step) / divisor;
    }
  }
  if (exceptionCount === 0) return;
  patchExceptions(rows, exceptions, target);
  if (divisor === 1) return;
  for (let index = 0; index < exceptionCount; index++) target[rowAt(rows, index)] /= divisor;
}

/** Puts `f64le` values at `u16le` rows. Decimal-scaled numbers set their exceptions aside in the same form. */
export function patchExceptions(rows: Uint8Array, exceptions: Uint8Array, target: Float64Array): void {
  // Bytes rather than doubles are copied: a NaN keeps its payload.
  const targetBytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  for (let index = 0; index * 2 < rows.length; index++) {
    const row = rowAt(rows, index);
    if (row >= target.length) throw new CorruptionError(`an exception at row ${row} of ${target.length}`);
    for (let byte = 0; byte < 8; byte++) targetBytes[row * 8 + byte] = exceptions[index * 8 + byte];
  }
}

function rowAt(rows: Uint8Array, index: number): number {
  return rows[index * 2] | (rows[index * 2 + 1] << 8);
}

/** Packs `count` integers of `width` bits (1 to 32) onto the end of `writer`. */
export function writePacked(values: Uint32Array, count: number, width: number, writer: ByteWriter): void {
  packBits(values, count, width, packedWords);
  writer.bytes(packedBytes.subarray(0, packedWordCount(count, width) * 4));
}

/** Unpacks `count` integers of `width` bits (1 to 32) to the front of `target`. */
export function readPackedInto(reader: ByteReader, count: number, width: number, target: Uint32Array): void {
  readPacked(reader, count, width);
  unpackBits(packedWords, count, width, target);
}

function readPacked(reader: ByteReader, count: number, width: number): void {
  packedBytes.set(reader.bytes(packedWordCount(count, width) * 4));
}

function sampledMedian(values: Float64Array): number {
  const sampleCount = Math.min(values.length, SAMPLED_VALUES);
  for (let index = 0; index < sampleCount; index++) {
    const value = values[Math.floor((index * values.length) / sampleCount)];
    let at = index;
    for (; at > 0 && sample[at - 1] > value; at--) sample[at] = sample[at - 1];
    sample[at] = value;
  }
  return sample[sampleCount >> 1];
}

/** The width at which packing the values that fit and setting the others aside takes the fewest bits. */
function cheapestWidth(count: number): number {
  let cheapest = 54;
  let cheapestBits = Number.POSITIVE_INFINITY;
  let fitting = 0;
  for (let width = 0; width <= 54; width++) {
    fitting += widthCounts[width];
    const bits = count * width + (count - fitting) * EXCEPTION_BITS;
    if (bits < cheapestBits) {
      cheapest = width;
      cheapestBits = bits;
    }
  }
  return cheapest;
}

/** The greatest common divisor of the first `count` offsets; 1 when all are 0. */
function commonStep(count: number): number {
  let step = 0;
  for (let row = 0; row < count && step !== 1; row++) {
    const offset = offsets[row];
    if (step !== 0 && Math.round(offset / step) * step === offset) continue;
    step = greatestCommonDivisor(offset, step);
  }
  return Math.max(step, 1);
}

function greatestCommonDivisor(left: number, right: number): number {
  let a = left;
  let b = right;
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
