import { CorruptionError } from '../../errors/corruption-error.ts';
import { bits } from './bits.ts';
import type { ColumnCodec, NumberCodec } from './column-codec.ts';
import { constant } from './constant.ts';
import { decimalDelta } from './decimal-delta.ts';
import { decimalScaled } from './decimal-scaled.ts';
import { delta } from './delta.ts';
import { deltaOfDelta } from './delta-of-delta.ts';
import { frameOfReference } from './frame-of-reference.ts';
import { gorilla } from './gorilla.ts';
import { mostlyOne } from './mostly-one.ts';
import { packedCodes } from './packed-codes.ts';
import { plain } from './plain.ts';
import { plainSingle } from './plain-single.ts';
import { regularRuns } from './regular-runs.ts';
import { bitRuns, codeRuns, runLength } from './run-length.ts';
import { zigzagVarint } from './zigzag-varint.ts';

/** Numbers: double precision and all integers within ±2^53. */
export const NUMBER_CODECS: readonly NumberCodec[] = [
  plain,
  constant,
  regularRuns,
  deltaOfDelta,
  delta,
  frameOfReference,
  zigzagVarint,
  decimalScaled,
  decimalDelta,
  gorilla,
  runLength,
  plainSingle,
  mostlyOne,
];

export const CODE_CODECS: readonly ColumnCodec<Uint32Array>[] = [packedCodes, codeRuns];

export const BOOLEAN_CODECS: readonly ColumnCodec<Uint8Array>[] = [bits, bitRuns];

/** The codec with this id; throws `CorruptionError` when the list has none. */
export function codecById<Values>(codecs: readonly ColumnCodec<Values>[], id: number): ColumnCodec<Values> {
  const codec = codecs.find((candidate) => candidate.id === id);
  if (codec === undefined) throw new CorruptionError(`no codec ${id} for these values`);
  return codec;
}
