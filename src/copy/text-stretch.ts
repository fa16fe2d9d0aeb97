import type { CellBlock } from './cell-block.ts';
import { behindNullMark, type PlainBytes } from './plain-bytes.ts';
import { isSameBytes } from './same-bytes.ts';
import type { TextCells } from './text-cells.ts';

/** In place of a code: the cell is NULL. */
export const NULL_CODE = 0xffffffff;

/** Of `match`: the cells are none that are plain. */
export const NOT_PLAIN = -1;

/** With more different stretches than this, or than a share of the rows, cells are better read one by one. */
const ALWAYS_BELOW = 4096;
const MAX_ENTRIES = 65_536;
const MAX_SHARE = 0.5;
const MAX_BYTES = 1 << 24;

/**
 * Text cells that stand side by side: what comes again is found by its bytes as a whole, whatever number of cells it is.
 * The tags of a series do, and series mostly come in turn: so the entry that came behind the last one is looked at first.
 *
 *   entry e:  bytes `offsets[e] … offsets[e + 1]`, delimiters among them;  codes `codes[e · width] … codes[(e + 1) · width]`
 */
export class TextStretch {
  readonly #cells: readonly TextCells[];
  readonly #plain: PlainBytes;
  readonly width: number;
  /** Per entry and cell the code in the dictionary of the cell's column, or `NULL_CODE`. */
  codes: Uint32Array;
  entryCount = 0;
  /** The entry that matched last. */
  entry = -1;
  #hashes = new Int32Array(256);
  #offsets = new Uint32Array(257);
  #bytes = new Uint8Array(16_384);
  #view = new DataView(this.#bytes.buffer);
  /** Open addressing: 1 + the number of an entry, 0 where there is none. */
  #slots = new Int32Array(1024);
  /** By entry: the one that came behind it last time. */
  #followers = new Int32Array(256).fill(-1);
  #rowsSeen = 0;

  constructor(cells: readonly TextCells[], plain: PlainBytes) {
    this.#cells = cells;
    this.#plain = plain;
    this.width = cells.length;
    this.codes = new Uint32Array(256 * this.width);
  }

  /** Whether so many rows in which so few stretches come again are worth it. To be asked between blocks. */
  noteRows(count: number): boolean {
    this.#rowsSeen += count;
    const { entryCount } = this;
    if (entryCount > MAX_ENTRIES || this.#offsets[entryCount] > MAX_BYTES) return false;
    return entryCount <= ALWAYS_BELOW || entryCount <= this.#rowsSeen * MAX_SHARE;
  }

  /**
   * Finds the entry of the cells that begin at `at`, and returns where the last of them ends; data ends at `to`, where a
   * newline stands.
   */
  match(block: CellBlock, at: number, to: number): number {
    const { entry } = this;
    const guess = entry < 0 ? -1 : this.#followers[entry];
    if (guess >= 0) {
      const from = this.#offsets[guess];
      const length = this.#offsets[guess + 1] - from;
      const end = at + length;
      if (
        end <= to &&
        this.#plain.special[block.bytes[end]] === 1 &&
        isSameBytes(block.view, at, this.#view, from, length)
      ) {
        this.entry = guess;
        return end;
      }
    }
    return this.#find(block, at);
  }

  #find(block: CellBlock, start: number): number {
    const { bytes } = block;
    const { delimiter, special, isNullEmpty } = this.#plain;
    const { width } = this;
    let at = start;
    for (let cell = 0; ; cell++) {
      const cellStart = at;
      while (special[bytes[at]] === 0) at += 1;
      if (!isNullEmpty && at === cellStart) {
        const end = behindNullMark(bytes, at, this.#plain);
        if (end >= 0) at = end;
      }
      if (at - cellStart > this.#cells[cell]!.maxBytes) return NOT_PLAIN;
      if (cell === width - 1) break;
      if (bytes[at] !== delimiter) return NOT_PLAIN;
      at += 1;
    }
    const before = this.entry;
    this.entry = this.#entryOf(block, start, at);
    if (before >= 0) this.#followers[before] = this.entry;
    return at;
  }

  #entryOf(block: CellBlock, start: number, end: number): number {
    const hash = hashOf(block.bytes, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = slots[slot] - 1;
      const from = this.#offsets[entry];
      const length = this.#offsets[entry + 1] - from;
      if (this.#hashes[entry] !== hash || length !== end - start) continue;
      if (isSameBytes(block.view, start, this.#view, from, length)) return entry;
    }
    const entry = this.#add(block, start, end, hash);
    slots[slot] = entry + 1;
    if (this.entryCount * 2 > slots.length) this.#growSlots();
    return entry;
  }

  #add(block: CellBlock, start: number, end: number, hash: number): number {
    const entry = this.entryCount++;
    if (entry === this.#hashes.length) this.#growEntries();
    const from = this.#offsets[entry];
    const to = from + end - start;
    if (to > this.#bytes.length) {
      const grown = new Uint8Array(to * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#bytes.set(block.bytes.subarray(start, end), from);
    this.#offsets[entry + 1] = to;
    this.#hashes[entry] = hash;
    this.#addCodes(block, start, entry);
    return entry;
  }

  #addCodes(block: CellBlock, start: number, entry: number): void {
    const { bytes } = block;
    const { special, isNullEmpty } = this.#plain;
    let at = start;
    for (let cell = 0; cell < this.width; cell++) {
      const cellStart = at;
      while (special[bytes[at]] === 0) at += 1;
      const nullEnd = isNullEmpty ? (at === cellStart ? at : -1) : behindNullMark(bytes, cellStart, this.#plain);
      if (nullEnd >= 0) at = nullEnd;
      this.codes[entry * this.width + cell] =
        nullEnd >= 0 ? NULL_CODE : this.#cells[cell]!.codeOfBytes(block, cellStart, at);
      at += 1;
    }
  }

  #growEntries(): void {
    const size = this.#hashes.length * 2;
    const hashes = new Int32Array(size);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const offsets = new Uint32Array(size + 1);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const codes = new Uint32Array(size * this.width);
    codes.set(this.codes);
    this.codes = codes;
    const followers = new Int32Array(size).fill(-1);
    followers.set(this.#followers);
    this.#followers = followers;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.entryCount; entry++) {
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
