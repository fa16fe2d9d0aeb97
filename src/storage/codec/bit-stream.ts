import { OutOfBytesError } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';

/** Bits from the highest of each byte down, in a buffer of fixed size. */
export class BitWriter {
  readonly #bytes: Uint8Array;
  #size = 0;
  #pending = 0;
  #pendingBits = 0;

  constructor(capacityBytes: number) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  clear(): void {
    this.#size = 0;
    this.#pending = 0;
    this.#pendingBits = 0;
  }

  /** Appends the lowest `width` (0 to 32) bits of `value`. */
  write(value: number, width: number): void {
    if (width > 16) {
      this.#writeShort(value >>> 16, width - 16);
      this.#writeShort(value & 0xffff, 16);
    } else this.#writeShort(value, width);
  }

  /** Whole bytes so far, the last one filled up with zeros. */
  get sizeBytes(): number {
    return this.#size + (this.#pendingBits > 0 ? 1 : 0);
  }

  appendTo(writer: ByteWriter): void {
    writer.bytes(this.#bytes.subarray(0, this.#size));
    if (this.#pendingBits > 0) writer.uint8((this.#pending << (8 - this.#pendingBits)) & 0xff);
  }

  #writeShort(value: number, width: number): void {
    this.#pending = (this.#pending << width) | (value & ((1 << width) - 1));
    this.#pendingBits += width;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      this.#bytes[this.#size++] = this.#pending >>> this.#pendingBits;
    }
    this.#pending &= 0xff;
  }
}

/** Reads what `BitWriter` wrote, and never past the end. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #pending = 0;
  #pendingBits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next `width` (0 to 32) bits as an unsigned integer. */
  read(width: number): number {
    if (width <= 16) return this.#readShort(width);
    const high = this.#readShort(width - 16);
    return high * 65536 + this.#readShort(16);
  }

  #readShort(width: number): number {
    while (this.#pendingBits < width) {
      if (this.#at === this.#bytes.length) throw new OutOfBytesError(1, 0);
      this.#pending = ((this.#pending << 8) | this.#bytes[this.#at++]) & 0xffffff;
      this.#pendingBits += 8;
    }
    this.#pendingBits -= width;
    return (this.#pending >>> this.#pendingBits) & ((1 << width) - 1);
  }
}
