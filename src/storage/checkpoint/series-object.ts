import { ByteReader, OutOfBytesError } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { crc32 } from '../../bytes/crc32.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { nextTurn } from '../../platform/next-turn.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import { packBits, packedWordCount, unpackBits } from '../codec/bit-packing.ts';
import { bytesOf, readColumn, writeColumn } from '../commit/column-record.ts';
import type { IndexedTag, SeriesIndex } from '../index/series-index.ts';
import { NULL_CODE } from '../index/tag-dictionary.ts';
import type { ObjectTarget } from '../packs/object-target.ts';
import { fileOf, type StoredObject } from '../packs/pack-place.ts';
import type { SegmentObject, SegmentStore } from '../seams/segment-store.ts';
import type { SeriesPiece } from './manifest-content.ts';

/** So many series are encoded or taken in at once: some milliseconds. */
const BLOCK_SERIES = 4096;
/** Read ahead. */
const WINDOW_BYTES = 1 << 20;
const MAGIC = 0x52535754; // "TWSR"
const FORMAT_VERSION = 1;
const SECTION_HEAD_BYTES = 8;

/**
 * Series of a table in an immutable object: a head, then blocks of at most 4,096 series. docs/format/series.md draws it.
 *
 *   section  │ body length u32le │ CRC-32 of length and body u32le │ body │
 *   head     │ magic u32le │ format (uint8) │ first id │ count │ tag count │ tags: column number, type OID │
 *   block    │ count │ tags: │ new value count │ values │ width (uint8) │ base │ packed codes │
 *
 * Values of a tag have codes 1, 2, 3 … in the order in which the blocks bring them; 0 is NULL. A series has a code of each
 * tag, less the base and packed to the width. Counts and numbers are varints, values are columns as in commit records.
 */
export async function writeSeriesObject(
  target: ObjectTarget,
  newName: () => string,
  series: SeriesIndex,
  { firstId, count }: Pick<SeriesPiece, 'firstId' | 'count'>,
): Promise<StoredObject> {
  const { object } = await target.write(newName, async (sink) => {
    const body = new ByteWriter(4096);
    const append = async (): Promise<void> => {
      const head = new ByteWriter(SECTION_HEAD_BYTES);
      head.uint32le(body.length);
      head.uint32le(crc32(body.view(), crc32(head.view())));
      await sink.append(head.view());
      await sink.append(body.view());
      body.clear();
    };
    const tags = series.tags.map((tag) => new TagEncoder(tag));
    body.uint32le(MAGIC);
    body.uint8(FORMAT_VERSION);
    body.varint(firstId);
    body.varint(count);
    body.varint(tags.length);
    for (const { columnNumber, dictionary } of series.tags) {
      body.varint(columnNumber);
      body.varint(dictionary.type.oid);
    }
    await append();
    for (let from = 0; from < count; from += BLOCK_SERIES) {
      const blockCount = Math.min(BLOCK_SERIES, count - from);
      body.varint(blockCount);
      for (const tag of tags) tag.writeBlock(body, firstId + from, blockCount);
      await append();
      if (from + blockCount < count) await nextTurn();
    }
  });
  return object;
}

/** One tag's part of the blocks of an object. */
class TagEncoder {
  readonly #tag: IndexedTag;
  /** Per code of the dictionary the code in the object; 0 = none yet. */
  readonly #written: Uint32Array;
  #writtenCount = 0;

  constructor(tag: IndexedTag) {
    this.#tag = tag;
    this.#written = new Uint32Array(tag.dictionary.size);
  }

  writeBlock(writer: ByteWriter, firstId: number, count: number): void {
    const { codes, dictionary } = this.#tag;
    const { type } = dictionary;
    // Packing wants a multiple of four.
    const stored = new Uint32Array((count + 3) & ~3);
    const added: number[] = [];
    let min = 0xffffffff;
    let max = 0;
    for (let index = 0; index < count; index++) {
      const code = codes.at(firstId + index);
      if (code !== NULL_CODE) {
        if (this.#written[code] === 0) {
          this.#written[code] = ++this.#writtenCount;
          added.push(code);
        }
        stored[index] = this.#written[code];
      }
      if (stored[index] < min) min = stored[index];
      if (stored[index] > max) max = stored[index];
    }
    writer.varint(added.length);
    if (added.length > 0) {
      const values: Column = {
        kind: 'value',
        values: added.map((code) => dictionary.value(code)),
        validity: undefined,
      };
      const isText = type.representation === 'text';
      const column = isText ? values : dictionary.columnOfCodes(Uint32Array.from(added), added.length);
      writeColumn(writer, column, type, added.length);
    }
    const width = 32 - Math.clz32(max - min);
    writer.uint8(width);
    writer.varint(min);
    if (width === 0) return;
    for (let index = 0; index < count; index++) stored[index] -= min;
    const words = new Uint32Array(packedWordCount(count, width));
    packBits(stored, count, width, words);
    writer.bytes(bytesOf(words, words.length));
  }
}

/**
 * Adds the series of a piece to the index, which must end where the piece begins. Lets others run between blocks. Throws
 * CorruptionError; what was read until then is in the index.
 */
export async function readSeriesObject(segments: SegmentStore, series: SeriesIndex, piece: SeriesPiece): Promise<void> {
  if (series.size !== piece.firstId) {
    throw new CorruptionError(`series ${piece.name}: they begin at ${piece.firstId} instead of ${series.size}`);
  }
  const file = await segments.open(fileOf(piece));
  try {
    const sections = new SectionReader(file, piece);
    const tags = await sections.next((head) => readHead(head, series, piece));
    for (let read = 0; read < piece.count; ) {
      read += await sections.next((body) => readBlock(body, series, tags, piece.count - read));
      if (read < piece.count) await nextTurn();
    }
    sections.assertEnd();
  } finally {
    await file.close();
  }
}

/** The sections of an object one after the other, checked. */
class SectionReader {
  readonly #file: SegmentObject;
  readonly #name: string;
  readonly #origin: number;
  readonly #sizeBytes: number;
  #position = 0;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;

  constructor(file: SegmentObject, { name, pack }: SeriesPiece) {
    this.#file = file;
    this.#name = name;
    this.#origin = pack?.offset ?? 0;
    this.#sizeBytes = pack?.sizeBytes ?? file.sizeBytes;
  }

  /** What `parse` makes of the next section, which it must read to its end. */
  async next<T>(parse: (body: ByteReader) => T): Promise<T> {
    const start = this.#position;
    const head = await this.#take(SECTION_HEAD_BYTES, start);
    const lengthBytes = head.slice(0, 4);
    const reader = new ByteReader(head);
    const length = reader.uint32le();
    const checksum = reader.uint32le();
    const body = await this.#take(length, start);
    if (crc32(body, crc32(lengthBytes)) !== checksum) throw this.#problem('checksum mismatch', start);
    const bodyReader = new ByteReader(body);
    let result: T;
    try {
      result = parse(bodyReader);
    } catch (error) {
      if (error instanceof OutOfBytesError) throw this.#problem('it ends early', start, error);
      if (error instanceof CorruptionError) throw this.#problem(error.message, start, error);
      throw error;
    }
    if (bodyReader.remaining > 0) throw this.#problem(`${bodyReader.remaining} bytes too many`, start);
    return result;
  }

  assertEnd(): void {
    if (this.#position !== this.#sizeBytes) throw this.#problem('it goes on behind its end', this.#position);
  }

  async #take(length: number, sectionStart: number): Promise<Uint8Array> {
    const from = this.#position;
    if (length > this.#sizeBytes - from) throw this.#problem('it ends early', sectionStart);
    if (from + length > this.#windowStart + this.#window.length) {
      this.#window = await this.#file.read(
        this.#origin + from,
        Math.min(Math.max(length, WINDOW_BYTES), this.#sizeBytes - from),
      );
      this.#windowStart = from;
    }
    this.#position = from + length;
    return this.#window.subarray(from - this.#windowStart, this.#position - this.#windowStart);
  }

  #problem(what: string, offset: number, cause?: unknown): CorruptionError {
    return new CorruptionError(`series ${this.#name}: ${what}`, { offset: this.#origin + offset, cause });
  }
}

/** A tag of an object, and where its values go. */
interface ReadTag {
  readonly type: TypeDefinition;
  /** The tag of the index; undefined when the table has it no longer. */
  readonly tag: IndexedTag | undefined;
  /** Per code of the object, less 1, the code of the dictionary. */
  codes: Uint32Array;
  count: number;
}

function readHead(reader: ByteReader, series: SeriesIndex, piece: SeriesPiece): readonly ReadTag[] {
  if (reader.uint32le() !== MAGIC) throw new CorruptionError('this is no series file');
  const format = reader.uint8();
  if (format !== FORMAT_VERSION) throw new CorruptionError(`it has format ${format}`);
  if (reader.varint() !== piece.firstId || reader.varint() !== piece.count) {
    throw new CorruptionError('other series than expected');
  }
  return Array.from({ length: reader.varint() }, (): ReadTag => {
    const number = reader.varint();
    const oid = reader.varint();
    const tag = series.tag(number);
    const type = tag?.dictionary.type.oid === oid ? tag.dictionary.type : typeByOid(oid);
    if (type === undefined) throw new CorruptionError(`column ${number} has an unknown type`);
    return { type, tag, codes: new Uint32Array(64), count: 0 };
  });
}

/** Returns how many series the block has brought, which are at most `maxCount`. */
function readBlock(reader: ByteReader, series: SeriesIndex, tags: readonly ReadTag[], maxCount: number): number {
  const count = reader.varint();
  if (count === 0 || count > Math.min(BLOCK_SERIES, maxCount)) throw new CorruptionError(`a block of ${count} series`);
  const columns = new Map<IndexedTag, Uint32Array>();
  for (const tag of tags) {
    readValues(reader, tag, count);
    const codes = readCodes(reader, tag, count);
    if (tag.tag !== undefined) columns.set(tag.tag, codes);
  }
  const tuples = series.tags.map((tag) => columns.get(tag) ?? new Uint32Array(count).fill(NULL_CODE));
  for (let row = 0; row < count; row++) series.add(tuples, row);
  return count;
}

function readValues(reader: ByteReader, tag: ReadTag, maxCount: number): void {
  const added = reader.varint();
  if (added === 0) return;
  if (added > maxCount) throw new CorruptionError(`${added} new values for ${maxCount} series`);
  const column = readColumn(reader, tag.type, added);
  if (tag.count + added > tag.codes.length) {
    const grown = new Uint32Array(Math.max(tag.count + added, tag.codes.length * 2));
    grown.set(tag.codes);
    tag.codes = grown;
  }
  for (let row = 0; row < added; row++) {
    const value = valueAt(column, row);
    if (value === null) throw new CorruptionError('NULL among the values of a tag');
    tag.codes[tag.count++] = tag.tag === undefined ? 0 : tag.tag.dictionary.codeOf(value);
  }
}

/** Codes of the dictionary. */
function readCodes(reader: ByteReader, tag: ReadTag, count: number): Uint32Array {
  const width = reader.uint8();
  if (width > 32) throw new CorruptionError(`codes of ${width} bits`);
  const base = reader.varint();
  const codes = new Uint32Array(count);
  if (width > 0) {
    const words = new Uint32Array(packedWordCount(count, width));
    new Uint8Array(words.buffer).set(reader.bytes(words.byteLength));
    unpackBits(words, count, width, codes);
  }
  for (let row = 0; row < count; row++) {
    const stored = codes[row] + base;
    if (stored > tag.count) throw new CorruptionError(`code ${stored} of ${tag.count} values`);
    codes[row] = stored === 0 ? NULL_CODE : tag.codes[stored - 1];
  }
  return codes;
}
