/** Bytes of a key that are compared as one number: as many as a double holds exactly. */
export const HEAD_BYTES = 6;
/** What a page can say the length of, and more than PostgreSQL takes. */
export const MAX_KEY_BYTES = 8191;

/** Follows every other byte that a column of a key begins with: what is after all keys that begin with the same columns. */
const AFTER_ALL = 0xff;

/**
 * One key as bytes whose order is the order of the keys: what a search goes by and what is put into an index. One object
 * serves many keys. No key is the beginning of another one, so that heads of equal keys alone are equal when neither is
 * longer.
 */
export class IndexKey {
  bytes = new Uint8Array(64);
  length = 0;
  /** The first bytes as one number, filled up with zeros: to be set by `finish` after the last byte. */
  head = 0;

  clear(): void {
    this.length = 0;
  }

  push(byte: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + count, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  finish(): this {
    const { bytes, length } = this;
    let head = 0;
    for (let index = 0; index < HEAD_BYTES; index++) head = head * 256 + (index < length ? bytes[index] : 0);
    this.head = head;
    return this;
  }

  /** Makes it the first key after all that begin with it. */
  finishAfter(): this {
    this.push(AFTER_ALL);
    return this.finish();
  }

  copyFrom(other: IndexKey): this {
    this.length = 0;
    this.reserve(other.length);
    this.bytes.set(other.bytes.subarray(0, other.length));
    this.length = other.length;
    this.head = other.head;
    return this;
  }

  /** 32 bits, the same for a key that came out of a page. */
  hash(): number {
    const { bytes, head } = this;
    let hash = Math.imul(((head % 4294967296) ^ 0x811c9dc5) + Math.floor(head / 4294967296), 0x01000193);
    for (let index = HEAD_BYTES; index < this.length; index++) hash = Math.imul(hash ^ bytes[index], 0x01000193);
    // The low bits, which directories go by, get something of all others.
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
    return (hash ^ (hash >>> 15)) >>> 0;
  }
}
