import type { BytesColumn, DictionaryColumn, ValueColumn } from '../columnar/column.ts';
import type { Dictionary } from '../columnar/dictionary.ts';
import type { CellWriter } from './cell-writer.ts';
import { OutputBuffer } from './output-buffer.ts';

/** Below this many bytes a loop is faster than a view and `set`. */
const LOOP_BYTES = 32;

/**
 * The cells (length word and UTF-8) of a dictionary's strings, encoded when their code is first met in a result and
 * copied from then on.
 */
export class EncodedDictionary {
  readonly #dictionary: Dictionary;
  readonly #cells = new OutputBuffer();
  /** Per code, where its cell starts and ends; an end of 0: not encoded yet. */
  #starts: Uint32Array;
  #ends: Uint32Array;

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
    this.#starts = new Uint32Array(dictionary.size);
    this.#ends = new Uint32Array(dictionary.size);
  }

  write(code: number, out: OutputBuffer): void {
    if (code >= this.#ends.length || this.#ends[code] === 0) this.#encode(code);
    const start = this.#starts[code]!;
    const size = this.#ends[code]! - start;
    out.reserve(size);
    const cells = this.#cells.bytes;
    const { bytes, length } = out;
    if (size <= LOOP_BYTES) {
      for (let index = 0; index < size; index++) bytes[length + index] = cells[start + index]!;
    } else {
      bytes.set(cells.subarray(start, start + size), length);
    }
    out.length = length + size;
  }

  #encode(code: number): void {
    if (code >= this.#ends.length) {
      // Dictionaries grow while the stream of batches goes on.
      this.#starts = grown(this.#starts, this.#dictionary.size);
      this.#ends = grown(this.#ends, this.#dictionary.size);
    }
    this.#starts[code] = this.#cells.length;
    writeString(this.#dictionary.string(code), this.#cells);
    this.#ends[code] = this.#cells.length;
  }
}

function grown(from: Uint32Array, length: number): Uint32Array {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}

function writeString(text: string, out: OutputBuffer): void {
  const start = out.length;
  out.int32(0);
  out.text(text);
  out.view.setInt32(start, out.length - start - 4);
}

export class EncodedDictionaryCells implements CellWriter {
  readonly #codes: Uint32Array;
  readonly #encoded: EncodedDictionary;

  constructor(column: DictionaryColumn, encoded: EncodedDictionary) {
    this.#codes = column.codes;
    this.#encoded = encoded;
  }

  write(row: number, out: OutputBuffer): void {
    this.#encoded.write(this.#codes[row]!, out);
  }
}

/** For results so small beside their dictionary that remembering codes would not pay. */
export class DictionaryCells implements CellWriter {
  readonly #column: DictionaryColumn;

  constructor(column: DictionaryColumn) {
    this.#column = column;
  }

  write(row: number, out: OutputBuffer): void {
    writeString(this.#column.dictionary.string(this.#column.codes[row]!), out);
  }
}

export class Utf8Cells implements CellWriter {
  readonly #column: BytesColumn;

  constructor(column: BytesColumn) {
    this.#column = column;
  }

  write(row: number, out: OutputBuffer): void {
    const { offsets, bytes } = this.#column;
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    out.int32(end - start);
    out.append(bytes.subarray(start, end));
  }
}

export class StringCells implements CellWriter {
  readonly #column: ValueColumn;

  constructor(column: ValueColumn) {
    this.#column = column;
  }

  write(row: number, out: OutputBuffer): void {
    writeString(this.#column.values[row] as string, out);
  }
}
