import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { invariant } from '../../errors/invariant.ts';
import { nextTurn } from '../../platform/next-turn.ts';
import type { BlockCompressor } from '../codec/compression/block-compressor.ts';
import { lz4 } from '../codec/compression/lz4.ts';
import { compressChunk } from './chunk-blocks.ts';
import { type ChunkBuffer, createChunkBuffer } from './chunk-buffer.ts';
import { ColumnIndexBuilder } from './column-index.ts';
import { float64s } from './growing-array.ts';
import type { SegmentHeader, SegmentRows } from './segment-column.ts';
import { writeFooter } from './segment-footer.ts';
import { CHUNK_UNITS, encodeHeader, encodeTrailer } from './segment-format.ts';
import { SeriesDirectoryBuilder } from './series-directory.ts';
import { UnitPlanner } from './unit-planner.ts';

/** Rows taken in before it is asked whether a chunk is complete. */
const SLICE_ROWS = 8192;
/** What the footer says of a unit takes as long as encoding so many rows. */
const FOOTER_UNIT_ROWS = 25;
/** Text and values that may wait before a chunk ends with fewer than 64 units. */
const MAX_CHUNK_WEIGHT = 32 * 1024 * 1024;

/**
 * The share of its bytes that compression has to save. Decompressing costs half a nanosecond a byte: as much as a disk of
 * 250 MB/s takes for an eighth of it. Packed numbers are unpacked as quickly, so there it has to save more.
 */
const MIN_SAVING_OF_BYTES = 0.125;
const MIN_SAVING_OF_CODES = 0.3;

export interface SegmentWriterOptions {
  /** LZ4 by default; undefined for none. */
  readonly compressor?: BlockCompressor | undefined;
  /** Called for units of so many rows that were encoded; it is waited for when others are to have their turn. */
  readonly noteEncoded?: (rowCount: number) => Promise<void> | undefined;
}

/** Where a segment goes: bytes appended in order (`SegmentDraft` is one). */
export interface SegmentSink {
  append(bytes: Uint8Array): Promise<void>;
}

export interface WrittenSegment {
  readonly sizeBytes: number;
  readonly rowCount: number;
  /** SHA-256 of the segment's bytes, in hex: what the manifest notes. */
  readonly hash: string;
}

/**
 * Writes one segment from front to back, holding no more than a chunk of each column. It neither syncs nor renames:
 * that is the business of who owns the sink. Calls must not overlap; after a rejection the writer is of no more use.
 */
export class SegmentWriter {
  readonly #sink: SegmentSink;
  readonly #noteEncoded: SegmentWriterOptions['noteEncoded'];
  readonly #header: SegmentHeader;
  readonly #sortColumn: number;
  readonly #compressor: BlockCompressor | undefined;
  readonly #buffers: readonly ChunkBuffer[];
  readonly #indexes: readonly ColumnIndexBuilder[];
  readonly #series = new SeriesDirectoryBuilder();
  readonly #planner = new UnitPlanner();
  /** Per buffered row, the bytes of its texts and values; undefined when no column has any. */
  readonly #weights: ReturnType<typeof float64s> | undefined;
  readonly #unitRowCounts: number[] = [];
  readonly #chunkUnitCounts: number[] = [];
  readonly #hash = createHash('sha256');
  readonly #chunk = new ByteWriter(65536);
  #offset = 0;
  #rowCount = 0;
  #bufferedRows = 0;
  #bufferedWeight = 0;
  #isBusy = false;

  private constructor(sink: SegmentSink, header: SegmentHeader, options: SegmentWriterOptions) {
    this.#sink = sink;
    this.#compressor = 'compressor' in options ? options.compressor : lz4;
    this.#noteEncoded = options.noteEncoded;
    this.#header = header;
    this.#sortColumn = header.columns.findIndex(({ number }) => number === header.sortColumnNumber);
    invariant(this.#sortColumn >= 0, 'the sort column stands among the columns');
    const numbers = new Set(header.columns.map(({ number }) => number));
    invariant(numbers.size === header.columns.length, 'a column stands in a segment once');
    this.#buffers = header.columns.map(createChunkBuffer);
    this.#indexes = header.columns.map(() => new ColumnIndexBuilder());
    if (this.#buffers.some((buffer) => buffer.addWeights !== undefined)) this.#weights = float64s();
  }

  /** Starts a segment in `sink`. Several may follow each other in one file: offsets count from this one's first byte. */
  static create(sink: SegmentSink, header: SegmentHeader, options: SegmentWriterOptions = {}): SegmentWriter {
    return new SegmentWriter(sink, header, options);
  }

  /**
   * Appends any number of rows, which go on in order from the last ones (`SegmentRows`). The rows are copied or written
   * by the time it resolves, and must not change before.
   */
  async append(rows: SegmentRows): Promise<void> {
    invariant(rows.columns.length === this.#buffers.length, 'rows have all columns of the segment');
    this.#begin();
    for (let from = 0; from < rows.rowCount; from += SLICE_ROWS) {
      this.#take(rows, from, Math.min(from + SLICE_ROWS, rows.rowCount));
      while (this.#planner.closedCount >= CHUNK_UNITS || this.#isHeavy()) await this.#writeChunk();
    }
    this.#isBusy = false;
  }

  /** Writes what is left and the footer. A segment without rows is none: at least one must have been appended. */
  async finish(): Promise<WrittenSegment> {
    invariant(this.#rowCount > 0, 'a segment has rows');
    this.#begin();
    this.#planner.finish(this.#weights?.view());
    while (this.#planner.closedCount > 0) await this.#writeChunk();

    const sections: Uint8Array[] = [];
    for (let index = 0; index < this.#buffers.length; index++) {
      const section = new ByteWriter(1024);
      this.#indexes[index].write(section);
      this.#buffers[index].writeFooter(section);
      sections.push(section.view());
      const turn = this.#noteEncoded?.(this.#unitRowCounts.length * FOOTER_UNIT_ROWS);
      if (turn !== undefined) await turn;
    }
    const footer = new ByteWriter(4096);
    writeFooter(
      {
        header: this.#header,
        rowCount: this.#rowCount,
        unitRowCounts: this.#unitRowCounts,
        chunkUnitCounts: this.#chunkUnitCounts,
        series: this.#series,
        sections,
      },
      footer,
    );
    await this.#append(footer.view());
    await this.#append(encodeTrailer({ footerBytes: footer.length, footerCrc: crc32(footer.view()) }));
    return { sizeBytes: this.#offset, rowCount: this.#rowCount, hash: this.#hash.digest('hex') };
  }

  #begin(): void {
    invariant(!this.#isBusy, 'calls of a segment writer do not overlap, and none follows a failure or the end');
    this.#isBusy = true;
  }

  #take(rows: SegmentRows, from: number, to: number): void {
    this.#series.add(rows.seriesIds, rows.columns[this.#sortColumn], from, to);
    for (let index = 0; index < this.#buffers.length; index++)
      this.#buffers[index].append(rows.columns[index], from, to);
    const start = this.#bufferedRows;
    this.#rowCount += to - from;
    this.#bufferedRows += to - from;
    if (this.#weights !== undefined) {
      this.#weights.extend(to - from);
      const weights = this.#weights.view();
      weights.fill(0, start);
      for (const buffer of this.#buffers) buffer.addWeights?.(start, this.#bufferedRows, weights);
      for (let row = start; row < weights.length; row++) this.#bufferedWeight += weights[row];
    }
    this.#planner.add(rows.seriesIds, from, to, this.#weights?.view());
  }

  #isHeavy(): boolean {
    return this.#bufferedWeight > MAX_CHUNK_WEIGHT && this.#planner.closedCount > 0;
  }

  /** Writes the first closed units, up to 64, one column after the other, and forgets their rows. */
  async #writeChunk(): Promise<void> {
    if (this.#offset === 0) await this.#append(encodeHeader());
    const unitCount = Math.min(this.#planner.closedCount, CHUNK_UNITS);
    const unitEnds = Array.from({ length: unitCount }, (_, unit) => this.#planner.endOf(unit));
    const rowCount = unitEnds[unitCount - 1];
    for (let index = 0; index < this.#buffers.length; index++) {
      await this.#writeColumnChunk(this.#buffers[index], this.#indexes[index], unitEnds);
      this.#buffers[index].drop(rowCount);
      // Encoding so many values takes milliseconds, and a sink that gathers bytes gives nobody else a turn.
      if (rowCount >= SLICE_ROWS) await nextTurn();
    }
    for (let unit = 0; unit < unitCount; unit++) {
      this.#unitRowCounts.push(unitEnds[unit] - (unit === 0 ? 0 : unitEnds[unit - 1]));
    }
    this.#chunkUnitCounts.push(unitCount);
    this.#planner.drop(unitCount);
    this.#bufferedRows -= rowCount;
    if (this.#weights !== undefined) {
      for (const weight of this.#weights.view(0, rowCount)) this.#bufferedWeight -= weight;
      this.#weights.drop(rowCount);
    }
  }

  async #writeColumnChunk(buffer: ChunkBuffer, index: ColumnIndexBuilder, unitEnds: readonly number[]): Promise<void> {
    this.#chunk.clear();
    buffer.beginChunk(unitEnds);
    const sizes: number[] = [];
    const crcs: number[] = [];
    for (let unit = 0; unit < unitEnds.length; unit++) {
      const start = this.#chunk.length;
      buffer.encodeUnit(unit === 0 ? 0 : unitEnds[unit - 1], unitEnds[unit], this.#chunk);
      const bytes = this.#chunk.view().subarray(start);
      sizes.push(bytes.length);
      crcs.push(crc32(bytes));
      const turn = this.#noteEncoded?.(unitEnds[unit] - (unit === 0 ? 0 : unitEnds[unit - 1]));
      if (turn !== undefined) await turn;
    }
    const bytes = this.#chunk.view();
    const minSaving = buffer.holdsBytes ? MIN_SAVING_OF_BYTES : MIN_SAVING_OF_CODES;
    const compressed = this.#compressor && (await compressChunk(bytes, sizes, this.#compressor, minSaving));
    index.addChunk(this.#offset, { sizes, crcs }, compressed && { compressor: this.#compressor, ...compressed });
    if (compressed === undefined) await this.#append(bytes);
    else for (const block of compressed.blocks) await this.#append(block);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await this.#sink.append(bytes);
    this.#offset += bytes.length;
  }
}
