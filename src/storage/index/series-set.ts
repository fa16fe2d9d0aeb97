import { PAGE_BITS, PAGE_MASK, PAGE_SERIES } from './code-pages.ts';

const PAGE_WORDS = PAGE_SERIES / 32;

/** A set of series while predicates narrow it down: a bitmap for each page that has some of them. */
export class SeriesSet {
  /** undefined: all series that the page has. */
  readonly #pages: (Uint32Array | undefined)[] = [];
  readonly #counts: Uint32Array;
  #size = 0;

  /** All series below `seriesCount`. */
  constructor(seriesCount: number) {
    const pageCount = Math.ceil(seriesCount / PAGE_SERIES);
    this.#counts = new Uint32Array(pageCount);
    this.#pages = new Array(pageCount).fill(undefined);
    for (let page = 0; page < pageCount; page++) {
      this.#counts[page] = Math.min(PAGE_SERIES, seriesCount - page * PAGE_SERIES);
    }
    this.#size = seriesCount;
  }

  get size(): number {
    return this.#size;
  }

  get pageCount(): number {
    return this.#pages.length;
  }

  /** How many series of a page are in the set. */
  countOf(index: number): number {
    return this.#counts[index];
  }

  /** Takes all series of the page out. */
  clear(index: number): void {
    this.#size -= this.#counts[index];
    this.#counts[index] = 0;
  }

  /** Keeps the series of the page that are in `bits` too, which the set takes over. None of them is past the last one. */
  keep(index: number, bits: Uint32Array): void {
    if (this.#counts[index] === 0) return;
    const page = this.#pages[index];
    let count = 0;
    for (let word = 0; word < PAGE_WORDS; word++) {
      if (page !== undefined) bits[word] &= page[word];
      if (bits[word] !== 0) count += bitCount(bits[word]);
    }
    this.#pages[index] = bits;
    this.#size -= this.#counts[index] - count;
    this.#counts[index] = count;
  }

  /** Keeps those of the ascending `ids`, all of which are in the set. */
  keepOnly(ids: Uint32Array): void {
    let at = 0;
    for (let index = 0; index < this.#pages.length; index++) {
      const start = at;
      const bits = new Uint32Array(PAGE_WORDS);
      for (; at < ids.length && ids[at] >>> PAGE_BITS === index; at++) setBit(bits, ids[at] & PAGE_MASK);
      this.#pages[index] = bits;
      this.#counts[index] = at - start;
    }
    this.#size = ids.length;
  }

  /** Ascending. */
  ids(): Uint32Array {
    const ids = new Uint32Array(this.#size);
    let at = 0;
    for (let index = 0; index < this.#pages.length; index++) {
      if (this.#counts[index] === 0) continue;
      const page = this.#pages[index];
      if (page === undefined) {
        for (let offset = 0; offset < this.#counts[index]; offset++) ids[at++] = index * PAGE_SERIES + offset;
        continue;
      }
      for (let word = 0; word < PAGE_WORDS; word++) {
        const base = index * PAGE_SERIES + word * 32;
        for (let bits = page[word]; bits !== 0; bits &= bits - 1) ids[at++] = base + 31 - Math.clz32(bits & -bits);
      }
    }
    return ids;
  }
}

/** No series of a page. */
export function newPageBits(): Uint32Array {
  return new Uint32Array(PAGE_WORDS);
}

export function setBit(bits: Uint32Array, offset: number): void {
  bits[offset >>> 5] |= 1 << (offset & 31);
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
