import { crc32 } from 'node:zlib';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { invariant } from '../../errors/invariant.ts';
import type { PinnedColumn } from '../cache/pinned-column.ts';
import { ReadWindows } from '../cache/read-windows.ts';
import type { UnitCache, UnitDirectory } from '../cache/unit-cache.ts';
import { readColumnIndex } from './column-index.ts';
import { ColumnReader, partOf, type SegmentContext, type SegmentSource } from './column-reader.ts';
import type { ColumnStatistics } from './column-statistics.ts';
import type { IntegerArray } from './footer-arrays.ts';
import type { SegmentColumn, SegmentHeader } from './segment-column.ts';
import { readFooter, type SegmentFooter } from './segment-footer.ts';
import { checkHeader, decodeTrailer, HEADER_BYTES, TRAILER_BYTES } from './segment-format.ts';

/** Read from the end of a segment at first: the whole footer of most. */
const TAIL_BYTES = 64 * 1024;
/** Read-ahead of a reader without a cache. */
const PRIVATE_WINDOW_BYTES = 4 * 1024 * 1024;

/** A file or object that holds segments (`SegmentObject` is one). */
export interface SegmentFile extends SegmentSource {
  readonly sizeBytes: number;
}

export interface SegmentReaderOptions {
  /** Without one, every read decodes into buffers of its own: for merging, checking and tests. */
  readonly cache?: UnitCache;
  /** Where the segment lies in the file, when it shares it with others. The whole file by default. */
  readonly offset?: number;
  readonly sizeBytes?: number;
  /** That of the same segment in the thread that has opened it first, whose cache this one works on. */
  readonly directory?: UnitDirectory;
  /** Without a cache: so much of each column is read at once and held, where its units are asked for in order. */
  readonly readAheadBytes?: number;
}

/** One open segment. Row numbers count from its first row, unit numbers from its first unit. */
export class SegmentReader {
  readonly name: string;
  readonly header: SegmentHeader;
  readonly rowCount: number;
  readonly columns: readonly SegmentColumn[];
  /** The series in it, ascending. */
  readonly seriesIds: Uint32Array;
  /** The series `seriesIds[i]` has the rows `seriesStarts[i]` to `seriesStarts[i + 1]`. */
  readonly seriesStarts: Uint32Array;
  /**
   * Per series, the values of the sort column in its first and its last row: doubles while all of them lie within ±2^53,
   * else a plain array in which those beyond are bigint. Comparing numbers with bigints is exact in JavaScript.
   */
  readonly firstTimes: IntegerArray;
  readonly lastTimes: IntegerArray;
  readonly unitCount: number;
  /** Unit i has the rows `unitStarts[i]` to `unitStarts[i + 1]`, of every column. */
  readonly unitStarts: Uint32Array;
  readonly #footer: SegmentFooter;
  readonly #footerOffset: number;
  readonly #segment: SegmentContext;
  readonly #positions = new Map<number, number>();
  readonly #readers: (ColumnReader | undefined)[] = [];

  private constructor(footer: SegmentFooter, footerOffset: number, segment: SegmentContext) {
    this.name = segment.name;
    this.header = footer.header;
    this.rowCount = footer.rowCount;
    this.columns = footer.header.columns;
    this.seriesIds = footer.series.ids;
    this.seriesStarts = footer.series.starts;
    this.firstTimes = footer.series.firstTimes;
    this.lastTimes = footer.series.lastTimes;
    this.unitStarts = footer.unitStarts;
    this.unitCount = footer.unitStarts.length - 1;
    this.#footer = footer;
    this.#footerOffset = footerOffset;
    this.#segment = segment;
    for (const [position, { number }] of this.columns.entries()) this.#positions.set(number, position);
  }

  /**
   * Reads and checks header and footer. `name` is what errors call the segment. The file stays the caller's: it is to
   * be closed after the reader. Throws `CorruptionError` when this is no whole segment.
   */
  static async open(file: SegmentFile, name: string, options: SegmentReaderOptions = {}): Promise<SegmentReader> {
    const origin = options.offset ?? 0;
    const sizeBytes = options.sizeBytes ?? file.sizeBytes - origin;
    const parse = <T>(offset: number, step: () => T): T => {
      try {
        return step();
      } catch (error) {
        throw new CorruptionError(`segment ${name}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
          offset: origin + offset,
        });
      }
    };
    parse(0, () => {
      if (sizeBytes >= HEADER_BYTES + TRAILER_BYTES && origin + sizeBytes <= file.sizeBytes) return;
      throw new CorruptionError(`${sizeBytes} bytes at offset ${origin} of ${file.sizeBytes} hold no segment`);
    });

    const header = new Uint8Array(HEADER_BYTES);
    await file.readInto(header, origin);
    parse(0, () => checkHeader(header));
    const tail = new Uint8Array(Math.min(TAIL_BYTES, sizeBytes));
    await file.readInto(tail, origin + sizeBytes - tail.length);
    const { footerBytes, footerCrc } = parse(sizeBytes - TRAILER_BYTES, () =>
      decodeTrailer(tail.subarray(tail.length - TRAILER_BYTES)),
    );
    const footerOffset = sizeBytes - TRAILER_BYTES - footerBytes;
    parse(sizeBytes - TRAILER_BYTES, () => {
      if (footerOffset < HEADER_BYTES) throw new CorruptionError(`a footer of ${footerBytes} bytes in ${sizeBytes}`);
    });
    let footer = tail.slice(Math.max(tail.length - TRAILER_BYTES - footerBytes, 0), tail.length - TRAILER_BYTES);
    if (footer.length < footerBytes) {
      footer = new Uint8Array(footerBytes);
      await file.readInto(footer, origin + footerOffset);
    }
    return parse(footerOffset, () => {
      if (crc32(footer) !== footerCrc) throw new CorruptionError('footer checksum mismatch');
      const contents = readFooter(footer);
      const { readAheadBytes, cache } = options;
      let directory = options.directory;
      const directoryOf = (from: UnitCache): UnitDirectory => {
        directory ??= from.newDirectory(contents.header.columns.length, contents.unitStarts.length - 1);
        return directory;
      };
      const privateBytes =
        readAheadBytes === undefined ? PRIVATE_WINDOW_BYTES : readAheadBytes * contents.header.columns.length;
      const windows = cache?.windows ?? new ReadWindows(privateBytes);
      const { unitStarts, chunkStarts } = contents;
      const segment = {
        name,
        source: file,
        origin,
        unitStarts,
        chunkStarts,
        cache,
        directory: cache === undefined ? undefined : () => directoryOf(cache),
        isShared: options.directory !== undefined,
        windows,
        readAheadBytes,
      };
      return new SegmentReader(contents, footerOffset, segment);
    });
  }

  /** For readers of the segment in other threads; undefined without a cache. */
  get directory(): UnitDirectory | undefined {
    return this.#segment.directory?.();
  }

  hasColumn(number: number): boolean {
    return this.#positions.has(number);
  }

  /** The place of a series in `seriesIds` and its companions, or -1. */
  findSeries(id: number): number {
    return this.#footer.series.find(id);
  }

  /** The unit that row `row` lies in. */
  unitOfRow(row: number): number {
    return partOf(this.unitStarts, row);
  }

  statistics(columnNumber: number, unit: number): UnitStatistics {
    const rowCount = this.unitStarts[unit + 1] - this.unitStarts[unit];
    return this.columnStatistics(columnNumber).at(unit, rowCount);
  }

  /** The statistics of all units of a column. */
  columnStatistics(columnNumber: number): ColumnStatistics {
    return this.#reader(columnNumber).index.statistics;
  }

  /**
   * A decoded unit, which stays valid until it is released: at once when it is cached or was read ahead, else a promise.
   * Throws or rejects with `CorruptionError`, naming segment, column, unit and offset.
   */
  readUnit(columnNumber: number, unit: number): PinnedColumn | Promise<PinnedColumn> {
    invariant(unit >= 0 && unit < this.unitCount, 'a unit of this segment');
    return this.#reader(columnNumber).read(unit);
  }

  /** Forgets what is cached. Columns that are still pinned stay valid until released. */
  close(): void {
    for (const reader of this.#readers) reader?.close();
    this.#readers.length = 0;
  }

  #reader(columnNumber: number): ColumnReader {
    const position = this.#positions.get(columnNumber);
    invariant(position !== undefined, 'a column of this segment');
    const reader = this.#readers[position];
    return reader ?? this.#openColumn(position);
  }

  #openColumn(position: number): ColumnReader {
    const column = this.columns[position];
    const { sections, chunkStarts } = this.#footer;
    try {
      const index = readColumnIndex(sections[position], column.type.representation, chunkStarts, this.#footerOffset);
      const reader = new ColumnReader(column, index, this.#segment, position);
      this.#readers[position] = reader;
      return reader;
    } catch (error) {
      const what = error instanceof Error ? error.message : error;
      throw new CorruptionError(`segment ${this.name}: column ${column.number}: ${what}`, {
        cause: error,
        offset: this.#segment.origin + this.#footerOffset,
      });
    }
  }
}
