import { crc32 } from 'node:zlib';
import type { Dictionary } from '../../columnar/dictionary.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { type PinnedColumn, unsharedColumn } from '../cache/pinned-column.ts';
import type { ReadWindow, ReadWindows, WindowPiece } from '../cache/read-windows.ts';
import { privateBuffers } from '../cache/unit-buffers.ts';
import type { CachedColumn, UnitCache, UnitDirectory } from '../cache/unit-cache.ts';
import type { ColumnIndex, CompressedBlock } from './column-index.ts';
import type { SegmentColumn } from './segment-column.ts';
import { decodeUnit, fitsFrame } from './unit.ts';

/** What is read at once: a little around a lone unit, more when one unit after the other is asked for. */
const LONE_READ_BYTES = 32 * 1024;
const SEQUENTIAL_READ_BYTES = 256 * 1024;
/** What a JS value or a row of text takes beside its bytes, about. */
const HEAP_BYTES_PER_ROW = 32;

/** The bytes of a segment (a `SegmentObject`, or a part of one). */
export interface SegmentSource {
  /** Reads into all of `target`; CorruptionError if the object ends before. */
  readInto(target: Uint8Array, position: number): Promise<void>;
}

/** What the columns of one segment share. */
export interface SegmentContext {
  readonly name: string;
  readonly source: SegmentSource;
  /** Where the segment begins in the source. */
  readonly origin: number;
  readonly unitStarts: Uint32Array;
  readonly chunkStarts: Uint32Array;
  readonly cache: UnitCache | undefined;
  /** Where the cache has units of the segment's columns; absent where no other thread is to find them. */
  readonly directory?: (() => UnitDirectory) | undefined;
  /** Other threads may have the segment open as well: what is cached stays when it is closed here. */
  readonly isShared?: boolean;
  readonly windows: ReadWindows;
  /** The most that is read at once where units are asked for in order. */
  readonly readAheadBytes?: number | undefined;
}

/** Reads the units of one column: from the cache, from a stretch read earlier, or from the source. */
export class ColumnReader {
  readonly index: ColumnIndex;
  readonly #column: SegmentColumn;
  readonly #segment: SegmentContext;
  readonly #cached: CachedColumn | undefined;
  /** Reads under way. */
  readonly #pending: { firstUnit: number; endUnit: number; window: Promise<ReadWindow> }[] = [];
  #lastUnit = -2;

  /** `position`: of the column in the segment. */
  constructor(column: SegmentColumn, index: ColumnIndex, segment: SegmentContext, position = 0) {
    this.#column = column;
    this.index = index;
    this.#segment = segment;
    this.#cached = segment.cache?.openColumn(index.offsets.length, segment.directory?.(), position);
  }

  /** The unit, decoded and pinned: at once when cached or read ahead. */
  read(unit: number): PinnedColumn | Promise<PinnedColumn> {
    const { cache, windows } = this.#segment;
    if (cache !== undefined) {
      const found = this.#find(cache, unit);
      if (found !== undefined) {
        this.#lastUnit = unit;
        return found;
      }
    }
    const window = windows.get(this);
    if (window !== undefined && unit >= window.firstUnit && unit < window.endUnit) {
      return this.#decode(unit, window);
    }
    return this.#fetch(unit);
  }

  close(): void {
    const { windows, cache, isShared } = this.#segment;
    windows.delete(this);
    if (this.#cached === undefined) return;
    if (isShared) cache?.leaveColumn(this.#cached);
    else cache?.closeColumn(this.#cached);
  }

  #find(cache: UnitCache, unit: number): PinnedColumn | undefined {
    const { unitStarts } = this.#segment;
    return cache.find(this.#cached!, unit, unitStarts[unit + 1] - unitStarts[unit], this.#dictionary);
  }

  readonly #dictionary = (): Dictionary => this.index.dictionary;

  async #fetch(unit: number): Promise<PinnedColumn> {
    const pending = this.#pending.find(({ firstUnit, endUnit }) => unit >= firstUnit && unit < endUnit);
    const window = await (pending?.window ?? this.#startRead(unit));
    // Whoever waited for the same stretch may have decoded the unit already.
    const { cache } = this.#segment;
    const found = cache === undefined ? undefined : this.#find(cache, unit);
    return found ?? this.#decode(unit, window);
  }

  #startRead(unit: number): Promise<ReadWindow> {
    const { firstUnit, endUnit } = this.#stretchAround(unit);
    const read = { firstUnit, endUnit, window: this.#readStretch(firstUnit, endUnit) };
    this.#pending.push(read);
    const forget = (): void => {
      this.#pending.splice(this.#pending.indexOf(read), 1);
    };
    read.window.then((window) => {
      forget();
      this.#segment.windows.set(this, window);
    }, forget);
    return read.window;
  }

  /** The units to read with this one: within its chunk, in the direction in which the last ones were asked for. */
  #stretchAround(unit: number): { firstUnit: number; endUnit: number } {
    const { chunkStarts } = this.#segment;
    const { sizes } = this.index;
    const chunk = partOf(chunkStarts, unit);
    const isBackward = unit === this.#lastUnit - 1;
    const isForward = unit === this.#lastUnit + 1;
    const limit = isForward || isBackward ? SEQUENTIAL_READ_BYTES : LONE_READ_BYTES;
    const [chunkStart, chunkEnd] = [chunkStarts[chunk], chunkStarts[chunk + 1]];
    let { firstUnit, endUnit } = this.#together(unit);
    let size = 0;
    for (let other = firstUnit; other < endUnit; other++) size += sizes[other];
    for (;;) {
      const isAtEnd = isBackward ? firstUnit === chunkStart : endUnit === chunkEnd;
      if (isAtEnd) break;
      const next = this.#together(isBackward ? firstUnit - 1 : endUnit);
      for (let other = next.firstUnit; other < next.endUnit; other++) size += sizes[other];
      if (size > limit) break;
      if (isBackward) firstUnit = next.firstUnit;
      else endUnit = next.endUnit;
    }
    return { firstUnit, endUnit };
  }

  /** The units that cannot be had without this one: those of its block, where the chunk is compressed. */
  #together(unit: number): { firstUnit: number; endUnit: number } {
    const block = this.index.blockOfUnit?.[unit] ?? -1;
    return block < 0 ? { firstUnit: unit, endUnit: unit + 1 } : this.index.blocks[block];
  }

  /** Units of one chunk; where it is compressed, whole blocks. */
  async #readStretch(firstUnit: number, endUnit: number): Promise<ReadWindow> {
    const { offsets, sizes, blockOfUnit, blocks } = this.index;
    const offset = offsets[firstUnit];
    const sizeBytes = offsets[endUnit - 1] + sizes[endUnit - 1] - offset;
    const firstBlock = blockOfUnit?.[firstUnit] ?? -1;
    const pieces =
      firstBlock < 0
        ? [{ endUnit, offset, bytes: await this.#readBytes(firstUnit, offset, sizeBytes) }]
        : await this.#readBlocks(blocks.slice(firstBlock, blockOfUnit![endUnit - 1] + 1));
    return { firstUnit, endUnit, sizeBytes, pieces };
  }

  async #readBytes(unit: number, offset: number, sizeBytes: number): Promise<Uint8Array> {
    const { source, origin } = this.#segment;
    const bytes = new Uint8Array(sizeBytes);
    try {
      await source.readInto(bytes, origin + offset);
    } catch (error) {
      throw error instanceof CorruptionError ? this.#corruption(unit, error.message, error) : error;
    }
    return bytes;
  }

  /** Neighbouring blocks, decompressed. */
  async #readBlocks(blocks: readonly CompressedBlock[]): Promise<WindowPiece[]> {
    const { firstUnit, offset } = blocks[0];
    const last = blocks[blocks.length - 1];
    const stored = await this.#readBytes(firstUnit, offset, last.offset + last.storedBytes - offset);
    const pieces: WindowPiece[] = [];
    for (const block of blocks) {
      const start = block.offset - offset;
      const content = this.#decompress(block, stored.subarray(start, start + block.storedBytes));
      // LZ4 is undone at once: a promise for each block would cost more than that.
      const bytes = content instanceof Uint8Array ? content : await content;
      pieces.push({ endUnit: block.endUnit, offset: this.index.offsets[block.firstUnit], bytes });
    }
    return pieces;
  }

  #decompress(block: CompressedBlock, stored: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const refuse = (error: Error): never => {
      throw this.#corruption(block.firstUnit, error.message, error);
    };
    if (crc32(stored) !== block.crc) throw this.#corruption(block.firstUnit, 'checksum mismatch of a compressed block');
    try {
      const content = block.compressor.decompress(stored, block.sizeBytes);
      return content instanceof Uint8Array ? content : content.catch(refuse);
    } catch (error) {
      return refuse(error as Error);
    }
  }

  #decode(unit: number, window: ReadWindow): PinnedColumn {
    const lastUnit = this.#lastUnit;
    this.#lastUnit = unit;
    const piece = pieceWith(unit, window.pieces);
    const start = this.index.offsets[unit] - piece.offset;
    const bytes = piece.bytes.subarray(start, start + this.index.sizes[unit]);
    if (crc32(bytes) !== this.index.crcs[unit]) {
      // The next reader shall see the disk, not this copy.
      this.#segment.windows.delete(this);
      throw this.#corruption(unit, 'checksum mismatch');
    }
    const pinned = this.#decodeChecked(unit, bytes);
    const isConsumed =
      window.endUnit - window.firstUnit === 1 ||
      (unit === window.endUnit - 1 && lastUnit === unit - 1) ||
      (unit === window.firstUnit && lastUnit === unit + 1);
    if (isConsumed && this.#segment.windows.get(this) === window) this.#segment.windows.delete(this);
    return pinned;
  }

  #decodeChecked(unit: number, bytes: Uint8Array): PinnedColumn {
    const { cache, unitStarts } = this.#segment;
    const { type } = this.#column;
    const rowCount = unitStarts[unit + 1] - unitStarts[unit];
    const isFramed = fitsFrame(bytes, type);
    const frame = isFramed ? cache?.claimFrame() : undefined;
    try {
      const column = decodeUnit(bytes, type, rowCount, frame ?? privateBuffers, this.#dictionary);
      if (cache === undefined) return unsharedColumn(column);
      if (frame !== undefined) return cache.publish(frame, this.#cached!, unit, column);
      if (isFramed) return unsharedColumn(column);
      return cache.keep(this.#cached!, unit, column, bytes.length * 2 + rowCount * HEAP_BYTES_PER_ROW);
    } catch (error) {
      if (frame !== undefined) cache?.discard(frame);
      throw this.#corruption(unit, error instanceof Error ? error.message : String(error), error);
    }
  }

  #corruption(unit: number, what: string, cause?: unknown): CorruptionError {
    const block = this.index.blockOfUnit?.[unit] ?? -1;
    const offset = block < 0 ? this.index.offsets[unit] : this.index.blocks[block].offset;
    const place = `column ${this.#column.number}, unit ${unit} at offset ${offset}`;
    return new CorruptionError(`segment ${this.#segment.name}: ${place}: ${what}`, {
      cause,
      offset: this.#segment.origin + offset,
    });
  }
}

function pieceWith(unit: number, pieces: readonly WindowPiece[]): WindowPiece {
  let index = 0;
  while (unit >= pieces[index].endUnit) index++;
  return pieces[index];
}

/** Which part `position` lies in; part i reaches from `starts[i]` to `starts[i + 1]`. */
export function partOf(starts: Uint32Array, position: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle] <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
