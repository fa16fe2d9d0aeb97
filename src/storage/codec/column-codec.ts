import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';

/** The most values that one call encodes or decodes: the rows of a full unit. */
export const UNIT_ROWS = 1024;

/** What names a codec on disk. An id is never given to another format. */
export const CodecId = {
  Plain: 1,
  Constant: 2,
  RegularRuns: 3,
  DeltaOfDelta: 4,
  Delta: 5,
  FrameOfReference: 6,
  ZigzagVarint: 7,
  DecimalScaled: 8,
  Gorilla: 9,
  RunLength: 10,
  PlainSingle: 11,
  DecimalDelta: 12,
  MostlyOne: 13,
  WidePlain: 32,
  WideOffset: 33,
  Bits: 48,
  BitRuns: 49,
  PackedCodes: 64,
  CodeRuns: 65,
  ByteStrings: 80,
  DistinctByteStrings: 81,
} as const;

export type CodecId = (typeof CodecId)[keyof typeof CodecId];

/**
 * One way to write 1 to 1,024 values without NULLs. The reader knows how many there are and allocates the target; a
 * codec writes its payload only, the caller its id. Every codec gives back each value bit for bit.
 */
export interface ColumnCodec<Values> {
  readonly id: CodecId;
  readonly name: string;
  /**
   * Appends `values`. False when they have no place in this format or would only grow in it: what was appended by then
   * is for the caller to cut off.
   */
  encode(values: Values, writer: ByteWriter): boolean;
  /** Fills `target`. Throws `CorruptionError`, or `OutOfBytesError` when the payload ends early. */
  decode(reader: ByteReader, target: Values): void;
}

export type NumberCodec = ColumnCodec<Float64Array>;

/** 64-bit integers as words, two's complement. */
export interface WideValues {
  readonly high: Int32Array;
  readonly low: Uint32Array;
}
