import { CHUNK_BYTES, type ChunkPool, sharedChunks } from './chunk-pool.ts';

const utf8 = new TextEncoder();

/** A buffer of this size is worth a write. */
export const FLUSH_BYTES = 65_536;

/** What a connection keeps for itself. */
const OWN_BYTES = 16_384;

/** Of a few bytes, in a piece of memory that many of them share: memory for each would cost more than the copy. */
function copyOf(bytes: Uint8Array, length: number): Uint8Array {
  const copy = Buffer.allocUnsafe(length);
  copy.set(bytes.subarray(0, length));
  return copy;
}

/** Finished bytes. Whoever takes them calls `release`, if there is one, when they will not be read again. */
export interface TakenBytes {
  readonly bytes: Uint8Array;
  readonly release: (() => void) | undefined;
}

/**
 * The bytes on their way to the client. Writers of cells fill `bytes` at `length` themselves after `reserve`: at this
 * place a method call per byte is what a result set costs. A small buffer serves most messages; results go into chunks of
 * a pool, which are handed to the socket as they are.
 */
export class OutputBuffer {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  readonly #own: Uint8Array;
  readonly #ownView: DataView;
  readonly #chunks: ChunkPool;

  constructor(chunks: ChunkPool = sharedChunks) {
    this.#own = new Uint8Array(OWN_BYTES);
    this.#ownView = new DataView(this.#own.buffer);
    this.#chunks = chunks;
    this.bytes = this.#own;
    this.view = this.#ownView;
  }

  /** Makes room for `count` more bytes. Replaces `bytes` and `view` when it must grow. */
  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.#grow(this.length + count);
  }

  uint8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    this.view.setInt16(this.length, value);
    this.length += 2;
  }

  int32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.length, value);
    this.length += 4;
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** UTF-8 without length or terminator. */
  text(text: string): void {
    this.reserve(text.length * 3);
    if (text.length <= 64 && this.#asciiText(text)) return;
    this.length += utf8.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  zeroTerminated(text: string): void {
    this.text(text);
    this.uint8(0);
  }

  /** What was written; the buffer is empty afterwards. */
  take(): TakenBytes {
    const { bytes, length } = this;
    this.length = 0;
    if (bytes === this.#own) return { bytes: copyOf(bytes, length), release: undefined };
    this.bytes = this.#own;
    this.view = this.#ownView;
    return { bytes: bytes.subarray(0, length), release: () => this.#chunks.giveBack(bytes) };
  }

  #grow(needed: number): void {
    const before = this.bytes;
    const grown = needed <= CHUNK_BYTES ? this.#chunks.take() : new Uint8Array(Math.max(needed, before.length * 2));
    grown.set(before.subarray(0, this.length));
    if (before !== this.#own) this.#chunks.giveBack(before);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Short texts are mostly ASCII, and a loop beats the call into the encoder. */
  #asciiText(text: string): boolean {
    const { bytes, length } = this;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[length + index] = code;
    }
    this.length = length + text.length;
    return true;
  }
}
