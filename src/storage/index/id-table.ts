/** Slots of a part at most: what is moved at once when a part is split. */
const MAX_PART_SLOTS = 4096;
const FIRST_PART_SLOTS = 16;
/** Hashes that are the same this far are not told apart by splitting: their part grows instead. */
const MAX_DEPTH = 20;

const HASH_PAGE_BITS = 14;
const HASH_PAGE_IDS = 2 ** HASH_PAGE_BITS;

interface Part {
  /** Open addressing over id + 1; 0 = free. A power of two of them. */
  slots: Uint32Array;
  count: number;
  /** How many of the highest bits of their hashes all ids in it have in common. */
  depth: number;
}

/**
 * Ids by the hashes of what they stand for: extendible hashing. The highest bits of a hash choose a part, the lowest ones
 * the slot to begin at. A part that is three quarters full doubles or, at its full size, is split in two, so that no
 * insertion moves more than a few thousand ids. About 11 bytes an id, 4 of them its hash.
 *
 *   directory, 2^depth entries  │ part a │ part a │ part b │ part c │
 */
export class IdTable {
  /** Of all ids, in pages. */
  readonly #hashes: Uint32Array[] = [];
  #depth = 0;
  #directory: Part[] = [{ slots: new Uint32Array(FIRST_PART_SLOTS), count: 0, depth: 0 }];

  get sizeBytes(): number {
    let sizeBytes = this.#directory.length * 8;
    for (const page of this.#hashes) sizeBytes += page.byteLength;
    for (const part of this.#parts()) sizeBytes += part.slots.byteLength + 64;
    return sizeBytes;
  }

  /** The slots where a hash may be: to be searched from `hash` on, cyclically, up to a 0. Entries are ids + 1. */
  slotsOf(hash: number): Uint32Array {
    return this.#directory[this.#placeOf(hash)]!.slots;
  }

  /** The hash, a uint32, under which an id was inserted. */
  hashOf(id: number): number {
    return this.#hashes[id >>> HASH_PAGE_BITS]![id & (HASH_PAGE_IDS - 1)];
  }

  /** The id must not be there; those before it must have been. */
  insert(hash: number, id: number): void {
    this.#noteHash(hash, id);
    let part = this.#directory[this.#placeOf(hash)]!;
    while ((part.count + 1) * 4 > part.slots.length * 3) {
      if (part.slots.length < MAX_PART_SLOTS || part.depth >= MAX_DEPTH) this.#grow(part);
      else this.#split(part, hash);
      part = this.#directory[this.#placeOf(hash)]!;
    }
    put(part, hash, id);
  }

  /** No effect if the id is not there. */
  remove(id: number): void {
    const hash = this.hashOf(id);
    const part = this.#directory[this.#placeOf(hash)]!;
    const { slots } = part;
    const mask = slots.length - 1;
    let hole = hash & mask;
    while (slots[hole] !== id + 1) {
      if (slots[hole] === 0) return;
      hole = (hole + 1) & mask;
    }
    part.count--;
    // What stands behind moves up, unless it would come to stand before the slot where its search begins.
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const start = this.hashOf(slots[slot] - 1) & mask;
      if (((slot - start) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot];
      hole = slot;
    }
    slots[hole] = 0;
  }

  #noteHash(hash: number, id: number): void {
    const index = id >>> HASH_PAGE_BITS;
    const offset = id & (HASH_PAGE_IDS - 1);
    while (this.#hashes.length <= index) {
      this.#hashes.push(new Uint32Array(this.#hashes.length === 0 ? FIRST_PART_SLOTS : HASH_PAGE_IDS));
    }
    let page = this.#hashes[index]!;
    if (offset >= page.length) {
      let capacity = page.length;
      while (capacity <= offset) capacity *= 2;
      const grown = new Uint32Array(capacity);
      grown.set(page);
      this.#hashes[index] = grown;
      page = grown;
    }
    page[offset] = hash;
  }

  #placeOf(hash: number): number {
    return this.#depth === 0 ? 0 : hash >>> (32 - this.#depth);
  }

  #grow(part: Part): void {
    const older = part.slots;
    part.slots = new Uint32Array(older.length * 2);
    part.count = 0;
    for (const entry of older) if (entry !== 0) put(part, this.hashOf(entry - 1), entry - 1);
  }

  #split(part: Part, hash: number): void {
    if (part.depth === this.#depth) {
      this.#depth++;
      const directory: Part[] = [];
      for (const same of this.#directory) directory.push(same, same);
      this.#directory = directory;
    }
    const depth = part.depth + 1;
    const halves = [0, 1].map((): Part => ({ slots: new Uint32Array(part.slots.length), count: 0, depth }));
    for (const entry of part.slots) {
      if (entry === 0) continue;
      const entryHash = this.hashOf(entry - 1);
      put(halves[(entryHash >>> (32 - depth)) & 1]!, entryHash, entry - 1);
    }
    // The part stood in a row of entries, of which the first half now leads to one half and the rest to the other.
    const span = 2 ** (this.#depth - depth);
    const first = Math.floor(this.#placeOf(hash) / (span * 2)) * span * 2;
    this.#directory.fill(halves[0]!, first, first + span);
    this.#directory.fill(halves[1]!, first + span, first + span * 2);
  }

  *#parts(): Generator<Part> {
    let previous: Part | undefined;
    for (const part of this.#directory) {
      if (part !== previous) yield part;
      previous = part;
    }
  }
}

function put(part: Part, hash: number, id: number): void {
  const { slots } = part;
  const mask = slots.length - 1;
  let slot = hash & mask;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  slots[slot] = id + 1;
  part.count++;
}
