/** Buffers that are larger than the first steps of a slab, and no more of them than this many bytes. */
const MIN_BYTES = 16_384;
const MAX_KEPT_BYTES = 32 << 20;

/**
 * The buffers of a transaction's memtables. Those of rows that have gone to disk are used again: a large COPY would leave
 * hundreds of megabytes to the garbage collector otherwise.
 */
export class SlabBuffers {
  /** By size. */
  readonly #free = new Map<number, ArrayBuffer[]>();
  #keptBytes = 0;

  /** A buffer of zeros; `isFilled`: of anything, since nobody reads what was not written. */
  take(sizeBytes: number, isFilled = false): ArrayBuffer {
    const buffer = this.#free.get(sizeBytes)?.pop();
    if (buffer === undefined) return new ArrayBuffer(sizeBytes);
    this.#keptBytes -= sizeBytes;
    if (!isFilled) new Uint8Array(buffer).fill(0);
    return buffer;
  }

  /** Nobody reads it any more. */
  give(array: ArrayBufferView | undefined): void {
    if (array === undefined || !(array.buffer instanceof ArrayBuffer)) return;
    const { buffer } = array;
    const { byteLength } = buffer;
    if (byteLength < MIN_BYTES || this.#keptBytes + byteLength > MAX_KEPT_BYTES) return;
    const free = this.#free.get(byteLength);
    if (free === undefined) this.#free.set(byteLength, [buffer]);
    else free.push(buffer);
    this.#keptBytes += byteLength;
  }
}
