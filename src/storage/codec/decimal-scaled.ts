import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { CodecId, type NumberCodec, UNIT_ROWS } from './column-codec.ts';
import { bytesOf } from './float-bits.ts';
import { bitLength, NO_BYTES, packIntegers, patchExceptions, unpackIntegers } from './packed-integers.ts';

const MAX_SCALE = 18;
const POWERS_OF_TEN = Float64Array.from({ length: MAX_SCALE + 1 }, (_, scale) => 10 ** scale);
/** Adding and subtracting 1.5 · 2^52 rounds a double below 2^51 to the nearest integer. */
const ROUNDER = 6755399441055744;
const MAX_INTEGER = 2251799813685248;
const SAMPLED_VALUES = 32;
const EXCEPTION_BITS = 80;
/** With more exceptions than this share the others gain too little. */
const MAX_EXCEPTION_SHARE = 0.25;

const integers = new Float64Array(UNIT_ROWS);
const exceptionRows = new Uint16Array(UNIT_ROWS);

/**
 * Decimal-scaled (after ALP): doubles that were written with few decimals, as integers of which each is divided by the
 * same power of ten. Division rounds correctly, so any decimal of up to 15 digits comes back bit for bit; whatever does
 * not (NaN, -0, ±Infinity, full-precision values) is set aside.
 *
 *   | scaling | integers: `packIntegers` (a neighbour's integer where an exception stands) |
 *
 *   scaling = | u8: bits 0–6 power of ten, bit 7 results are rounded to single precision
 *             | exception count varint | exception rows u16le × n | exception values f64le × n |
 */
export const decimalScaled: NumberCodec = {
  id: CodecId.DecimalScaled,
  name: 'decimal scaled',
  encode(values, writer) {
    const scaled = writeScaled(values, writer);
    return scaled !== undefined && packIntegers(scaled, writer);
  },
  decode(reader, target) {
    const scaling = readScaling(reader, target.length);
    unpackIntegers(reader, target, scaling.divisor);
    finishScaled(scaling, target);
  },
};

/** Appends the scaling and gives the integers, valid until the next call; undefined when too many are exceptions. */
export function writeScaled(values: Float64Array, writer: ByteWriter): Float64Array | undefined {
  const double = cheapestScale(values, false);
  // Only `real` columns profit; their values have many digits as doubles and few as singles.
  const single = double.bits > 24 && isSingle(values) ? cheapestScale(values, true) : undefined;
  const asSingle = single !== undefined && single.bits < double.bits;
  const scale = asSingle ? single.scale : double.scale;
  const exceptionCount = scaleToIntegers(values, POWERS_OF_TEN[scale], asSingle);
  if (exceptionCount > values.length * MAX_EXCEPTION_SHARE) return undefined;

  const bytes = bytesOf(values);
  writer.uint8(scale | (asSingle ? 0x80 : 0));
  writer.varint(exceptionCount);
  for (let index = 0; index < exceptionCount; index++) writer.uint16le(exceptionRows[index]);
  for (let index = 0; index < exceptionCount; index++) {
    const at = exceptionRows[index] * 8;
    writer.bytes(bytes.subarray(at, at + 8));
  }
  return integers.subarray(0, values.length);
}

export interface Scaling {
  readonly divisor: number;
  readonly isSingle: boolean;
  readonly exceptionRows: Uint8Array;
  readonly exceptions: Uint8Array;
}

export function readScaling(reader: ByteReader, count: number): Scaling {
  const header = reader.uint8();
  const scale = header & 0x7f;
  if (scale > MAX_SCALE) throw new CorruptionError(`decimal scale ${scale}`);
  const exceptionCount = reader.varint();
  if (exceptionCount > count) throw new CorruptionError(`${exceptionCount} exceptions among ${count} values`);
  return {
    divisor: POWERS_OF_TEN[scale],
    isSingle: header >= 0x80,
    exceptionRows: exceptionCount === 0 ? NO_BYTES : reader.bytes(exceptionCount * 2),
    exceptions: exceptionCount === 0 ? NO_BYTES : reader.bytes(exceptionCount * 8),
  };
}

/** What is left to do once the integers are divided. */
export function finishScaled(scaling: Scaling, target: Float64Array): void {
  if (scaling.isSingle) for (let row = 0; row < target.length; row++) target[row] = Math.fround(target[row]);
  if (scaling.exceptions.length > 0) patchExceptions(scaling.exceptionRows, scaling.exceptions, target);
}

function isSingle(values: Float64Array): boolean {
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Math.fround(value) !== value && !Number.isNaN(value)) return false;
  }
  return true;
}

/** The power of ten at which a sample takes the fewest bits a value, exceptions included. */
function cheapestScale(values: Float64Array, asSingle: boolean): { scale: number; bits: number } {
  const sampleCount = Math.min(values.length, SAMPLED_VALUES);
  let cheapest = 0;
  let cheapestBits = Number.POSITIVE_INFINITY;
  for (let scale = 0; scale <= MAX_SCALE; scale++) {
    const factor = POWERS_OF_TEN[scale];
    let exceptions = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < sampleCount; index++) {
      const value = values[Math.floor((index * values.length) / sampleCount)];
      const scaled = value * factor;
      const integer = scaled + ROUNDER - ROUNDER;
      const back = asSingle ? Math.fround(integer / factor) : integer / factor;
      if (back !== value || Math.abs(scaled) > MAX_INTEGER) exceptions++;
      else {
        if (integer < min) min = integer;
        if (integer > max) max = integer;
      }
    }
    const width = max > min ? bitLength(max - min) : 0;
    const bits = (exceptions * EXCEPTION_BITS) / sampleCount + width;
    if (bits < cheapestBits) {
      cheapest = scale;
      cheapestBits = bits;
    }
    // More digits only widen what already fits.
    if (exceptions === 0) break;
  }
  return { scale: cheapest, bits: cheapestBits };
}

/** Fills `integers` and `exceptionRows`; returns how many exceptions there are. */
function scaleToIntegers(values: Float64Array, factor: number, asSingle: boolean): number {
  let exceptionCount = 0;
  let filler = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    const scaled = value * factor;
    const integer = scaled + ROUNDER - ROUNDER;
    const back = asSingle ? Math.fround(integer / factor) : integer / factor;
    // -0 becomes the integer 0, and only the sign of its reciprocal tells them apart.
    if (back !== value || Math.abs(scaled) > MAX_INTEGER || (integer === 0 && 1 / value < 0)) {
      exceptionRows[exceptionCount++] = row;
      integers[row] = filler;
    } else {
      integers[row] = integer;
      filler = integer;
    }
  }
  return exceptionCount;
}
