import { IdTable } from './id-table.ts';

const PAGE_BITS = 20;
const PAGE_BYTES = 2 ** PAGE_BITS;
/** Longer texts stay JS strings. */
const MAX_TEXT_BYTES = 65_535;
const ADDRESS_PAGE_BITS = 14;
/** Addresses are uint32: of texts that pass 4 GiB together the last ones stay JS strings too. */
const MAX_PAGES = 2 ** (32 - PAGE_BITS);
const NOT_PACKED = 0xffffffff;
/** Strings that were asked for last are kept, by their codes. */
const KEPT_STRINGS = 4096;
const ASCII = 0x80;

/** So that nobody who chooses the texts can choose their hashes. */
const SEED = (Math.random() * 2 ** 32) >>> 0;

/**
 * Very many distinct texts: UTF-8 side by side in pages of 1 MiB, found by a hash over their UTF-16 units. About 20 bytes
 * a text and its own, where a JS string in a Map takes 100.
 *
 *   address of a code ─► │ length u16le │ 0x80 = ASCII, else 0 │ UTF-8 … │
 */
export class TextTable {
  readonly #pages: Buffer[] = [];
  /** Bytes used of the last page. */
  #used = PAGE_BYTES;
  /** Per code, in pages. */
  readonly #addresses: Uint32Array[] = [];
  readonly #unpacked = new Map<number, string>();
  readonly #codes = new IdTable();
  readonly #kept: string[] = [];
  readonly #keptCodes = new Int32Array(KEPT_STRINGS).fill(-1);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get sizeBytes(): number {
    return (
      this.#pages.length * PAGE_BYTES + this.#addresses.length * 4 * 2 ** ADDRESS_PAGE_BITS + this.#codes.sizeBytes
    );
  }

  string(code: number): string {
    const place = code % KEPT_STRINGS;
    if (this.#keptCodes[place] === code) return this.#kept[place]!;
    const text = this.#read(code);
    this.#kept[place] = text;
    this.#keptCodes[place] = code;
    return text;
  }

  /** The code of `text`, or -1. */
  find(text: string): number {
    return this.#find(text, hashOf(text));
  }

  /** The code of `text`, which is added if new. */
  codeOf(text: string): number {
    const hash = hashOf(text);
    const known = this.#find(text, hash);
    if (known >= 0) return known;
    const code = this.#size;
    if ((code & (2 ** ADDRESS_PAGE_BITS - 1)) === 0) this.#addresses.push(new Uint32Array(2 ** ADDRESS_PAGE_BITS));
    this.#addresses[code >>> ADDRESS_PAGE_BITS]![code & (2 ** ADDRESS_PAGE_BITS - 1)] = this.#pack(text, code);
    this.#size++;
    this.#codes.insert(hash, code);
    return code;
  }

  #find(text: string, hash: number): number {
    const slots = this.#codes.slotsOf(hash);
    const mask = slots.length - 1;
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const code = slots[slot] - 1;
      if (this.#codes.hashOf(code) === hash && this.#isText(code, text)) return code;
    }
    return -1;
  }

  #isText(code: number, text: string): boolean {
    const address = this.#addressOf(code);
    if (address === NOT_PACKED) return this.#unpacked.get(code) === text;
    const page = this.#pages[address >>> PAGE_BITS]!;
    const at = address & (PAGE_BYTES - 1);
    const length = page[at] | (page[at + 1] << 8);
    if (page[at + 2] !== ASCII) return length >= text.length && page.toString('utf8', at + 3, at + 3 + length) === text;
    if (length !== text.length) return false;
    for (let index = 0; index < length; index++) if (page[at + 3 + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  #read(code: number): string {
    const address = this.#addressOf(code);
    if (address === NOT_PACKED) return this.#unpacked.get(code)!;
    const page = this.#pages[address >>> PAGE_BITS]!;
    const at = address & (PAGE_BYTES - 1);
    const end = at + 3 + (page[at] | (page[at + 1] << 8));
    return page.toString(page[at + 2] === ASCII ? 'latin1' : 'utf8', at + 3, end);
  }

  #addressOf(code: number): number {
    return this.#addresses[code >>> ADDRESS_PAGE_BITS]![code & (2 ** ADDRESS_PAGE_BITS - 1)];
  }

  #pack(text: string, code: number): number {
    const length = Buffer.byteLength(text);
    if (length > MAX_TEXT_BYTES || !this.#makeRoom(3 + length)) {
      this.#unpacked.set(code, text);
      return NOT_PACKED;
    }
    const page = this.#pages.at(-1)!;
    const at = this.#used;
    const isAscii = length === text.length;
    page[at] = length;
    page[at + 1] = length >>> 8;
    page[at + 2] = isAscii ? ASCII : 0;
    page.write(text, at + 3, isAscii ? 'latin1' : 'utf8');
    this.#used += 3 + length;
    return (this.#pages.length - 1) * PAGE_BYTES + at;
  }

  #makeRoom(bytes: number): boolean {
    if (this.#used + bytes <= PAGE_BYTES) return true;
    // The last address of all means "not packed".
    if (this.#pages.length === MAX_PAGES - 1) return false;
    this.#pages.push(Buffer.alloc(PAGE_BYTES));
    this.#used = 0;
    return true;
  }
}

function hashOf(text: string): number {
  let hash = SEED ^ text.length;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
