const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Thrown when bytes end early; callers turn it into their own error (protocol violation, corruption). */
export class OutOfBytesError extends Error {
  constructor(wanted: number, left: number) {
    super(`${wanted} bytes wanted, ${left} left`);
    this.name = 'OutOfBytesError';
  }
}

/** Reads bytes from front to back and never past the end. Names as in `ByteWriter`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  uint8(): number {
    return this.#bytes[this.#take(1)];
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4));
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  uint16le(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  uint32le(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  float64le(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** Unsigned LEB128 up to 2^53. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let index = 0; index < 8; index++) {
      const byte = this.uint8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
    throw new OutOfBytesError(1, 0);
  }

  /** The next `count` bytes, without copying. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** UTF-8 of `count` bytes; throws TypeError when it is none. */
  string(count: number): string {
    return utf8.decode(this.bytes(count));
  }

  lengthPrefixedString(): string {
    return this.string(this.varint());
  }

  /** UTF-8 up to a zero byte, which is consumed. */
  zeroTerminatedString(): string {
    const end = this.#bytes.indexOf(0, this.#position);
    if (end < 0) throw new OutOfBytesError(1, 0);
    const text = utf8.decode(this.#bytes.subarray(this.#position, end));
    this.#position = end + 1;
    return text;
  }

  #take(count: number): number {
    if (count < 0 || count > this.#bytes.length - this.#position) throw new OutOfBytesError(count, this.remaining);
    const at = this.#position;
    this.#position = at + count;
    return at;
  }
}
