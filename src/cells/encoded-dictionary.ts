import type { Dictionary } from '../columnar/dictionary.ts';

const utf8 = new TextEncoder();

const LENGTH_BYTES = 4;
/** Cells are copied by words of this size; the last one may read past the end of its cell. */
export const COPY_BYTES = 4;

/**
 * The cells (length word and UTF-8) of a dictionary's strings, encoded when their code is first met in a result and
 * copied from then on.
 */
export class EncodedDictionary {
  /** The cells one after another, and room behind them to read whole words. Replaced when it grows. */
  view: DataView;
  /** Per code, where its cell starts and how long it is; a length of 0: not encoded yet. */
  starts: Uint32Array;
  sizes: Uint32Array;
  readonly #dictionary: Dictionary;
  #bytes: Uint8Array;
  #length = 0;

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
    this.starts = new Uint32Array(dictionary.size);
    this.sizes = new Uint32Array(dictionary.size);
    this.#bytes = new Uint8Array(256);
    this.view = new DataView(this.#bytes.buffer);
  }

  /** The size of the cell of `code`, which is encoded now if it was not. */
  sizeOf(code: number): number {
    const size = code < this.sizes.length ? this.sizes[code] : 0;
    return size === 0 ? this.#encode(code) : size;
  }

  /** The cell at `start`, for those too long to be copied by words. */
  cell(start: number, size: number): Uint8Array {
    return this.#bytes.subarray(start, start + size);
  }

  #encode(code: number): number {
    if (code >= this.sizes.length) {
      // Dictionaries grow while the stream of batches goes on.
      this.starts = grown(this.starts, this.#dictionary.size);
      this.sizes = grown(this.sizes, this.#dictionary.size);
    }
    const text = this.#dictionary.string(code);
    const start = this.#length;
    this.#reserve(LENGTH_BYTES + text.length * 3 + COPY_BYTES);
    const { written } = utf8.encodeInto(text, this.#bytes.subarray(start + LENGTH_BYTES));
    this.view.setInt32(start, written);
    this.#length = start + LENGTH_BYTES + written;
    this.starts[code] = start;
    this.sizes[code] = LENGTH_BYTES + written;
    return LENGTH_BYTES + written;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

function grown(from: Uint32Array, length: number): Uint32Array {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}
