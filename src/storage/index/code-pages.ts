import { NULL_CODE } from './tag-dictionary.ts';

/** Series are kept in pages of this many, in everything that there is per series. */
export const PAGE_BITS = 14;
export const PAGE_SERIES = 2 ** PAGE_BITS;
export const PAGE_MASK = PAGE_SERIES - 1;

/** Codes + 1 (0 = NULL) of one page. */
export type StoredCodes = Uint8Array | Uint16Array | Uint32Array;

const FIRST_CAPACITY = 16;

/**
 * The code of one tag for every series: pages of codes + 1 (0 = NULL), each as narrow as its largest code allows. A page
 * whose series are all NULL is not there. Growing touches one page: a tag of few values takes a byte a series.
 */
export class CodePages {
  readonly #pages: (StoredCodes | undefined)[] = [];

  get sizeBytes(): number {
    return this.#pages.reduce((sum, page) => sum + (page?.byteLength ?? 0) + 8, 0);
  }

  /** NULL_CODE where nothing was set. */
  at(id: number): number {
    const page = this.#pages[id >>> PAGE_BITS];
    if (page === undefined) return NULL_CODE;
    const offset = id & PAGE_MASK;
    return offset < page.length ? (page[offset] - 1) >>> 0 : NULL_CODE;
  }

  set(id: number, code: number): void {
    const index = id >>> PAGE_BITS;
    const offset = id & PAGE_MASK;
    let page = this.#pages[index];
    if (page === undefined || offset >= page.length) {
      if (code === NULL_CODE) return;
      page = this.#grow(index, offset);
    }
    const stored = (code + 1) >>> 0;
    if (stored > MAX_STORED[page.BYTES_PER_ELEMENT]!) page = this.#widen(index, page, stored);
    page[offset] = stored;
  }

  /** Those of one page; what lies behind the end of a short one is NULL. undefined = all NULL. */
  page(index: number): StoredCodes | undefined {
    return this.#pages[index];
  }

  /** Everything from `size` on is NULL again. */
  truncate(size: number): void {
    const last = size >>> PAGE_BITS;
    this.#pages[last]?.fill(0, size & PAGE_MASK);
    if (this.#pages.length > last + 1) this.#pages.length = last + 1;
  }

  #grow(index: number, offset: number): StoredCodes {
    const page = this.#pages[index];
    // A small table has a small page. Later pages are what the one before turned out to be.
    let capacity = index === 0 ? (page?.length ?? FIRST_CAPACITY) : PAGE_SERIES;
    while (capacity <= offset) capacity *= 2;
    const grown = newPage((page ?? this.#pages[index - 1])?.BYTES_PER_ELEMENT ?? 1, capacity);
    if (page !== undefined) grown.set(page);
    this.#pages[index] = grown;
    return grown;
  }

  #widen(index: number, page: StoredCodes, stored: number): StoredCodes {
    const wider = newPage(stored > MAX_STORED[2]! ? 4 : 2, page.length);
    wider.set(page);
    this.#pages[index] = wider;
    return wider;
  }
}

const MAX_STORED: Readonly<Record<number, number>> = { 1: 0xff, 2: 0xffff, 4: 0xffffffff };

function newPage(width: number, length: number): StoredCodes {
  if (width === 1) return new Uint8Array(length);
  return width === 2 ? new Uint16Array(length) : new Uint32Array(length);
}
