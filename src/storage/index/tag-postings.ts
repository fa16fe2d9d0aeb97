import { type CodePages, PAGE_SERIES, type StoredCodes } from './code-pages.ts';
import { setBit } from './series-set.ts';

/** With more distinct values than this in a page, its series are kept in order of their values instead of in lists. */
const MAX_LISTS = 1024;
const BITMAP_BYTES = PAGE_SERIES / 8;

/** Values of one tag that a predicate is true for. */
export interface WantedCodes {
  /** Codes + 1 (0 = NULL), ascending. */
  readonly stored: Uint32Array;
  /** Per code + 1 a 1 where it is wanted; undefined while the codes are few enough to be looked up one by one. */
  readonly flags: Uint8Array | undefined;
}

/** The series of one full page by the values of one tag. */
type PagePostings =
  /** Values ascend with the series: the page itself is searched, and nothing is kept. */
  | { readonly kind: 'ascending' }
  /** Offsets in the page in order of value. */
  | { readonly kind: 'sorted'; readonly offsets: Uint16Array }
  | ListPostings;

/**
 * One list for each distinct value, side by side: gaps between offsets as varints, or a bitmap where that is shorter.
 * List i lies in `bytes` from `starts[i]` to `starts[i + 1]`; one of 2,048 bytes is a bitmap.
 */
interface ListPostings {
  readonly kind: 'lists';
  /** Codes + 1, ascending. */
  readonly stored: Uint32Array;
  readonly starts: Uint32Array;
  readonly counts: Uint16Array;
  readonly bytes: Uint8Array;
}

/**
 * Tag value → series ids, page by page: what a page is kept as depends on how many values its series have. About a byte
 * for each series of a tag with up to a thousand values, nothing to 2 bytes for one with more. The last page, which
 * grows, is not in here: its codes are looked through.
 */
export class TagPostings {
  readonly #pages: PagePostings[] = [];

  get sizeBytes(): number {
    let sizeBytes = 0;
    for (const page of this.#pages) {
      if (page.kind === 'sorted') sizeBytes += page.offsets.byteLength;
      else if (page.kind === 'lists') {
        sizeBytes += page.stored.byteLength + page.starts.byteLength + page.counts.byteLength + page.bytes.byteLength;
      }
      sizeBytes += 64;
    }
    return sizeBytes;
  }

  /** Takes in the pages that are full by now. */
  follow(codes: CodePages, seriesCount: number): void {
    const full = Math.floor(seriesCount / PAGE_SERIES);
    while (this.#pages.length < full) this.#pages.push(postingsOf(codes.page(this.#pages.length)));
  }

  /** Pages that are not full any more are forgotten. */
  truncate(seriesCount: number): void {
    this.#pages.length = Math.min(this.#pages.length, Math.floor(seriesCount / PAGE_SERIES));
  }

  /** False when it is plain to see that no series of the page has a wanted value. */
  mayHave(codes: CodePages, page: number, { stored: values, flags }: WantedCodes): boolean {
    const stored = codes.page(page);
    const postings = this.#pages[page];
    if (stored === undefined || postings === undefined || flags !== undefined || postings.kind === 'lists') return true;
    const offsets = postings.kind === 'sorted' ? postings.offsets : undefined;
    const first = storedAt(stored, offsets === undefined ? 0 : offsets[0]);
    const last = storedAt(stored, offsets === undefined ? PAGE_SERIES - 1 : offsets[PAGE_SERIES - 1]);
    for (const value of values) if (value >= first && value <= last) return true;
    return false;
  }

  /** Sets the bits of the page's series that have a wanted value; its first `count` series are there. */
  select(codes: CodePages, page: number, count: number, wanted: WantedCodes, bits: Uint32Array): void {
    const stored = codes.page(page);
    const postings = this.#pages[page];
    if (stored === undefined) {
      // All of them are NULL.
      if (wanted.stored[0] === 0) for (let offset = 0; offset < count; offset++) setBit(bits, offset);
    } else if (postings?.kind === 'lists') selectLists(postings, wanted, bits);
    else if (postings === undefined || wanted.flags !== undefined) lookThrough(stored, count, wanted, bits);
    else selectSorted(stored, postings.kind === 'sorted' ? postings.offsets : undefined, wanted, bits);
  }
}

function postingsOf(stored: StoredCodes | undefined): PagePostings {
  let isAscending = true;
  for (let offset = 1; stored !== undefined && offset < PAGE_SERIES && isAscending; offset++) {
    isAscending = storedAt(stored, offset) >= storedAt(stored, offset - 1);
  }
  if (stored === undefined || isAscending) return { kind: 'ascending' };
  const offsets = orderOf(stored);
  let distinctCount = 1;
  for (let at = 1; at < PAGE_SERIES; at++) {
    if (storedAt(stored, offsets[at]) !== storedAt(stored, offsets[at - 1])) distinctCount++;
  }
  return distinctCount <= MAX_LISTS ? listsOf(stored, offsets, distinctCount) : { kind: 'sorted', offsets };
}

/** Offsets in order of their values, those of one value ascending. */
function orderOf(stored: StoredCodes): Uint16Array {
  const offsets = new Uint16Array(PAGE_SERIES);
  if (stored.BYTES_PER_ELEMENT === 4) {
    const keys = new Float64Array(PAGE_SERIES);
    for (let offset = 0; offset < PAGE_SERIES; offset++) keys[offset] = storedAt(stored, offset) * PAGE_SERIES + offset;
    keys.sort();
    for (let at = 0; at < PAGE_SERIES; at++) offsets[at] = keys[at] % PAGE_SERIES;
    return offsets;
  }
  const places = new Uint16Array(stored.BYTES_PER_ELEMENT === 1 ? 257 : 65_537);
  for (let offset = 0; offset < PAGE_SERIES; offset++) places[storedAt(stored, offset) + 1]++;
  for (let value = 1; value < places.length; value++) places[value] += places[value - 1];
  for (let offset = 0; offset < PAGE_SERIES; offset++) offsets[places[storedAt(stored, offset)]++] = offset;
  return offsets;
}

function listsOf(codes: StoredCodes, offsets: Uint16Array, distinctCount: number): ListPostings {
  const stored = new Uint32Array(distinctCount);
  const starts = new Uint32Array(distinctCount + 1);
  const counts = new Uint16Array(distinctCount);
  // A gap takes one or two bytes.
  const bytes = new Uint8Array(PAGE_SERIES * 2 + BITMAP_BYTES);
  let used = 0;
  for (let from = 0, list = 0; from < PAGE_SERIES; list++) {
    const value = storedAt(codes, offsets[from]);
    let to = from;
    let end = used;
    for (let next = 0; to < PAGE_SERIES && storedAt(codes, offsets[to]) === value; to++) {
      const gap = offsets[to] - next;
      next = offsets[to] + 1;
      if (gap >= 0x80) bytes[end++] = (gap & 0x7f) | 0x80;
      bytes[end++] = gap >= 0x80 ? gap >>> 7 : gap;
    }
    if (end - used >= BITMAP_BYTES) {
      bytes.fill(0, used, end);
      end = used + BITMAP_BYTES;
      for (let at = from; at < to; at++) bytes[used + (offsets[at] >>> 3)] |= 1 << (offsets[at] & 7);
    }
    stored[list] = value;
    counts[list] = to - from;
    used = end;
    starts[list + 1] = used;
    from = to;
  }
  return { kind: 'lists', stored, starts, counts, bytes: bytes.slice(0, used) };
}

/** What lies behind the end of a page is NULL. */
function storedAt(stored: StoredCodes, offset: number): number {
  return offset < stored.length ? stored[offset] : 0;
}

/** The lists that are wanted are united; or, where that is less work, the others are taken from all. */
function selectLists(lists: ListPostings, wanted: WantedCodes, bits: Uint32Array): void {
  const isWanted = new Uint8Array(lists.stored.length);
  let count = 0;
  let at = 0;
  for (let list = 0; list < isWanted.length; list++) {
    const stored = lists.stored[list];
    if (wanted.flags !== undefined) isWanted[list] = wanted.flags[stored] ?? 0;
    else {
      while (at < wanted.stored.length && wanted.stored[at] < stored) at++;
      if (at < wanted.stored.length && wanted.stored[at] === stored) isWanted[list] = 1;
    }
    if (isWanted[list] === 1) count += lists.counts[list];
  }
  if (count * 2 <= PAGE_SERIES) {
    for (let list = 0; list < isWanted.length; list++) if (isWanted[list] === 1) flipList(lists, list, bits);
    return;
  }
  bits.fill(0xffffffff);
  for (let list = 0; list < isWanted.length; list++) if (isWanted[list] === 0) flipList(lists, list, bits);
}

/** No offset is in two lists. */
function flipList({ bytes, starts }: ListPostings, list: number, bits: Uint32Array): void {
  const from = starts[list];
  const to = starts[list + 1];
  if (to - from === BITMAP_BYTES) {
    for (let at = from, byte = 0; at < to; at++, byte++) bits[byte >>> 2] ^= bytes[at] << ((byte & 3) << 3);
    return;
  }
  let offset = 0;
  for (let at = from; at < to; offset++) {
    const byte = bytes[at++];
    offset += byte < 0x80 ? byte : (byte & 0x7f) | (bytes[at++] << 7);
    bits[offset >>> 5] ^= 1 << (offset & 31);
  }
}

/** Searches each value among series in order of theirs. */
function selectSorted(
  stored: StoredCodes,
  offsets: Uint16Array | undefined,
  wanted: WantedCodes,
  bits: Uint32Array,
): void {
  for (const value of wanted.stored) {
    let low = 0;
    let high = PAGE_SERIES;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (storedAt(stored, offsets === undefined ? middle : offsets[middle]) < value) low = middle + 1;
      else high = middle;
    }
    for (; low < PAGE_SERIES; low++) {
      const offset = offsets === undefined ? low : offsets[low];
      if (storedAt(stored, offset) !== value) break;
      setBit(bits, offset);
    }
  }
}

function lookThrough(
  stored: StoredCodes,
  count: number,
  { stored: values, flags }: WantedCodes,
  bits: Uint32Array,
): void {
  const end = Math.min(count, stored.length);
  if (flags !== undefined) {
    for (let offset = 0; offset < end; offset++) if (flags[stored[offset]] === 1) setBit(bits, offset);
    if (flags[0] === 1) for (let offset = end; offset < count; offset++) setBit(bits, offset);
    return;
  }
  for (const value of values) {
    for (let offset = 0; offset < end; offset++) if (stored[offset] === value) setBit(bits, offset);
    if (value === 0) for (let offset = end; offset < count; offset++) setBit(bits, offset);
  }
}
