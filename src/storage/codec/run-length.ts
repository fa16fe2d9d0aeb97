import type { ByteReader } from '../../bytes/byte-reader.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { CodecId, type ColumnCodec, type NumberCodec } from './column-codec.ts';
import { bytesOf, wordsOf } from './float-bits.ts';

/** With shorter runs other codecs are smaller. */
const MIN_MEAN_RUN = 2;

/**
 * Run-length: repeated values shrink to pairs. Three payloads for three kinds of values.
 *
 *   numbers    | row count varint | f64le | row count | f64le | …
 *   codes      | row count varint | code varint | row count | code | …
 *   booleans   | first value u8 | row count varint | row count of the opposite varint | …
 */
export const runLength: NumberCodec = {
  id: CodecId.RunLength,
  name: 'run length',
  encode(values, writer) {
    const words = wordsOf(values);
    const bytes = bytesOf(values);
    const count = values.length;
    const maxRuns = Math.max(1, Math.floor(count / MIN_MEAN_RUN));
    let runCount = 0;
    let runStart = 0;
    for (let row = 1; row <= count; row++) {
      if (row < count && words[row * 2] === words[runStart * 2] && words[row * 2 + 1] === words[runStart * 2 + 1]) {
        continue;
      }
      if (++runCount > maxRuns) return false;
      writer.varint(row - runStart);
      writer.bytes(bytes.subarray(runStart * 8, runStart * 8 + 8));
      runStart = row;
    }
    return true;
  },
  decode(reader, target) {
    const bytes = bytesOf(target);
    for (let row = 0; row < target.length; ) {
      const end = runEnd(reader, row, target.length);
      bytes.set(reader.bytes(8), row * 8);
      const value = target[row];
      if (!Number.isNaN(value)) target.fill(value, row, end);
      else for (let at = row + 1; at < end; at++) bytes.copyWithin(at * 8, row * 8, row * 8 + 8);
      row = end;
    }
  },
};

/** Runs of dictionary codes. */
export const codeRuns: ColumnCodec<Uint32Array> = {
  id: CodecId.CodeRuns,
  name: 'code runs',
  encode(codes, writer) {
    let runStart = 0;
    for (let row = 1; row <= codes.length; row++) {
      if (row < codes.length && codes[row] === codes[runStart]) continue;
      writer.varint(row - runStart);
      writer.varint(codes[runStart]);
      runStart = row;
    }
    return true;
  },
  decode(reader, target) {
    for (let row = 0; row < target.length; ) {
      const end = runEnd(reader, row, target.length);
      target.fill(reader.varint(), row, end);
      row = end;
    }
  },
};

/** Runs of booleans, 0 and 1 by turns. */
export const bitRuns: ColumnCodec<Uint8Array> = {
  id: CodecId.BitRuns,
  name: 'bit runs',
  encode(values, writer) {
    writer.uint8(values[0]);
    let runStart = 0;
    for (let row = 1; row <= values.length; row++) {
      if (row < values.length && values[row] === values[runStart]) continue;
      writer.varint(row - runStart);
      runStart = row;
    }
    return true;
  },
  decode(reader, target) {
    let value = reader.uint8();
    if (value > 1) throw new CorruptionError(`boolean ${value}`);
    for (let row = 0; row < target.length; ) {
      const end = runEnd(reader, row, target.length);
      target.fill(value, row, end);
      value = 1 - value;
      row = end;
    }
  },
};

function runEnd(reader: ByteReader, row: number, rowCount: number): number {
  const end = row + reader.varint();
  if (end <= row || end > rowCount) throw new CorruptionError(`run from row ${row} to ${end} of ${rowCount}`);
  return end;
}
