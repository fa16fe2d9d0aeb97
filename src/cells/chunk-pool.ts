/** 64 KiB that are worth a write, and room for the row that passes them. */
export const CHUNK_BYTES = 81_920;

const MAX_KEPT_CHUNKS = 32;

/** Buffers that results are written into and that the socket is done with, to be filled again. */
export class ChunkPool {
  readonly #kept: Uint8Array[] = [];

  /** Of CHUNK_BYTES; what stands in it is undefined. */
  take(): Uint8Array {
    return this.#kept.pop() ?? new Uint8Array(CHUNK_BYTES);
  }

  /** Of any size; only chunks are kept, and not too many. Nobody may read or write it afterwards. */
  giveBack(bytes: Uint8Array): void {
    if (bytes.length === CHUNK_BYTES && this.#kept.length < MAX_KEPT_CHUNKS) this.#kept.push(bytes);
  }
}

/** All connections share one. */
export const sharedChunks = new ChunkPool();
