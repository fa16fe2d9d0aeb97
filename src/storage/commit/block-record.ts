import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Column } from '../../columnar/column.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { storedType } from '../../types/stored-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { BlockColumn, RowBlock } from '../memtable/row-block.ts';
import { alignedCopy, bytesOf, readColumn, writeColumn } from './column-record.ts';

/** Flags of a block. */
const IS_PARTIAL = 1;
const HAS_FRACTIONS = 2;
const HAS_ROW_IDS = 4;
const ONE_SERIES = 8;
const NARROW_TIMES = 16;
const SUCCESSIVE_ROW_IDS = 32;

/**
 * The rows of one partition in a commit record:
 *
 *   | zigzag of partition (varint) | row count | flags (uint8) | series ids (uint32, one if all are the same) | times
 *   (float64; or the first and uint32 offsets) | fractions (uint32) | row ids (float64, the first alone if they are
 *   successive) | columns |
 *
 *   columns  | count | column number, type OID, column … |
 *
 * Counts, numbers and OIDs are varints; raw numbers are little-endian.
 */
export function writeBlock(writer: ByteWriter, block: RowBlock): void {
  const { rowCount, times } = block;
  const oneSeries = isConstant(block.seriesIds, rowCount);
  const offsets = timeOffsets(times, rowCount);
  const successive = block.rowIds !== undefined && isSuccessive(block.rowIds, rowCount);
  writer.varint(block.partition < 0 ? -block.partition * 2 - 1 : block.partition * 2);
  writer.varint(rowCount);
  writer.uint8(
    (block.isPartial ? IS_PARTIAL : 0) |
      (block.fractions !== undefined ? HAS_FRACTIONS : 0) |
      (block.rowIds !== undefined ? HAS_ROW_IDS : 0) |
      (oneSeries ? ONE_SERIES : 0) |
      (offsets !== undefined ? NARROW_TIMES : 0) |
      (successive ? SUCCESSIVE_ROW_IDS : 0),
  );
  writer.bytes(bytesOf(block.seriesIds, oneSeries ? 1 : rowCount));
  if (offsets !== undefined) {
    writer.float64le(times[0]);
    writer.bytes(bytesOf(offsets, rowCount));
  } else writer.bytes(bytesOf(times, rowCount));
  if (block.fractions !== undefined) writer.bytes(bytesOf(block.fractions, rowCount));
  if (block.rowIds !== undefined) writer.bytes(bytesOf(block.rowIds, successive ? 1 : rowCount));
  writeColumns(writer, block.columns, rowCount);
}

/** The buffers of the block are its own: the record's bytes may go. */
export function readBlock(reader: ByteReader): RowBlock {
  const zigzag = reader.varint();
  const partition = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  const rowCount = reader.varint();
  const flags = reader.uint8();
  let seriesIds: Uint32Array;
  if ((flags & ONE_SERIES) !== 0) seriesIds = new Uint32Array(rowCount).fill(reader.uint32le());
  else seriesIds = new Uint32Array(alignedCopy(reader, rowCount * 4));
  let times: Float64Array;
  if ((flags & NARROW_TIMES) !== 0) {
    const first = reader.float64le();
    times = Float64Array.from(new Uint32Array(alignedCopy(reader, rowCount * 4)));
    for (let row = 0; row < rowCount; row++) times[row] += first;
  } else times = new Float64Array(alignedCopy(reader, rowCount * 8));
  const fractions = (flags & HAS_FRACTIONS) === 0 ? undefined : new Uint32Array(alignedCopy(reader, rowCount * 4));
  let rowIds: Float64Array | undefined;
  if ((flags & HAS_ROW_IDS) !== 0) {
    if ((flags & SUCCESSIVE_ROW_IDS) !== 0) {
      const first = reader.float64le();
      rowIds = new Float64Array(rowCount);
      for (let row = 0; row < rowCount; row++) rowIds[row] = first + row;
    } else rowIds = new Float64Array(alignedCopy(reader, rowCount * 8));
  }
  const isPartial = (flags & IS_PARTIAL) !== 0;
  return {
    partition,
    rowCount,
    seriesIds,
    times,
    fractions,
    rowIds,
    isPartial,
    columns: readColumns(reader, rowCount),
  };
}

/** `columns` as in the drawing above; of each the first `rowCount` values. */
export function writeColumns(writer: ByteWriter, columns: readonly BlockColumn[], rowCount: number): void {
  writer.varint(columns.length);
  for (const { number, type, column } of columns) {
    writer.varint(number);
    const stored = storedType(type);
    writer.varint(stored.oid);
    writeColumn(writer, column, stored, rowCount);
  }
}

/** Throws CorruptionError for a type that nobody knows. */
export function readColumns(reader: ByteReader, rowCount: number): BlockColumn[] {
  const count = reader.varint();
  const columns: BlockColumn[] = [];
  for (let index = 0; index < count; index++) {
    const number = reader.varint();
    const type: TypeDefinition | undefined = typeByOid(reader.varint());
    if (type === undefined) throw new CorruptionError(`column ${number} of an unknown type in a commit record`);
    const column: Column = readColumn(reader, type, rowCount);
    columns.push({ number, type, column });
  }
  return columns;
}

/** Whole offsets from the first time, where they fit 32 bits: half the bytes for nearly every block. */
function timeOffsets(times: Float64Array, rowCount: number): Uint32Array | undefined {
  if (rowCount < 2) return undefined;
  const first = times[0];
  const offsets = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const offset = times[row] - first;
    const word = offset >>> 0;
    if (word !== offset || first + word !== times[row]) return undefined;
    offsets[row] = word;
  }
  return offsets;
}

function isConstant(values: Uint32Array, count: number): boolean {
  for (let index = 1; index < count; index++) if (values[index] !== values[0]) return false;
  return count > 0;
}

function isSuccessive(values: Float64Array, count: number): boolean {
  for (let index = 1; index < count; index++) if (values[index] !== values[0] + index) return false;
  return count > 0;
}
