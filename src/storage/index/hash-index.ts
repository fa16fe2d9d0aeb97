import { IndexKey } from './index-key.ts';
import { type IndexMemory, IndexSize } from './index-memory.ts';
import type { IndexPlace, KeyIndex, RowIdList } from './key-index.ts';
import { KeyPage, PAGE_ENTRIES } from './key-page.ts';

/** The directory has no more places than the index has entries, by this factor: equal hashes would double it forever. */
const ENTRIES_PER_PLACE = 16;
const MIN_PLACES = 16;

/** The entries whose hashes end with the same `depth` bits. More than one page where splitting would not help. */
interface Bucket {
  depth: number;
  /** Those bits. */
  readonly bits: number;
  pages: KeyPage[];
}

/**
 * An index by the hash of its keys (extendible hashing): the last bits of a hash are a place in the directory, which names
 * the bucket. A bucket that overflows is split by one more bit, and the directory doubles when it has fewer bits than that.
 */
export class HashIndex implements KeyIndex {
  readonly #size: IndexSize;
  #directory: Bucket[];
  /** In the order in which they were made; a bucket is split in favour of one behind all. */
  readonly #buckets: Bucket[] = [];
  #depth = 0;
  #entryCount = 0;
  readonly #moved = new IndexKey();

  constructor(memory: IndexMemory) {
    this.#size = new IndexSize(memory);
    this.#directory = [this.#addBucket(0, 0)];
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  get sizeBytes(): number {
    return this.#size.bytes;
  }

  add(key: IndexKey, rowId: number, isGone?: (rowId: number) => boolean): void {
    const hash = key.hash();
    this.#entryCount++;
    for (;;) {
      const bucket = this.#bucketOf(hash);
      const page = bucket.pages.at(-1)!;
      if (!page.isFull) {
        page.insertAt(page.lowerBound(key, rowId), key, rowId);
        return;
      }
      const removed = isGone === undefined ? 0 : page.removeGone(isGone);
      this.#entryCount -= removed;
      if (removed >= PAGE_ENTRIES / 8) continue;
      if (bucket.depth < this.#depth || this.#mayDouble()) this.#split(bucket);
      else bucket.pages.push(new KeyPage(this.#size));
    }
  }

  has(key: IndexKey, rowId: number): boolean {
    return this.#bucketOf(key.hash()).pages.some((page) => {
      const index = page.lowerBound(key, rowId);
      return index < page.count && page.compareAt(index, key, rowId) === 0;
    });
  }

  find(key: IndexKey, into: RowIdList): void {
    for (const page of this.#bucketOf(key.hash()).pages) {
      for (let index = page.lowerBound(key, -1); index < page.count && page.hasKeyAt(index, key); index++) {
        into.push(page.rowIdAt(index));
      }
    }
  }

  sweep(place: IndexPlace, count: number, isGone: (rowId: number) => boolean): boolean {
    let next = Math.max(place.rowId, 0);
    for (let seen = 0; seen < count && next < this.#buckets.length; next++) {
      const bucket = this.#buckets[next]!;
      for (const page of bucket.pages) {
        seen += page.count;
        this.#entryCount -= page.removeGone(isGone);
      }
      if (bucket.pages.length > 1) bucket.pages = this.#withoutEmpty(bucket.pages);
      seen++;
    }
    place.rowId = next;
    return next >= this.#buckets.length;
  }

  release(): void {
    this.#size.release();
  }

  #bucketOf(hash: number): Bucket {
    return this.#directory[hash & (this.#directory.length - 1)]!;
  }

  #mayDouble(): boolean {
    return this.#directory.length < Math.max(MIN_PLACES, this.#entryCount / ENTRIES_PER_PLACE);
  }

  #split(bucket: Bucket): void {
    const bit = 2 ** bucket.depth;
    if (bucket.depth === this.#depth) {
      this.#directory = [...this.#directory, ...this.#directory];
      this.#depth++;
      this.#size.add(this.#directory.length * 4);
    }
    bucket.depth++;
    const added = this.#addBucket(bucket.depth, bucket.bits | bit);
    const pages = bucket.pages;
    bucket.pages = [new KeyPage(this.#size, { expected: PAGE_ENTRIES })];
    for (const page of pages) {
      for (let index = 0; index < page.count; index++) {
        page.keyAt(index, this.#moved);
        const target = (this.#moved.hash() & bit) === 0 ? bucket : added;
        this.#append(target, this.#moved, page.rowIdAt(index));
      }
      page.release();
    }
    for (let place = added.bits; place < this.#directory.length; place += bit * 2) this.#directory[place] = added;
  }

  #append(bucket: Bucket, key: IndexKey, rowId: number): void {
    if (bucket.pages.at(-1)!.isFull) bucket.pages.push(new KeyPage(this.#size, { expected: PAGE_ENTRIES }));
    const page = bucket.pages.at(-1)!;
    page.insertAt(page.lowerBound(key, rowId), key, rowId);
  }

  #addBucket(depth: number, bits: number): Bucket {
    const page = depth === 0 ? new KeyPage(this.#size) : new KeyPage(this.#size, { expected: PAGE_ENTRIES });
    const bucket: Bucket = { depth, bits, pages: [page] };
    this.#buckets.push(bucket);
    return bucket;
  }

  #withoutEmpty(pages: readonly KeyPage[]): KeyPage[] {
    const kept = pages.filter(({ count }) => count > 0);
    if (kept.length === 0) kept.push(pages[0]!);
    for (const page of pages) if (!kept.includes(page)) page.release();
    return kept;
  }
}
