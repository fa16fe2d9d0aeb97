import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { decodeNumbers, encodeNumbers } from './choose-codec.ts';
import { CodecId, UNIT_ROWS } from './column-codec.ts';
import { packedCodes } from './packed-codes.ts';

/** Byte strings side by side: string i is `bytes[offsets[i] .. offsets[i + 1])`. */
export interface ByteStrings {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

/** What was read: the strings as they were written, or the distinct ones and for every row the place of its own. */
export interface DecodedByteStrings extends ByteStrings {
  readonly codes: Uint32Array | undefined;
}

/** Above this share of distinct strings naming them costs more than it saves. */
const MAX_DISTINCT_SHARE = 0.5;
const MAX_BYTES = 0xffffffff;

const lengths = new Float64Array(UNIT_ROWS);
const codes = new Uint32Array(UNIT_ROWS);

/**
 * Text that repeats too little for a dictionary, and the binary forms of numeric, interval, bytea and arrays.
 *
 *   strings            | lengths: codec id u8, payload | bytes |
 *   distinct strings   | distinct count varint | their lengths | their bytes | per row a place: `packedCodes` |
 *
 * Appends 1 to 1,024 strings with the id of the form chosen.
 */
export function encodeByteStrings(strings: ByteStrings, writer: ByteWriter): void {
  const distinct = distinctRows(strings);
  if (distinct === undefined) {
    writer.uint8(CodecId.ByteStrings);
    const count = strings.offsets.length - 1;
    writeLengths(strings, undefined, count, writer);
    writer.bytes(strings.bytes.subarray(strings.offsets[0], strings.offsets[count]));
    return;
  }
  writer.uint8(CodecId.DistinctByteStrings);
  writer.varint(distinct.length);
  writeLengths(strings, distinct, distinct.length, writer);
  for (const row of distinct) writer.bytes(strings.bytes.subarray(strings.offsets[row], strings.offsets[row + 1]));
  packedCodes.encode(codes.subarray(0, strings.offsets.length - 1), writer);
}

/** Reads `count` strings, whose bytes are copied: they keep no file buffer alive. */
export function decodeByteStrings(id: number, reader: ByteReader, count: number): DecodedByteStrings {
  if (id === CodecId.ByteStrings) return { ...readStrings(reader, count), codes: undefined };
  if (id !== CodecId.DistinctByteStrings) throw new CorruptionError(`codec ${id} where byte strings are expected`);
  const distinctCount = reader.varint();
  if (distinctCount === 0 || distinctCount > count) {
    throw new CorruptionError(`${distinctCount} distinct strings among ${count}`);
  }
  const strings = readStrings(reader, distinctCount);
  const places = new Uint32Array(count);
  packedCodes.decode(reader, places);
  for (let row = 0; row < count; row++) {
    if (places[row] >= distinctCount) throw new CorruptionError(`string ${places[row]} of ${distinctCount}`);
  }
  return { ...strings, codes: places };
}

function writeLengths(
  { offsets }: ByteStrings,
  rows: readonly number[] | undefined,
  count: number,
  writer: ByteWriter,
): void {
  for (let index = 0; index < count; index++) {
    const row = rows === undefined ? index : rows[index];
    lengths[index] = offsets[row + 1] - offsets[row];
  }
  encodeNumbers(lengths.subarray(0, count), undefined, writer);
}

function readStrings(reader: ByteReader, count: number): ByteStrings {
  const read = lengths.subarray(0, count);
  decodeNumbers(reader.uint8(), reader, read);
  const offsets = new Uint32Array(count + 1);
  let size = 0;
  for (let index = 0; index < count; index++) {
    const length = read[index];
    if (!(length >= 0 && length <= MAX_BYTES && Math.floor(length) === length)) {
      throw new CorruptionError(`byte string of length ${length}`);
    }
    size += length;
    offsets[index + 1] = size;
  }
  return { offsets, bytes: reader.bytes(size).slice() };
}

/** Fills `codes` and gives the first row of every distinct string, unless most of them differ. */
function distinctRows({ offsets, bytes }: ByteStrings): number[] | undefined {
  const count = offsets.length - 1;
  const maxDistinct = Math.max(1, Math.floor(count * MAX_DISTINCT_SHARE));
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = new Map<string, number>();
  const rows: number[] = [];
  for (let row = 0; row < count; row++) {
    const key = buffer.toString('latin1', offsets[row], offsets[row + 1]);
    let place = places.get(key);
    if (place === undefined) {
      place = rows.length;
      if (place === maxDistinct) return undefined;
      places.set(key, place);
      rows.push(row);
    }
    codes[row] = place;
  }
  return rows;
}
