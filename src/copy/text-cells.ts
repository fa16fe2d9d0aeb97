import type { Column } from '../columnar/column.ts';
import { Dictionary } from '../columnar/dictionary.ts';
import { declaredLength } from '../types/string-types.ts';
import type { SqlType, TypeContext } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import { type CellBlock, NULL_CELL } from './cell-block.ts';
import type { CellFailures } from './cell-failures.ts';
import type { CellReader } from './cell-reader.ts';
import { parseCell } from './parsed-cells.ts';

/** A dictionary of more strings than this, and than a share of the rows, costs more than it saves. */
const ALWAYS_CODED_BELOW = 4096;
const MAX_STRINGS = 65_536;
const MAX_SHARE = 0.5;

/** Whether the bytes of a cell are the value itself. */
export function isCodedText({ definition: { name } }: SqlType): boolean {
  return name === 'text' || name === 'varchar';
}

/**
 * Text: cells become codes of a dictionary that all blocks share, found by their bytes; a string is made for each new one
 * alone. Once nearly every cell is new, each is a string for itself.
 */
export class TextCells implements CellReader {
  readonly #type: SqlType;
  readonly #context: TypeContext;
  /** Bytes that a cell may have without looking any further. */
  readonly maxBytes: number;
  readonly dictionary = new Dictionary();
  /** Open addressing: 1 + the number of an entry, 0 where there is none. */
  #slots = new Int32Array(1024);
  #entryCount = 0;
  #hashes = new Int32Array(256);
  #codes = new Uint32Array(256);
  /** Entry e has the bytes from `#offsets[e]` to `#offsets[e + 1]` of `#bytes`. */
  #offsets = new Uint32Array(257);
  #bytes = new Uint8Array(4096);
  #rowsSeen = 0;
  /** By the code of the leader, or else by the entry of the row before: the entry that came with it last time. */
  #guesses = new Int32Array(256).fill(-1);
  /** Used again for each block: who keeps rows copies them. */
  #rowCodes = new Uint32Array(0);
  #isCoded = true;

  constructor(type: SqlType, context: TypeContext) {
    this.#type = type;
    this.#context = context;
    this.maxBytes = declaredLength(type.typmod) ?? Number.POSITIVE_INFINITY;
  }

  read(block: CellBlock, column: number, failures: CellFailures, leader?: Uint32Array): Column {
    this.#rowsSeen += block.rowCount;
    const size = this.dictionary.size;
    if (size > MAX_STRINGS || (size > ALWAYS_CODED_BELOW && size > this.#rowsSeen * MAX_SHARE)) this.#isCoded = false;
    return this.#isCoded
      ? this.#readCodes(block, column, failures, leader)
      : this.#readStrings(block, column, failures);
  }

  /** The code of a cell of at most `maxBytes` bytes. */
  codeOfBytes(block: CellBlock, start: number, end: number): number {
    return this.#codes[this.#entryOf(block, start, end)];
  }

  /** The code of any cell that is not NULL; undefined, and a failure noted, when it is none of its type. */
  codeAt(
    block: CellBlock,
    cell: number,
    failures: CellFailures,
    place: { readonly row: number; readonly column: number },
  ): number | undefined {
    const start = block.starts[cell];
    const end = block.ends[cell];
    if (end - start <= this.maxBytes) return this.codeOfBytes(block, start, end);
    const value = parseCell(block, cell, this.#type, this.#context, failures, place);
    return value === null ? undefined : this.dictionary.codeOf(value as string);
  }

  #readCodes(block: CellBlock, column: number, failures: CellFailures, leader: Uint32Array | undefined): Column {
    const { width, starts, ends, bytes, rowCount } = block;
    const maxBytes = this.maxBytes;
    if (this.#rowCodes.length < rowCount) this.#rowCodes = new Uint32Array(block.maxRows);
    const codes = this.#rowCodes.subarray(0, rowCount);
    let validity: Uint8Array | undefined;
    let entry = 0;
    for (let row = 0, cell = column; row < rowCount && row < failures.rowLimit; row++, cell += width) {
      const start = starts[cell];
      const end = ends[cell];
      if (end <= NULL_CELL) {
        validity ??= new Uint8Array(rowCount).fill(1);
        validity[row] = 0;
        continue;
      }
      if (end - start > maxBytes) {
        const value = parseCell(block, cell, this.#type, this.#context, failures, { row, column });
        if (value !== null) codes[row] = this.dictionary.codeOf(value as string);
        continue;
      }
      const hint = leader === undefined ? entry : leader[row];
      if (hint >= this.#guesses.length) this.#growGuesses(hint);
      const guess = this.#guesses[hint];
      if (guess >= 0 && this.#isEntry(guess, bytes, start, end)) entry = guess;
      else {
        entry = this.#entryOf(block, start, end);
        this.#guesses[hint] = entry;
      }
      codes[row] = this.#codes[entry];
    }
    return { kind: 'dictionary', codes, dictionary: this.dictionary, validity };
  }

  #readStrings(block: CellBlock, column: number, failures: CellFailures): Column {
    const { width, starts, ends, rowCount } = block;
    const values: Value[] = [];
    let validity: Uint8Array | undefined;
    for (let row = 0, cell = column; row < rowCount; row++, cell += width) {
      if (row >= failures.rowLimit || ends[cell] <= NULL_CELL) {
        validity ??= new Uint8Array(rowCount).fill(1);
        validity[row] = 0;
        values.push(null);
      } else if (ends[cell] - starts[cell] > this.maxBytes) {
        values.push(parseCell(block, cell, this.#type, this.#context, failures, { row, column }));
      } else values.push(block.text(cell));
    }
    return { kind: 'value', values, validity };
  }

  #isEntry(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[entry];
    const size = end - start;
    if (this.#offsets[entry + 1] - from !== size) return false;
    const known = this.#bytes;
    for (let index = 0; index < size; index++) if (known[from + index] !== bytes[start + index]) return false;
    return true;
  }

  #entryOf(block: CellBlock, start: number, end: number): number {
    const { bytes } = block;
    const hash = hashOf(bytes, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = slots[slot] - 1;
      if (this.#hashes[entry] === hash && this.#isEntry(entry, bytes, start, end)) return entry;
    }
    const entry = this.#add(block, start, end, hash);
    slots[slot] = entry + 1;
    if (this.#entryCount * 2 > slots.length) this.#growSlots();
    return entry;
  }

  #add(block: CellBlock, start: number, end: number, hash: number): number {
    const entry = this.#entryCount++;
    if (entry === this.#hashes.length) {
      this.#hashes = grown(this.#hashes, new Int32Array(entry * 2));
      this.#codes = grown(this.#codes, new Uint32Array(entry * 2));
      this.#offsets = grown(this.#offsets, new Uint32Array(entry * 2 + 1));
    }
    const from = this.#offsets[entry];
    const to = from + end - start;
    if (to > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(to * 2));
    this.#bytes.set(block.bytes.subarray(start, end), from);
    this.#offsets[entry + 1] = to;
    this.#hashes[entry] = hash;
    this.#codes[entry] = this.dictionary.codeOf(block.buffer.toString('utf8', start, end));
    return entry;
  }

  #growGuesses(hint: number): void {
    const guesses = new Int32Array(hint * 2).fill(-1);
    guesses.set(this.#guesses);
    this.#guesses = guesses;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.#entryCount; entry++) {
      let slot = this.#hashes[entry] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  return hash ^ (hash >>> 15);
}

function grown<T extends Int32Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
