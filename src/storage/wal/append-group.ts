import { crc32 } from '../../bytes/crc32.ts';
import type { Lsn } from '../../catalog/table.ts';
import { beginRecord, RECORD_HEADER_BYTES, RecordKind, SEAL_BYTES } from './log-record.ts';

const INITIAL_BYTES = 64 * 1024;
const KEPT_BYTES = 4 << 20;

/**
 * Commit records that wait to be written together, laid out as they will stand in the file, so that one write call
 * takes them all. In front is room for a seal.
 *
 *   | seal (56 bytes) | record | record | …
 */
export class AppendGroup {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = SEAL_BYTES;
  #lastLsn: Lsn = 0;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #durable: Promise<void> | undefined;

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  /** Where the last record ends. */
  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#length === SEAL_BYTES;
  }

  get lastLsn(): Lsn {
    return this.#lastLsn;
  }

  /** The promise that all appends of this group share. */
  get durable(): Promise<void> {
    if (this.#durable === undefined) {
      this.#durable = new Promise((resolve, reject) => {
        this.#settle = { resolve, reject };
      });
      // Nobody has to wait for it (synchronous_commit = off): then its rejection is nobody's error.
      this.#durable.catch(() => {});
    }
    return this.#durable;
  }

  add(lsn: Lsn, body: Uint8Array): void {
    const at = this.#length;
    this.#reserve(RECORD_HEADER_BYTES + body.length);
    beginRecord(this.#view, at, {
      kind: RecordKind.Commit,
      lsn,
      bodyLength: body.length,
      bodyCrc: crc32(body),
    });
    this.#bytes.set(body, at + RECORD_HEADER_BYTES);
    this.#lastLsn = lsn;
  }

  resolve(): void {
    this.#settle?.resolve();
  }

  reject(error: Error): void {
    this.#settle?.reject(error);
  }

  /** Makes an empty group of it again, with a new promise. */
  clear(): void {
    if (this.#bytes.length > KEPT_BYTES) {
      this.#bytes = new Uint8Array(INITIAL_BYTES);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#length = SEAL_BYTES;
    this.#durable = undefined;
    this.#settle = undefined;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(this.#bytes.length * 2, this.#bytes.length + (64 << 20))));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
  }
}
