import { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { chooseNumberCodec, encodeNumbers } from '../codec/choose-codec.ts';
import { type NumberCodec, UNIT_ROWS } from '../codec/column-codec.ts';
import type { ChunkBuffer } from './chunk-buffer.ts';
import { ChunkValidity, countNulls, dense } from './chunk-validity.ts';
import { StatisticsBuilder } from './column-statistics.ts';
import { float64s } from './growing-array.ts';
import { writeUnit } from './unit.ts';

const SAMPLED_UNITS = 3;
const denseValues = new Float64Array(UNIT_ROWS);
const encoded = new ByteWriter(16384);

/** double precision, real, smallint, integer, oid, date. */
export class NumberChunk implements ChunkBuffer {
  readonly holdsBytes = false;
  readonly #values = float64s();
  readonly #validity = new ChunkValidity();
  readonly #statistics = new StatisticsBuilder('float64');
  #codec: NumberCodec | undefined;

  append(column: Column, from: number, to: number): void {
    invariant(column.kind === 'number', 'a float64 column comes as doubles');
    this.#values.append(column.values.subarray(from, to));
    this.#validity.append(column.validity, from, to);
  }

  beginChunk(unitEnds: readonly number[]): void {
    this.#codec = chooseChunkCodec(unitEnds, (from, to) => {
      const validity = this.#validity.of(from, to);
      const values = this.#values.view(from, to);
      return validity === undefined ? values : dense(values, validity, new Float64Array(to - from));
    });
  }

  encodeUnit(from: number, to: number, writer: ByteWriter): void {
    const validity = this.#validity.of(from, to);
    const nullCount = countNulls(validity);
    const values = dense(this.#values.view(from, to), validity, denseValues);
    this.#statistics.addNumbers(values, validity, nullCount);
    encoded.clear();
    if (values.length > 0) encodeNumbers(values, this.#codec, encoded);
    writeUnit(validity, nullCount, encoded.view(), writer);
  }

  drop(count: number): void {
    this.#values.drop(count);
    this.#validity.drop(count);
  }

  writeFooter(writer: ByteWriter): void {
    this.#statistics.write(writer);
  }
}

/**
 * The codec for a chunk whose units end at `unitEnds`, by up to three of them: first, middle and last. `valuesOf` gives
 * the values of rows `from` to `to` that are not NULL. Undefined for a single unit, which is tried whole anyway.
 */
export function chooseChunkCodec(
  unitEnds: readonly number[],
  valuesOf: (from: number, to: number) => Float64Array,
): NumberCodec | undefined {
  if (unitEnds.length === 1) return undefined;
  const samples: Float64Array[] = [];
  for (let index = 0; index < SAMPLED_UNITS; index++) {
    const unit = Math.floor((index * (unitEnds.length - 1)) / (SAMPLED_UNITS - 1));
    const values = valuesOf(unit === 0 ? 0 : unitEnds[unit - 1], unitEnds[unit]);
    if (values.length > 0) samples.push(values);
  }
  return samples.length === 0 ? undefined : chooseNumberCodec(samples);
}
