import { ByteWriter } from '../../bytes/byte-writer.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { encodeByteStrings } from '../codec/byte-strings.ts';
import type { ChunkBuffer } from './chunk-buffer.ts';
import { ChunkValidity, countNulls } from './chunk-validity.ts';
import { StatisticsBuilder } from './column-statistics.ts';
import { uint8s, uint32s } from './growing-array.ts';
import { writeUnit } from './unit.ts';

const encoded = new ByteWriter(65536);
const binary = new ByteWriter(1024);

/** numeric, interval, bytea and arrays, as the binary form of their type. */
export class ValueChunk implements ChunkBuffer {
  readonly holdsBytes = true;
  readonly #type: TypeDefinition;
  readonly #bytes = uint8s();
  /** Per row, where its bytes end; NULLs have none. */
  readonly #ends = uint32s();
  readonly #validity = new ChunkValidity();
  readonly #statistics = new StatisticsBuilder('count');

  constructor(type: TypeDefinition) {
    this.#type = type;
  }

  append(column: Column, from: number, to: number): void {
    this.#validity.append(column.validity, from, to);
    const { values: ends, start } = this.#ends.extend(to - from);
    for (let row = from; row < to; row++) {
      const value = valueAt(column, row);
      if (value !== null) {
        binary.clear();
        this.#type.writeBinary(value, binary);
        this.#bytes.append(binary.view());
      }
      ends[start + row - from] = this.#bytes.length;
    }
  }

  addWeights(from: number, to: number, weights: Float64Array): void {
    const ends = this.#ends.view();
    for (let row = from; row < to; row++) weights[row] += ends[row] - (row === 0 ? 0 : ends[row - 1]);
  }

  beginChunk(): void {}

  encodeUnit(from: number, to: number, writer: ByteWriter): void {
    const validity = this.#validity.of(from, to);
    const nullCount = countNulls(validity);
    this.#statistics.addCounts(nullCount);
    const ends = this.#ends.view(from, to);
    const start = from === 0 ? 0 : this.#ends.view(from - 1, from)[0];
    const offsets = new Uint32Array(to - from - nullCount + 1);
    let count = 0;
    for (let row = 0; row < ends.length; row++) {
      if (validity === undefined || validity[row] === 1) offsets[++count] = ends[row] - start;
    }
    encoded.clear();
    if (count > 0) encodeByteStrings({ offsets, bytes: this.#bytes.view(start, start + offsets[count]) }, encoded);
    writeUnit(validity, nullCount, encoded.view(), writer);
  }

  drop(count: number): void {
    const dropped = this.#ends.view(count - 1, count)[0];
    this.#bytes.drop(dropped);
    this.#ends.drop(count);
    this.#validity.drop(count);
    const ends = this.#ends.view();
    for (let row = 0; row < ends.length; row++) ends[row] -= dropped;
  }

  writeFooter(writer: ByteWriter): void {
    this.#statistics.write(writer);
  }
}
