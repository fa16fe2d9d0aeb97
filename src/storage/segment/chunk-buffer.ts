import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Column } from '../../columnar/column.ts';
import { unreachable } from '../../errors/invariant.ts';
import { BooleanChunk } from './boolean-chunk.ts';
import { Int64Chunk } from './int64-chunk.ts';
import { NumberChunk } from './number-chunk.ts';
import type { SegmentColumn } from './segment-column.ts';
import { TextChunk } from './text-chunk.ts';
import { ValueChunk } from './value-chunk.ts';

/** The rows of one column that wait to be written as units. */
export interface ChunkBuffer {
  /** Copies rows `from` to `to` of `column`, which must have a kind of this column's representation. */
  append(column: Column, from: number, to: number): void;
  /** Adds to `weights[row]` the bytes that rows `from` to `to` of the buffer take beyond a fixed size. */
  addWeights?(from: number, to: number, weights: Float64Array): void;
  /** The units about to be encoded end at these rows, the first beginning at row 0: the time to choose a codec. */
  beginChunk(unitEnds: readonly number[]): void;
  /** Whether the units of the chunk just begun are mostly bytes as they came: what general compression is good at. */
  readonly holdsBytes: boolean;
  /** Appends the unit of rows `from` to `to` and notes its statistics. */
  encodeUnit(from: number, to: number, writer: ByteWriter): void;
  /** Forgets the first `count` rows. */
  drop(count: number): void;
  /** Appends what the footer says of this column beyond its chunks: dictionary and statistics. */
  writeFooter(writer: ByteWriter): void;
}

export function createChunkBuffer({ type }: SegmentColumn): ChunkBuffer {
  switch (type.representation) {
    case 'float64':
      return new NumberChunk();
    case 'int64':
      return new Int64Chunk(type);
    case 'boolean':
      return new BooleanChunk();
    case 'text':
      return new TextChunk();
    case 'value':
      return new ValueChunk(type);
    default:
      return unreachable(type.representation);
  }
}
