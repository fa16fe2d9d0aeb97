import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { Int64 } from '../../types/value.ts';
import { decodeNumbers, encodeNumbers } from '../codec/choose-codec.ts';
import { UNIT_ROWS } from '../codec/column-codec.ts';

/**
 * Arrays of the footer. The reader knows their lengths.
 *
 *   numbers    blocks of up to 1,024 numbers, each | codec id u8 | payload |
 *   integers   | 0 u8 | numbers |        all of them doubles
 *              | 1 u8 | per value: length varint, decimal digits |        some beyond ±2^53
 */
export function writeNumberArray(values: readonly number[], writer: ByteWriter): void {
  for (let start = 0; start < values.length; start += UNIT_ROWS) {
    encodeNumbers(Float64Array.from(values.slice(start, start + UNIT_ROWS)), undefined, writer);
  }
}

export function readNumberArray(reader: ByteReader, length: number): Float64Array {
  // The smallest block takes two bytes: a length beyond that is none.
  if (length > reader.remaining * UNIT_ROWS) throw new CorruptionError(`an array of ${length} numbers`);
  const values = new Float64Array(length);
  for (let start = 0; start < length; start += UNIT_ROWS) {
    decodeNumbers(reader.uint8(), reader, values.subarray(start, Math.min(start + UNIT_ROWS, length)));
  }
  return values;
}

/** `readNumberArray` for counts, sizes and ids: throws unless all are integers from 0 to `max`. */
export function readCountArray(reader: ByteReader, length: number, max: number): Float64Array {
  const values = readNumberArray(reader, length);
  for (let index = 0; index < length; index++) {
    const value = values[index];
    if (!(value >= 0 && value <= max && Math.floor(value) === value)) {
      throw new CorruptionError(`${value} where an integer up to ${max} is expected`);
    }
  }
  return values;
}

/** Integers in the canonical form of `Int64`, or any bigint beyond ±2^53 (sums pass 64 bits). */
export type IntegerArray = Float64Array | readonly (number | bigint)[];

export function writeIntegerArray(values: readonly (number | bigint)[], writer: ByteWriter): void {
  if (values.every((value) => typeof value === 'number')) {
    writer.uint8(0);
    writeNumberArray(values, writer);
    return;
  }
  writer.uint8(1);
  for (const value of values) writer.lengthPrefixedString(String(value));
}

export function readIntegerArray(reader: ByteReader, length: number): IntegerArray {
  const form = reader.uint8();
  if (form === 0) return readNumberArray(reader, length);
  if (form !== 1) throw new CorruptionError(`integer array of form ${form}`);
  const values: (number | bigint)[] = [];
  for (let index = 0; index < length; index++) values.push(parseInteger(reader.lengthPrefixedString()));
  return values;
}

function parseInteger(text: string): number | bigint {
  if (/^-?Infinity$/.test(text)) return Number(text);
  if (!/^-?[0-9]{1,40}$/.test(text)) throw new CorruptionError(`"${text}" where an integer is expected`);
  return canonical(BigInt(text));
}

/** A number up to ±2^53, a bigint beyond. */
export function canonical(value: bigint): number | bigint {
  return value >= -9007199254740992n && value <= 9007199254740992n ? Number(value) : value;
}

/** One integer, as `writeIntegerArray` writes an array of one. */
export function writeInteger(value: Int64, writer: ByteWriter): void {
  writeIntegerArray([value], writer);
}

/** Throws `CorruptionError` when it takes more than 64 bits. */
export function readInteger(reader: ByteReader): Int64 {
  const value = readIntegerArray(reader, 1)[0];
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
    throw new CorruptionError(`${value} takes more than 64 bits`);
  }
  return value;
}
