import { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { encodeBooleans } from '../codec/choose-codec.ts';
import { UNIT_ROWS } from '../codec/column-codec.ts';
import type { ChunkBuffer } from './chunk-buffer.ts';
import { ChunkValidity, countNulls, dense } from './chunk-validity.ts';
import { StatisticsBuilder } from './column-statistics.ts';
import { uint8s } from './growing-array.ts';
import { writeUnit } from './unit.ts';

const denseValues = new Uint8Array(UNIT_ROWS);
const encoded = new ByteWriter(256);

export class BooleanChunk implements ChunkBuffer {
  readonly holdsBytes = false;
  readonly #values = uint8s();
  readonly #validity = new ChunkValidity();
  readonly #statistics = new StatisticsBuilder('boolean');

  append(column: Column, from: number, to: number): void {
    invariant(column.kind === 'boolean', 'a boolean column comes as booleans');
    this.#values.append(column.values.subarray(from, to));
    this.#validity.append(column.validity, from, to);
  }

  beginChunk(): void {}

  encodeUnit(from: number, to: number, writer: ByteWriter): void {
    const validity = this.#validity.of(from, to);
    const nullCount = countNulls(validity);
    const values = dense(this.#values.view(from, to), validity, denseValues);
    this.#statistics.addBooleans(values, nullCount);
    encoded.clear();
    if (values.length > 0) encodeBooleans(values, encoded);
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
