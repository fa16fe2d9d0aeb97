import { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Column } from '../../columnar/column.ts';
import { writeWide } from '../../columnar/column-builder.ts';
import { invariant } from '../../errors/invariant.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { encodeNumbers } from '../codec/choose-codec.ts';
import { type NumberCodec, UNIT_ROWS } from '../codec/column-codec.ts';
import { encodeWide } from '../codec/wide.ts';
import type { ChunkBuffer } from './chunk-buffer.ts';
import { ChunkValidity, countNulls, dense } from './chunk-validity.ts';
import { StatisticsBuilder } from './column-statistics.ts';
import { float64s, int32s, uint8s, uint32s } from './growing-array.ts';
import { chooseChunkCodec } from './number-chunk.ts';
import { writeUnit } from './unit.ts';

const TWO_POW_32 = 4294967296;
const denseValues = new Float64Array(UNIT_ROWS);
const unitHigh = new Int32Array(UNIT_ROWS);
const unitLow = new Uint32Array(UNIT_ROWS);
const denseHigh = new Int32Array(UNIT_ROWS);
const denseLow = new Uint32Array(UNIT_ROWS);
const encoded = new ByteWriter(16384);

/** Rows beyond ±2^53: words beside the doubles, and a mark for each row that has them. */
class WideRows {
  readonly high = int32s();
  readonly low = uint32s();
  readonly marks = uint8s();

  constructor(rowCount: number) {
    this.extend(rowCount);
  }

  extend(rowCount: number): void {
    const { values, start } = this.marks.extend(rowCount);
    values.fill(0, start, start + rowCount);
    this.high.extend(rowCount);
    this.low.extend(rowCount);
  }

  drop(count: number): void {
    this.high.drop(count);
    this.low.drop(count);
    this.marks.drop(count);
  }
}

/**
 * bigint, time, timestamp, timestamptz. A unit is narrow, and decodes to doubles, when all its values lie within ±2^53
 * or are infinite instants, however wide its neighbours are.
 */
export class Int64Chunk implements ChunkBuffer {
  readonly holdsBytes = false;
  readonly #isInstant: boolean;
  readonly #hasSum: boolean;
  readonly #values = float64s();
  readonly #validity = new ChunkValidity();
  readonly #statistics = new StatisticsBuilder('int64');
  #wide: WideRows | undefined;
  #codec: NumberCodec | undefined;

  constructor(type: TypeDefinition) {
    this.#isInstant = type.category === 'D';
    this.#hasSum = type.category === 'N';
  }

  append(column: Column, from: number, to: number): void {
    invariant(column.kind === 'number' || column.kind === 'wide', 'an int64 column comes as doubles or words');
    this.#validity.append(column.validity, from, to);
    if (column.kind === 'number') {
      this.#values.append(column.values.subarray(from, to));
      this.#wide?.extend(to - from);
      return;
    }
    this.#wide ??= new WideRows(this.#values.length);
    const { values, start } = this.#values.extend(to - from);
    this.#wide.extend(to - from);
    const highs = this.#wide.high.view();
    const lows = this.#wide.low.view();
    const marks = this.#wide.marks.view();
    for (let row = from; row < to; row++) {
      const at = start + row - from;
      const high = column.high[row];
      const low = column.low[row];
      if (column.validity !== undefined && column.validity[row] === 0) values[at] = 0;
      else if (isNarrow(high, low)) values[at] = high * TWO_POW_32 + low;
      else if (this.#isInstant && high === 0x7fffffff && low === 0xffffffff) values[at] = Number.POSITIVE_INFINITY;
      else if (this.#isInstant && high === -0x80000000 && low === 0) values[at] = Number.NEGATIVE_INFINITY;
      else {
        highs[at] = high;
        lows[at] = low;
        marks[at] = 1;
      }
    }
  }

  beginChunk(unitEnds: readonly number[]): void {
    this.#codec = chooseChunkCodec(unitEnds, (from, to) => {
      if (this.#isWide(from, to)) return denseValues.subarray(0, 0);
      const values = this.#values.view(from, to);
      const validity = this.#validity.of(from, to);
      return validity === undefined ? values : dense(values, validity, new Float64Array(to - from));
    });
  }

  encodeUnit(from: number, to: number, writer: ByteWriter): void {
    const validity = this.#validity.of(from, to);
    const nullCount = countNulls(validity);
    encoded.clear();
    if (this.#isWide(from, to)) {
      this.#gatherWide(from, to);
      const high = dense(unitHigh.subarray(0, to - from), validity, denseHigh);
      const low = dense(unitLow.subarray(0, to - from), validity, denseLow);
      this.#statistics.addWide(high, low, validity, nullCount, this.#isInstant);
      encodeWide({ high, low }, encoded);
    } else {
      const values = dense(this.#values.view(from, to), validity, denseValues);
      this.#statistics.addNarrow(values, validity, nullCount, this.#hasSum);
      if (values.length > 0) encodeNumbers(values, this.#codec, encoded);
    }
    writeUnit(validity, nullCount, encoded.view(), writer);
  }

  drop(count: number): void {
    this.#values.drop(count);
    this.#validity.drop(count);
    this.#wide?.drop(count);
  }

  writeFooter(writer: ByteWriter): void {
    this.#statistics.write(writer);
  }

  #isWide(from: number, to: number): boolean {
    return this.#wide !== undefined && this.#wide.marks.view(from, to).indexOf(1) >= 0;
  }

  #gatherWide(from: number, to: number): void {
    const values = this.#values.view(from, to);
    const { high, low, marks } = this.#wide!;
    const highs = high.view(from, to);
    const lows = low.view(from, to);
    const isWide = marks.view(from, to);
    for (let row = 0; row < values.length; row++) {
      if (isWide[row] === 1) {
        unitHigh[row] = highs[row];
        unitLow[row] = lows[row];
      } else if (Number.isFinite(values[row])) {
        unitHigh[row] = Math.floor(values[row] / TWO_POW_32);
        // ToUint32 is modulo 2^32, for negative numbers too.
        unitLow[row] = values[row];
      } else writeWide(unitHigh, unitLow, row, values[row]);
    }
  }
}

/** Whether a double holds the integer, within ±2^53. */
function isNarrow(high: number, low: number): boolean {
  return (high >= -0x200000 && high < 0x200000) || (high === 0x200000 && low === 0);
}
