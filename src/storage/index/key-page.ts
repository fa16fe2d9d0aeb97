import { HEAD_BYTES, type IndexKey } from './index-key.ts';
import type { IndexSize } from './index-memory.ts';

export const PAGE_ENTRIES = 128;
const FIRST_CAPACITY = 16;
/** Of a page that is not the last one of its index, so that entries behind it find room. */
const SHARED_TAIL_BYTES = 64;

/**
 * Some entries of an index, (key, row id), in the order of both:
 *
 *   heads     6 bytes of each key as a double
 *   row ids   a double each
 *   tails     what is left of longer keys: start (uint32) and length (uint16) of each, and the bytes in a heap
 *
 * 16 bytes an entry, and for a key of more than 6 bytes 6 more and the rest of it. Every entry of an index differs.
 */
export class KeyPage {
  count = 0;
  readonly #size: IndexSize;
  readonly #capacity: number;
  #heads: Float64Array;
  #rowIds: Float64Array;
  #starts: Uint32Array | undefined;
  #lengths: Uint16Array | undefined;
  #heap = new Uint8Array(0);
  #heapEnd = 0;

  /** `capacity`: how many entries it takes; `expected`: how many it is likely to get soon. */
  constructor(size: IndexSize, { capacity = PAGE_ENTRIES, expected = FIRST_CAPACITY } = {}) {
    this.#size = size;
    this.#capacity = capacity;
    this.#heads = new Float64Array(expected);
    this.#rowIds = new Float64Array(expected);
    size.add(expected * 16);
  }

  get isFull(): boolean {
    return this.count === this.#capacity;
  }

  rowIdAt(index: number): number {
    return this.#rowIds[index];
  }

  /** Below 0 where the entry stands before (key, row id), 0 where it is the same. */
  compareAt(index: number, key: IndexKey, rowId: number): number {
    const head = this.#heads[index];
    if (head !== key.head) return head < key.head ? -1 : 1;
    const order = this.#compareTail(index, key);
    return order !== 0 ? order : this.#rowIds[index] - rowId;
  }

  hasKeyAt(index: number, key: IndexKey): boolean {
    return this.#heads[index] === key.head && this.#compareTail(index, key) === 0;
  }

  /** The first entry that does not stand before (key, row id), or `count`. */
  lowerBound(key: IndexKey, rowId: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compareAt(middle, key, rowId) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Puts an entry where it belongs; the page must have room. */
  insertAt(index: number, key: IndexKey, rowId: number): void {
    if (this.count === this.#heads.length) this.#grow();
    const { count } = this;
    const heads = this.#heads;
    const rowIds = this.#rowIds;
    for (let at = count; at > index; at--) {
      heads[at] = heads[at - 1];
      rowIds[at] = rowIds[at - 1];
    }
    heads[index] = key.head;
    rowIds[index] = rowId;
    if (key.length > HEAD_BYTES) this.#needTails();
    if (this.#starts !== undefined) {
      const starts = this.#starts;
      const lengths = this.#lengths!;
      for (let at = count; at > index; at--) {
        starts[at] = starts[at - 1];
        lengths[at] = lengths[at - 1];
      }
      lengths[index] = 0;
      if (key.length > HEAD_BYTES) this.#setTail(index, key.bytes, HEAD_BYTES, key.length);
    }
    this.count++;
  }

  /** Puts the key of an entry into `key`, as far as comparing needs it: short keys may get zeros at their end. */
  keyAt(index: number, key: IndexKey): void {
    key.clear();
    key.reserve(HEAD_BYTES);
    let head = this.#heads[index];
    for (let byte = HEAD_BYTES - 1; byte >= 0; byte--) {
      key.bytes[byte] = head % 256;
      head = Math.floor(head / 256);
    }
    const length = this.#lengths === undefined ? 0 : this.#lengths[index];
    key.length = HEAD_BYTES;
    if (length > 0) {
      key.reserve(length);
      const start = this.#starts![index];
      key.bytes.set(this.#heap.subarray(start, start + length), HEAD_BYTES);
      key.length += length;
    }
    key.head = this.#heads[index];
  }

  /** Moves the entries from `from` on to the end of another page. */
  moveTo(target: KeyPage, from: number): void {
    if (this.#starts !== undefined) target.#reserveHeap(this.#heap.length);
    for (let index = from; index < this.count; index++) target.#append(this, index);
    this.#keep(from);
  }

  removeAt(index: number): void {
    for (let at = index + 1; at < this.count; at++) this.#move(at, at - 1);
    this.#keep(this.count - 1);
  }

  /** Removes the entries of rows that are gone; returns how many. */
  removeGone(isGone: (rowId: number) => boolean): number {
    let kept = 0;
    for (let index = 0; index < this.count; index++) {
      if (isGone(this.#rowIds[index])) continue;
      if (kept < index) this.#move(index, kept);
      kept++;
    }
    const removed = this.count - kept;
    if (removed > 0) this.#keep(kept);
    return removed;
  }

  /** The page is not part of its index any more. */
  release(): void {
    this.#size.add(-this.#sizeBytes);
  }

  get #sizeBytes(): number {
    return this.#heads.length * (this.#starts === undefined ? 16 : 22) + this.#heap.length;
  }

  #compareTail(index: number, key: IndexKey): number {
    const storedLength = this.#lengths === undefined ? 0 : this.#lengths[index];
    const keyLength = key.length > HEAD_BYTES ? key.length - HEAD_BYTES : 0;
    if (storedLength > 0 && keyLength > 0) {
      const start = this.#starts![index];
      const heap = this.#heap;
      const { bytes } = key;
      const shared = storedLength < keyLength ? storedLength : keyLength;
      for (let at = 0; at < shared; at++) {
        const difference = heap[start + at] - bytes[HEAD_BYTES + at];
        if (difference !== 0) return difference;
      }
    }
    return storedLength - keyLength;
  }

  #append(source: KeyPage, index: number): void {
    if (this.count === this.#heads.length) this.#grow();
    const at = this.count++;
    this.#heads[at] = source.#heads[index];
    this.#rowIds[at] = source.#rowIds[index];
    const length = source.#lengths === undefined ? 0 : source.#lengths[index];
    if (length > 0) this.#needTails();
    if (this.#starts === undefined) return;
    this.#lengths![at] = 0;
    const start = length === 0 ? 0 : source.#starts![index];
    if (length > 0) this.#setTail(at, source.#heap, start, start + length);
  }

  #move(from: number, to: number): void {
    this.#heads[to] = this.#heads[from];
    this.#rowIds[to] = this.#rowIds[from];
    if (this.#starts === undefined) return;
    this.#starts[to] = this.#starts[from];
    this.#lengths![to] = this.#lengths![from];
  }

  /** Leaves the first `count` entries, and no byte of the others. */
  #keep(count: number): void {
    this.count = count;
    if (this.#starts === undefined) return;
    let bytes = 0;
    for (let index = 0; index < count; index++) bytes += this.#lengths![index];
    // What the page has needed it will need again, unless it has become much less.
    const heap = new Uint8Array(bytes * 4 < this.#heap.length ? bytes : this.#heap.length);
    let end = 0;
    for (let index = 0; index < count; index++) {
      const start = this.#starts[index];
      const length = this.#lengths![index];
      heap.set(this.#heap.subarray(start, start + length), end);
      this.#starts[index] = end;
      end += length;
    }
    this.#size.add(heap.length - this.#heap.length);
    this.#heap = heap;
    this.#heapEnd = end;
  }

  #setTail(index: number, source: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.#heapEnd + length > this.#heap.length) this.#growHeap(length);
    if (length < 32) {
      for (let at = 0; at < length; at++) this.#heap[this.#heapEnd + at] = source[from + at];
    } else this.#heap.set(source.subarray(from, to), this.#heapEnd);
    this.#starts![index] = this.#heapEnd;
    this.#lengths![index] = length;
    this.#heapEnd += length;
  }

  /** To what a full page is likely to need, judging by the entries that are there. */
  #growHeap(length: number): void {
    const likely = Math.ceil(((this.#heapEnd + length) / (this.count + 1)) * Math.min(this.#capacity, this.count * 2));
    const heap = new Uint8Array(Math.max(this.#heapEnd + length, likely, SHARED_TAIL_BYTES));
    heap.set(this.#heap.subarray(0, this.#heapEnd));
    this.#size.add(heap.length - this.#heap.length);
    this.#heap = heap;
  }

  #reserveHeap(sizeBytes: number): void {
    this.#needTails();
    if (this.#heap.length > 0) return;
    this.#heap = new Uint8Array(sizeBytes);
    this.#size.add(sizeBytes);
  }

  #needTails(): void {
    if (this.#starts !== undefined) return;
    this.#starts = new Uint32Array(this.#heads.length);
    this.#lengths = new Uint16Array(this.#heads.length);
    this.#size.add(this.#heads.length * 6);
  }

  #grow(): void {
    const capacity = Math.min(this.#heads.length * 2, this.#capacity);
    this.#size.add((capacity - this.#heads.length) * (this.#starts === undefined ? 16 : 22));
    this.#heads = grown(this.#heads, new Float64Array(capacity));
    this.#rowIds = grown(this.#rowIds, new Float64Array(capacity));
    if (this.#starts === undefined) return;
    this.#starts = grown(this.#starts, new Uint32Array(capacity));
    this.#lengths = grown(this.#lengths!, new Uint16Array(capacity));
  }
}

function grown<T extends Float64Array | Uint32Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
