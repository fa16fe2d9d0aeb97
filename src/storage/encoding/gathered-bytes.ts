import type { SegmentSink } from '../segment/segment-writer.ts';

/** Bytes that are sent at once. */
const SENT_BYTES = 262_144;

/** Puts small pieces of a segment together before they are sent to another thread. */
export class GatheredBytes implements SegmentSink {
  readonly #send: (bytes: Uint8Array<ArrayBuffer>) => void;
  #bytes = new Uint8Array(SENT_BYTES);
  #length = 0;

  constructor(send: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const count = Math.min(bytes.length - from, SENT_BYTES - this.#length);
      this.#bytes.set(bytes.subarray(from, from + count), this.#length);
      this.#length += count;
      from += count;
      if (this.#length === SENT_BYTES) this.send();
    }
  }

  /** What there is, be it little. */
  send(): void {
    if (this.#length === 0) return;
    const isFull = this.#length === SENT_BYTES;
    this.#send(isFull ? this.#bytes : this.#bytes.slice(0, this.#length));
    if (isFull) this.#bytes = new Uint8Array(SENT_BYTES);
    this.#length = 0;
  }
}
