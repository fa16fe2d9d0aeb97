import type { Column } from '../../../src/columnar/column.ts';
import { valueAt } from '../../../src/columnar/column.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import type { SegmentColumn, SegmentHeader } from '../../../src/storage/segment/segment-column.ts';
import {
  type SegmentFile,
  SegmentReader,
  type SegmentReaderOptions,
} from '../../../src/storage/segment/segment-reader.ts';
import {
  type SegmentSink,
  SegmentWriter,
  type SegmentWriterOptions,
  type WrittenSegment,
} from '../../../src/storage/segment/segment-writer.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';

/** A file in memory: first written, then read. Counts its reads. */
export class MemorySegment implements SegmentSink, SegmentFile {
  bytes: Uint8Array;
  readonly reads: { position: number; length: number }[] = [];

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.bytes = bytes;
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const grown = new Uint8Array(this.bytes.length + bytes.length);
    grown.set(this.bytes);
    grown.set(bytes, this.bytes.length);
    this.bytes = grown;
  }

  async readInto(target: Uint8Array, position: number): Promise<void> {
    this.reads.push({ position, length: target.length });
    if (position + target.length > this.bytes.length) throw new CorruptionError('the file ends early');
    target.set(this.bytes.subarray(position, position + target.length));
  }
}

export function column(number: number, typeName: string): SegmentColumn {
  const type = typeByName(typeName);
  if (type === undefined) throw new Error(`no type ${typeName}`);
  return { number, type };
}

export const TIME = column(1, 'timestamptz');

export function headerOf(columns: readonly SegmentColumn[]): SegmentHeader {
  return {
    tableOid: 16384,
    schemaVersion: 3,
    partitionStart: 7e14,
    minLsn: 100,
    maxLsn: 200,
    sortColumnNumber: TIME.number,
    columns: [TIME, ...columns],
  };
}

export interface Rows {
  readonly seriesIds: readonly number[];
  readonly columns: readonly Column[];
}

/** Writes `rows` of time (given by the first column) and `columns` as one segment, `batchRows` at a time. */
export async function writeSegment(
  columns: readonly SegmentColumn[],
  rows: Rows,
  options: {
    batchRows?: number;
    file?: MemorySegment;
    header?: Partial<SegmentHeader>;
    writer?: SegmentWriterOptions;
  } = {},
): Promise<{ file: MemorySegment; written: WrittenSegment }> {
  const file = options.file ?? new MemorySegment();
  const writer = SegmentWriter.create(file, { ...headerOf(columns), ...options.header }, options.writer);
  const rowCount = rows.seriesIds.length;
  const batchRows = options.batchRows ?? rowCount;
  for (let from = 0; from < rowCount; from += batchRows) {
    const to = Math.min(from + batchRows, rowCount);
    await writer.append({
      rowCount: to - from,
      seriesIds: Uint32Array.from(rows.seriesIds.slice(from, to)),
      columns: rows.columns.map((source) => slice(source, from, to)),
    });
  }
  return { file, written: await writer.finish() };
}

function slice(source: Column, from: number, to: number): Column {
  const validity = source.validity?.slice(from, to);
  switch (source.kind) {
    case 'number':
      return { kind: 'number', values: source.values.slice(from, to), validity };
    case 'wide':
      return { kind: 'wide', high: source.high.slice(from, to), low: source.low.slice(from, to), validity };
    case 'boolean':
      return { kind: 'boolean', values: source.values.slice(from, to), validity };
    case 'dictionary':
      return { kind: 'dictionary', codes: source.codes.slice(from, to), dictionary: source.dictionary, validity };
    case 'bytes':
      return { kind: 'bytes', offsets: source.offsets.slice(from, to + 1), bytes: source.bytes, validity };
    case 'value':
      return { kind: 'value', values: source.values.slice(from, to), validity };
  }
}

export function times(count: number, valueAtRow: (row: number) => number = (row) => 7e14 + row * 1e6): Column {
  return {
    kind: 'number',
    values: Float64Array.from({ length: count }, (_, row) => valueAtRow(row)),
    validity: undefined,
  };
}

export function openSegment(file: SegmentFile, options: SegmentReaderOptions = {}): Promise<SegmentReader> {
  return SegmentReader.open(file, 'test.segment', options);
}

/** All values of a column, unit after unit. */
export async function readColumn(reader: SegmentReader, number: number): Promise<Value[]> {
  const values: Value[] = [];
  for (let unit = 0; unit < reader.unitCount; unit++) {
    const pinned = await reader.readUnit(number, unit);
    const rowCount = reader.unitStarts[unit + 1] - reader.unitStarts[unit];
    for (let row = 0; row < rowCount; row++) values.push(valueAt(pinned.column, row));
    pinned.release();
  }
  return values;
}
