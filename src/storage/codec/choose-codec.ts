import type { ByteReader } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { BOOLEAN_CODECS, CODE_CODECS, codecById, NUMBER_CODECS } from './codec-registry.ts';
import type { ColumnCodec, NumberCodec } from './column-codec.ts';
import { constant } from './constant.ts';
import { decimalDelta } from './decimal-delta.ts';
import { decimalScaled } from './decimal-scaled.ts';
import { delta } from './delta.ts';
import { deltaOfDelta } from './delta-of-delta.ts';
import { frameOfReference } from './frame-of-reference.ts';
import { gorilla } from './gorilla.ts';
import { mostlyOne } from './mostly-one.ts';
import { areIntegers } from './packed-integers.ts';
import { plain } from './plain.ts';
import { plainSingle } from './plain-single.ts';
import { regularRuns } from './regular-runs.ts';
import { runLength } from './run-length.ts';
import { zigzagVarint } from './zigzag-varint.ts';

interface Candidate {
  readonly codec: NumberCodec;
  /** What a byte of it counts: how many times slower than copying it decodes, tempered by what a byte of disk is worth. */
  readonly weight: number;
}

const FOR_INTEGERS: readonly Candidate[] = [
  { codec: constant, weight: 0 },
  { codec: regularRuns, weight: 1 },
  { codec: frameOfReference, weight: 1 },
  { codec: delta, weight: 1.1 },
  { codec: deltaOfDelta, weight: 1.1 },
  { codec: runLength, weight: 1.1 },
  { codec: mostlyOne, weight: 1.1 },
  { codec: zigzagVarint, weight: 1.4 },
  { codec: plain, weight: 0.9 },
];

const FOR_FRACTIONS: readonly Candidate[] = [
  { codec: constant, weight: 0 },
  { codec: decimalScaled, weight: 1 },
  { codec: decimalDelta, weight: 1.2 },
  { codec: runLength, weight: 1.1 },
  { codec: mostlyOne, weight: 1.1 },
  { codec: gorilla, weight: 1.5 },
  { codec: plainSingle, weight: 0.95 },
  { codec: plain, weight: 0.9 },
];

const trial = new ByteWriter(16384);

/** The codec that writes these samples, units of one chunk, in the fewest bytes, slow decoders at a handicap. */
export function chooseNumberCodec(samples: readonly Float64Array[]): NumberCodec {
  const candidates = samples.every(areIntegers) ? FOR_INTEGERS : FOR_FRACTIONS;
  let best: NumberCodec = plain;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const { codec, weight } of candidates) {
    trial.clear();
    if (!samples.every((sample) => codec.encode(sample, trial))) continue;
    const score = trial.length * weight;
    if (score < bestScore) {
      best = codec;
      bestScore = score;
    }
  }
  return best;
}

/**
 * Appends codec id and payload of 1 to 1,024 numbers: in the preferred codec of the chunk, unless it cannot take these
 * or grows; then, or without a preference, in the one that suits these best.
 */
export function encodeNumbers(values: Float64Array, preferred: NumberCodec | undefined, writer: ByteWriter): void {
  if (tryEncode(constant, values, writer)) return;
  if (preferred !== undefined && tryEncode(preferred, values, writer)) return;
  tryEncode(chooseNumberCodec([values]), values, writer);
}

/** Fills the whole target. Throws CorruptionError, also for a codec that nobody knows. */
export function decodeNumbers(id: number, reader: ByteReader, target: Float64Array): void {
  codecById(NUMBER_CODECS, id).decode(reader, target);
}

/** Appends codec id and payload of 1 to 1,024 dictionary codes, in the smaller of the two forms. */
export function encodeCodes(codes: Uint32Array, writer: ByteWriter): void {
  encodeSmallest(CODE_CODECS, codes, writer);
}

export function decodeCodes(id: number, reader: ByteReader, target: Uint32Array): void {
  codecById(CODE_CODECS, id).decode(reader, target);
}

/** Appends codec id and payload of 1 to 1,024 booleans (0 and 1), in the smaller of the two forms. */
export function encodeBooleans(values: Uint8Array, writer: ByteWriter): void {
  encodeSmallest(BOOLEAN_CODECS, values, writer);
}

export function decodeBooleans(id: number, reader: ByteReader, target: Uint8Array): void {
  codecById(BOOLEAN_CODECS, id).decode(reader, target);
}

function tryEncode(codec: NumberCodec, values: Float64Array, writer: ByteWriter): boolean {
  const start = writer.length;
  writer.uint8(codec.id);
  if (codec.encode(values, writer)) {
    if (codec === plain || writer.length - start <= 1 + values.length * 8) return true;
  }
  writer.truncate(start);
  return false;
}

function encodeSmallest<Values>(codecs: readonly ColumnCodec<Values>[], values: Values, writer: ByteWriter): void {
  let best: ColumnCodec<Values> | undefined;
  let bestSize = Number.POSITIVE_INFINITY;
  const start = writer.length;
  for (const codec of codecs) {
    codec.encode(values, writer);
    if (writer.length - start < bestSize) {
      best = codec;
      bestSize = writer.length - start;
    }
    writer.truncate(start);
  }
  if (best === undefined) return;
  writer.uint8(best.id);
  best.encode(values, writer);
}
