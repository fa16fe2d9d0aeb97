/** Where the keys of rows are read from. */
export interface KeyedRowSource {
  readonly rowCount: number;
  seriesAt(row: number): number;
  timeAt(row: number): number;
  fractionAt(row: number): number;
}

/** One share of the keys: open addressing over the newest row of each key, plus 1. */
interface Part {
  slots: Uint32Array;
  /** Keys, not rows. */
  count: number;
}

const PARTS = 64;
const PART_SHIFT = 26;

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/**
 * The points (series, time, fraction) of a growing list of rows, for key checks and deletes: open addressing over row
 * numbers, and from each row to the one before with the same key; 12 bytes a row. It follows its source lazily, so that
 * tables which never check a key pay nothing.
 */
export class KeySet {
  readonly #source: KeyedRowSource;
  /** By the highest bits of the hash, so that no more than a part of it is made anew when it grows. */
  readonly #parts: (Part | undefined)[] = new Array(PARTS).fill(undefined);
  /** Per row the row before with the same key, plus 1. */
  #previous = new Uint32Array(64);
  #indexedRows = 0;

  constructor(source: KeyedRowSource) {
    this.#source = source;
  }

  /** The newest row with this key, or -1. */
  find(seriesId: number, time: number, fraction: number): number {
    this.follow();
    const hash = hashKey(seriesId, time, fraction);
    const slots = this.#parts[hash >>> PART_SHIFT]?.slots;
    if (slots === undefined) return -1;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const entry = slots[slot];
      if (entry === 0) return -1;
      if (this.#isKeyOf(entry - 1, seriesId, time, fraction)) return entry - 1;
      slot = (slot + 1) & mask;
    }
  }

  /** The row before `row` with the same key, or -1. `row` comes from `find` or from here. */
  previous(row: number): number {
    return this.#previous[row] - 1;
  }

  /** Takes in at most `maxRows` rows that have come since; false when there are none left. */
  follow(maxRows = Number.POSITIVE_INFINITY): boolean {
    const source = this.#source;
    const end = Math.min(source.rowCount, this.#indexedRows + maxRows);
    if (source.rowCount > this.#previous.length) {
      const previous = new Uint32Array(Math.max(source.rowCount, this.#previous.length * 2));
      previous.set(this.#previous);
      this.#previous = previous;
    }
    for (let row = this.#indexedRows; row < end; row++) {
      const seriesId = source.seriesAt(row);
      const time = source.timeAt(row);
      const fraction = source.fractionAt(row);
      const hash = hashKey(seriesId, time, fraction);
      const part = this.#partOf(hash);
      const { slots } = part;
      const mask = slots.length - 1;
      let slot = hash & mask;
      while (slots[slot] !== 0 && !this.#isKeyOf(slots[slot] - 1, seriesId, time, fraction)) slot = (slot + 1) & mask;
      const before = slots[slot];
      this.#previous[row] = before;
      slots[slot] = row + 1;
      if (before === 0 && ++part.count * 2 > slots.length) this.#grow(part);
    }
    this.#indexedRows = end;
    return end < source.rowCount;
  }

  #partOf(hash: number): Part {
    const index = hash >>> PART_SHIFT;
    let part = this.#parts[index];
    if (part === undefined) {
      part = { slots: new Uint32Array(8), count: 0 };
      this.#parts[index] = part;
    }
    return part;
  }

  #grow(part: Part): void {
    const { slots } = part;
    const grown = new Uint32Array(slots.length * 2);
    const mask = grown.length - 1;
    for (const entry of slots) {
      if (entry === 0) continue;
      const row = entry - 1;
      let slot = hashKey(this.#source.seriesAt(row), this.#source.timeAt(row), this.#source.fractionAt(row)) & mask;
      while (grown[slot] !== 0) slot = (slot + 1) & mask;
      grown[slot] = entry;
    }
    part.slots = grown;
  }

  #isKeyOf(row: number, seriesId: number, time: number, fraction: number): boolean {
    const source = this.#source;
    return source.timeAt(row) === time && source.seriesAt(row) === seriesId && source.fractionAt(row) === fraction;
  }
}

/** 32 bits of a point's key. */
export function hashKey(seriesId: number, time: number, fraction: number): number {
  // + 0 makes -0 and 0 one key.
  scratch[0] = time + 0;
  let hash = Math.imul(seriesId ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ scratchWords[0], 0xc2b2ae35);
  hash ^= hash >>> 15;
  hash = Math.imul(hash ^ scratchWords[1] ^ fraction, 0x27d4eb2f);
  return (hash ^ (hash >>> 13)) >>> 0;
}
