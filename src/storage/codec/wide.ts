import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { decodeNumbers, encodeNumbers } from './choose-codec.ts';
import { codecById } from './codec-registry.ts';
import { CodecId, type ColumnCodec, UNIT_ROWS, type WideValues } from './column-codec.ts';
import { bytesOf } from './float-bits.ts';

const TWO_POW_32 = 4294967296;
const MAX_EXACT = 9007199254740992;

const offsets = new Float64Array(UNIT_ROWS);

/**
 * Wide plain: 64-bit integers that are spread over the whole range.
 *
 *   | high words i32le × count | low words u32le × count |
 */
export const widePlain: ColumnCodec<WideValues> = {
  id: CodecId.WidePlain,
  name: 'wide plain',
  encode({ high, low }, writer) {
    writer.bytes(bytesOf(high));
    writer.bytes(bytesOf(low));
    return true;
  },
  decode(reader, { high, low }) {
    bytesOf(high).set(reader.bytes(high.length * 4));
    bytesOf(low).set(reader.bytes(low.length * 4));
  },
};

/**
 * Wide offset: 64-bit integers of which no two are more than 2^53 apart (nanoseconds since 1970, generated ids). The
 * distances from the smallest are numbers like any other and have a codec of their own.
 *
 *   | smallest: high i32le, low u32le | codec id u8 | distances in that codec |
 */
export const wideOffset: ColumnCodec<WideValues> = {
  id: CodecId.WideOffset,
  name: 'wide offset',
  encode({ high, low }, writer) {
    let smallest = 0;
    for (let row = 1; row < high.length; row++) {
      if (high[row] < high[smallest] || (high[row] === high[smallest] && low[row] < low[smallest])) smallest = row;
    }
    for (let row = 0; row < high.length; row++) {
      const distance = (high[row] - high[smallest]) * TWO_POW_32 + (low[row] - low[smallest]);
      if (distance >= MAX_EXACT) return false;
      offsets[row] = distance;
    }
    writer.uint32le(high[smallest] >>> 0);
    writer.uint32le(low[smallest]);
    encodeNumbers(offsets.subarray(0, high.length), undefined, writer);
    return true;
  },
  decode(reader, { high, low }) {
    const baseHigh = reader.uint32le() | 0;
    const baseLow = reader.uint32le();
    const distances = offsets.subarray(0, high.length);
    decodeNumbers(reader.uint8(), reader, distances);
    for (let row = 0; row < high.length; row++) {
      const distance = distances[row];
      if (!(distance >= 0 && distance < MAX_EXACT)) throw new CorruptionError(`distance ${distance} at row ${row}`);
      const distanceHigh = Math.floor(distance / TWO_POW_32);
      const sum = baseLow + (distance - distanceHigh * TWO_POW_32);
      high[row] = baseHigh + distanceHigh + (sum >= TWO_POW_32 ? 1 : 0);
      low[row] = sum;
    }
  },
};

const WIDE_CODECS: readonly ColumnCodec<WideValues>[] = [wideOffset, widePlain];

/** Appends codec id and payload of 1 to 1,024 integers. */
export function encodeWide(values: WideValues, writer: ByteWriter): void {
  const start = writer.length;
  writer.uint8(wideOffset.id);
  if (wideOffset.encode(values, writer)) return;
  writer.truncate(start);
  writer.uint8(widePlain.id);
  widePlain.encode(values, writer);
}

export function decodeWide(id: number, reader: ByteReader, target: WideValues): void {
  codecById(WIDE_CODECS, id).decode(reader, target);
}
