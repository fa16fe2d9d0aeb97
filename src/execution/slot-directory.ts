/** Slots of a segment that is full grown; half of them are used at most. */
const SEGMENT_BITS = 12;
const FIRST_BITS = 7;
/** Segments are told apart by the bits of the hash above those of the slot. */
const MAX_DEPTH = 32 - SEGMENT_BITS;
/** Behind the slots of a segment: how many are used, and by how many bits it is told from others. */
const TRAILER = 2;

/**
 * Which numbers stand under a hash: open addressing in segments of a few thousand slots. A segment that is half full is
 * parted in two by one more bit of the hash (extendible hashing), so that a table of millions grows without ever being
 * built anew.
 *
 *   directory   hash bits 12 … 11 + depth → segment; several entries may name the same one
 *   segment     | slot 0 | slot 1 | … | used | depth |     a slot holds a number and one more; 0 is an empty one
 */
export class SlotDirectory {
  #segments: Int32Array[] = [newSegment(FIRST_BITS, 0)];
  #depth = 0;
  #sizeBytes = this.#segments[0].byteLength;
  /** The hash of a number that was added. */
  readonly #hashOf: (number: number) => number;

  constructor(hashOf: (number: number) => number) {
    this.#hashOf = hashOf;
  }

  get sizeBytes(): number {
    return this.#sizeBytes + this.#segments.length * 8;
  }

  /** Where the numbers of a hash stand: from `slotOf(hash, segment)` on, up to the first empty slot, wrapping around. */
  segmentOf(hash: number): Int32Array {
    return this.#segments[(hash >>> SEGMENT_BITS) & (this.#segments.length - 1)];
  }

  /** Puts a number into the empty slot that was found for its hash. */
  put(segment: Int32Array, slot: number, number: number, hash: number): void {
    segment[slot] = number + 1;
    const slots = segment.length - TRAILER;
    const used = ++segment[slots];
    if (used * 2 > slots) this.#grow(segment, hash);
  }

  #grow(segment: Int32Array, hash: number): void {
    const slots = segment.length - TRAILER;
    const depth = segment[slots + 1];
    // Hashes that agree in all bits cannot be parted.
    if (slots < 1 << SEGMENT_BITS || depth === MAX_DEPTH) {
      const larger = newSegment(31 - Math.clz32(slots) + 1, depth);
      this.#move(segment, () => larger);
      this.#replace(segment, hash, depth, () => larger);
      this.#sizeBytes += larger.byteLength - segment.byteLength;
      return;
    }
    if (depth === this.#depth) {
      this.#segments = [...this.#segments, ...this.#segments];
      this.#depth += 1;
    }
    const low = newSegment(SEGMENT_BITS, depth + 1);
    const high = newSegment(SEGMENT_BITS, depth + 1);
    this.#move(segment, (its) => (((its >>> (SEGMENT_BITS + depth)) & 1) === 0 ? low : high));
    this.#replace(segment, hash, depth, (entry) => (((entry >>> depth) & 1) === 0 ? low : high));
    this.#sizeBytes += low.byteLength + high.byteLength - segment.byteLength;
    // All of them may have gone to one side.
    for (const half of [low, high]) if (half[half.length - TRAILER] * 2 > half.length - TRAILER) this.#regrow(half);
  }

  #regrow(segment: Int32Array): void {
    this.#grow(segment, this.#hashOf(segment.find((entry) => entry > 0)! - 1));
  }

  #move(from: Int32Array, target: (hash: number) => Int32Array): void {
    for (let at = 0; at < from.length - TRAILER; at++) {
      const entry = from[at];
      if (entry === 0) continue;
      const hash = this.#hashOf(entry - 1);
      const to = target(hash);
      let slot = slotOf(hash, to);
      while (to[slot] !== 0) slot = nextSlot(slot, to);
      to[slot] = entry;
      to[to.length - TRAILER] += 1;
    }
  }

  /** Every entry of the directory that names `segment`: those that agree with the hash in its bits. */
  #replace(segment: Int32Array, hash: number, depth: number, by: (entry: number) => Int32Array): void {
    const step = 2 ** depth;
    for (let entry = (hash >>> SEGMENT_BITS) & (step - 1); entry < this.#segments.length; entry += step) {
      if (this.#segments[entry] === segment) this.#segments[entry] = by(entry);
    }
  }
}

export function slotOf(hash: number, segment: Int32Array): number {
  return hash & (segment.length - TRAILER - 1);
}

export function nextSlot(slot: number, segment: Int32Array): number {
  return (slot + 1) & (segment.length - TRAILER - 1);
}

function newSegment(bits: number, depth: number): Int32Array {
  const segment = new Int32Array((1 << bits) + TRAILER);
  segment[segment.length - 1] = depth;
  return segment;
}
