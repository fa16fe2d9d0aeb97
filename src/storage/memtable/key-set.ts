/** Where the keys of rows are read from. */
export interface KeyedRowSource {
  readonly rowCount: number;
  seriesAt(row: number): number;
  timeAt(row: number): number;
  fractionAt(row: number): number;
}

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/**
 * The points (series, time, fraction) of a growing list of rows, for key checks and deletes: open addressing over row
 * numbers, and from each row to the one before with the same key; 12 bytes a row. It follows its source lazily, so that tables which never check a key pay nothing.
 */
export class KeySet {
  readonly #source: KeyedRowSource;
  /** The newest row of each key, plus 1. */
  #slots = new Uint32Array(128);
  /** Per row the row before with the same key, plus 1. */
  #previous = new Uint32Array(64);
  #indexedRows = 0;

  constructor(source: KeyedRowSource) {
    this.#source = source;
  }

  /** The newest row with this key, or -1. */
  find(seriesId: number, time: number, fraction: number): number {
    this.#follow();
    const mask = this.#slots.length - 1;
    let slot = hashKey(seriesId, time, fraction) & mask;
    for (;;) {
      const entry = this.#slots[slot];
      if (entry === 0) return -1;
      if (this.#isKeyOf(entry - 1, seriesId, time, fraction)) return entry - 1;
      slot = (slot + 1) & mask;
    }
  }

  /** The row before `row` with the same key, or -1. `row` comes from `find` or from here. */
  previous(row: number): number {
    return this.#previous[row] - 1;
  }

  #follow(): void {
    const { rowCount } = this.#source;
    if (rowCount * 2 > this.#slots.length) {
      let capacity = this.#slots.length;
      while (capacity < rowCount * 2) capacity *= 2;
      this.#slots = new Uint32Array(capacity);
      this.#previous = new Uint32Array(capacity >>> 1);
      this.#indexedRows = 0;
    }
    const mask = this.#slots.length - 1;
    for (let row = this.#indexedRows; row < rowCount; row++) {
      const seriesId = this.#source.seriesAt(row);
      const time = this.#source.timeAt(row);
      const fraction = this.#source.fractionAt(row);
      let slot = hashKey(seriesId, time, fraction) & mask;
      while (this.#slots[slot] !== 0) {
        if (this.#isKeyOf(this.#slots[slot] - 1, seriesId, time, fraction)) break;
        slot = (slot + 1) & mask;
      }
      this.#previous[row] = this.#slots[slot];
      this.#slots[slot] = row + 1;
    }
    this.#indexedRows = rowCount;
  }

  #isKeyOf(row: number, seriesId: number, time: number, fraction: number): boolean {
    const source = this.#source;
    return source.timeAt(row) === time && source.seriesAt(row) === seriesId && source.fractionAt(row) === fraction;
  }
}

function hashKey(seriesId: number, time: number, fraction: number): number {
  // + 0 makes -0 and 0 one key.
  scratch[0] = time + 0;
  let hash = Math.imul(seriesId ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ scratchWords[0], 0xc2b2ae35);
  hash ^= hash >>> 15;
  hash = Math.imul(hash ^ scratchWords[1] ^ fraction, 0x27d4eb2f);
  return (hash ^ (hash >>> 13)) >>> 0;
}
