import { type Column, valueAt } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import { Dictionary } from '../columnar/dictionary.ts';
import type { Representation } from '../types/type-definition.ts';
import { CHUNK_ROWS, ChunkedColumn } from './chunked-column.ts';

const FIRST_CAPACITY = 64;
/** Dictionaries of more strings are not translated as a whole: a batch has few rows. */
const MAX_TRANSLATED = 65_536;
/** An object and its place in an array. */
const VALUE_BYTES = 64;
/** A string of a dictionary, beside its characters. */
const STRING_BYTES = 64;

/** Collects a column chunk by chunk. No chunk is ever copied, but for the first, which begins small. */
export interface ChunkedColumnBuilder {
  /** Copies rows `from` to `to` (exclusive), which have room in the chunk at hand. */
  append(column: Column, from: number, to: number): void;
  /** The chunk at hand is full: others follow it. */
  endChunk(): void;
  /** Roughly what the column holds in memory. */
  readonly sizeBytes: number;
  /** Nothing can be appended afterwards. */
  finish(): ChunkedColumn;
}

/** A column that grows by whole chunks, so that what it has is never copied. */
export function chunkedColumnBuilder(representation: Representation): ChunkedColumnBuilder {
  return representation === 'text' ? new TextChunks() : new ValueChunks(representation);
}

/** By how much a column may grow at most when these rows are appended, but for the arrays of new chunks. */
export function growthOf(column: Column, rowCount: number): number {
  switch (column.kind) {
    case 'dictionary': {
      const { dictionary, codes, validity } = column;
      if (dictionary.sizeBytes <= rowCount * STRING_BYTES) return dictionary.sizeBytes;
      let size = 0;
      for (let row = 0; row < rowCount; row++) {
        if (validity === undefined || validity[row] === 1)
          size += STRING_BYTES + dictionary.string(codes[row]).length * 2;
      }
      return size;
    }
    case 'bytes':
      return rowCount * STRING_BYTES + (column.offsets[rowCount] - column.offsets[0]) * 2;
    case 'value': {
      let size = rowCount * VALUE_BYTES;
      for (let row = 0; row < rowCount; row++) {
        const value = column.values[row];
        if (typeof value === 'string') size += value.length * 2;
      }
      return size;
    }
    default:
      return 0;
  }
}

class ValueChunks implements ChunkedColumnBuilder {
  readonly #representation: Representation;
  readonly #chunks: Column[] = [];
  #fullBytes = 0;
  #builder: ColumnBuilder;

  constructor(representation: Representation) {
    this.#representation = representation;
    this.#builder = new ColumnBuilder(representation, { capacity: FIRST_CAPACITY });
  }

  append(column: Column, from: number, to: number): void {
    this.#builder.pushRange(column, from, to);
  }

  endChunk(): void {
    this.#fullBytes += this.#builder.sizeBytes;
    this.#chunks.push(this.#builder.finish());
    this.#builder = new ColumnBuilder(this.#representation, { capacity: CHUNK_ROWS });
  }

  get sizeBytes(): number {
    return this.#fullBytes + this.#builder.sizeBytes;
  }

  finish(): ChunkedColumn {
    if (this.#builder.rowCount > 0 || this.#chunks.length === 0) this.#chunks.push(this.#builder.finish());
    return new ChunkedColumn(this.#representation, this.#chunks);
  }
}

/** Texts are codes of one dictionary, which tells how they are sorted and grouped without looking at them again. */
class TextChunks implements ChunkedColumnBuilder {
  readonly #dictionary = new Dictionary();
  readonly #chunks: Column[] = [];
  #fullBytes = 0;
  #codes = new Uint32Array(FIRST_CAPACITY);
  #validity: Uint8Array | undefined;
  #rowCount = 0;
  /** The dictionary that rows came with last; its codes → ours and one more, 0 = not looked up yet. */
  #source: Dictionary | undefined;
  #translated = new Uint32Array(0);

  append(column: Column, from: number, to: number): void {
    this.#reserve(this.#rowCount + to - from);
    const { validity } = column;
    if (validity !== undefined && this.#validity === undefined) {
      this.#validity = new Uint8Array(this.#codes.length).fill(1, 0, this.#rowCount);
    }
    if (this.#validity !== undefined) {
      if (validity === undefined) this.#validity.fill(1, this.#rowCount, this.#rowCount + to - from);
      else this.#validity.set(validity.subarray(from, to), this.#rowCount);
    }
    if (column.kind === 'dictionary' && column.dictionary.size <= MAX_TRANSLATED) {
      this.#translate(column.dictionary, column.codes, validity, from, to);
    } else {
      for (let row = from; row < to; row++) {
        const isNull = validity !== undefined && validity[row] === 0;
        this.#codes[this.#rowCount++] = isNull ? 0 : this.#dictionary.codeOf(valueAt(column, row) as string);
      }
    }
  }

  endChunk(): void {
    this.#fullBytes += this.#chunkBytes;
    this.#chunks.push(this.#chunk());
    this.#codes = new Uint32Array(CHUNK_ROWS);
    this.#validity = undefined;
    this.#rowCount = 0;
  }

  get sizeBytes(): number {
    return this.#fullBytes + this.#chunkBytes + this.#dictionary.sizeBytes;
  }

  finish(): ChunkedColumn {
    if (this.#rowCount > 0 || this.#chunks.length === 0) this.#chunks.push(this.#chunk());
    this.#source = undefined;
    this.#translated = new Uint32Array(0);
    return new ChunkedColumn('text', this.#chunks);
  }

  get #chunkBytes(): number {
    return this.#codes.byteLength + (this.#validity?.byteLength ?? 0);
  }

  #chunk(): Column {
    const codes = this.#codes.subarray(0, this.#rowCount);
    const validity = this.#validity?.subarray(0, this.#rowCount);
    return { kind: 'dictionary', codes, dictionary: this.#dictionary, validity };
  }

  #reserve(rowCount: number): void {
    const { length } = this.#codes;
    if (rowCount <= length) return;
    const capacity = Math.min(Math.max(rowCount, length * 2), CHUNK_ROWS);
    const codes = new Uint32Array(capacity);
    codes.set(this.#codes);
    this.#codes = codes;
    if (this.#validity === undefined) return;
    const validity = new Uint8Array(capacity);
    validity.set(this.#validity);
    this.#validity = validity;
  }

  #translate(source: Dictionary, codes: Uint32Array, validity: Uint8Array | undefined, from: number, to: number): void {
    if (this.#source !== source) {
      this.#source = source;
      if (this.#translated.length < source.size) this.#translated = new Uint32Array(source.size * 2);
      else this.#translated.fill(0);
    } else if (this.#translated.length < source.size) {
      const larger = new Uint32Array(source.size * 2);
      larger.set(this.#translated);
      this.#translated = larger;
    }
    const translated = this.#translated;
    for (let row = from; row < to; row++) {
      let own = 0;
      if (validity === undefined || validity[row] === 1) {
        own = translated[codes[row]];
        if (own === 0) {
          own = this.#dictionary.codeOf(source.string(codes[row])) + 1;
          translated[codes[row]] = own;
        }
        own -= 1;
      }
      this.#codes[this.#rowCount++] = own;
    }
  }
}
