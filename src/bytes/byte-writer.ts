const utf8 = new TextEncoder();

/**
 * A growing byte buffer written from front to back. Multi-byte numbers are big-endian by default names (`int32`), as on
 * PostgreSQL's wire, and little-endian where the name says so (`uint32le`), as in our files.
 */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** What has been written so far, without copying: valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what has been written so far. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Forgets what was written and keeps the buffer. */
  clear(): void {
    this.#length = 0;
  }

  /** Drops everything after `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  uint8(value: number): void {
    // The buffer is looked up after room was made: making room may replace it.
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setInt16(at, value);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value);
  }

  uint32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value);
  }

  int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, value);
  }

  float32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setFloat32(at, value);
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value);
  }

  uint16le(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
  }

  uint32le(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  float64le(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Unsigned LEB128, for integers up to 2^53. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.uint8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.uint8(rest);
  }

  bytes(source: Uint8Array): void {
    const at = this.#reserve(source.length);
    this.#bytes.set(source, at);
  }

  /** UTF-8 without length or terminator; returns the number of bytes. */
  string(text: string): number {
    const start = this.#length;
    const at = this.#reserve(text.length * 3);
    const { written } = utf8.encodeInto(text, this.#bytes.subarray(at));
    this.#length = start + written;
    return written;
  }

  /** A length as varint, then UTF-8. */
  lengthPrefixedString(text: string): void {
    const encoded = utf8.encode(text);
    this.varint(encoded.length);
    this.bytes(encoded);
  }

  /** Overwrites four bytes written earlier, big-endian: length words that are known only at the end. */
  setInt32(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  setUint32le(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  #reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.view());
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return at;
  }
}
