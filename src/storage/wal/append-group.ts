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
  #unsyncedLsn: Lsn = 0;
  #needsSync = false;
  readonly #durable = new SharedPromise();
  readonly #written = new SharedPromise();

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

  /** Some record of the group is to be synced before it counts as durable. */
  get needsSync(): boolean {
    return this.#needsSync;
  }

  /** The last of the records in front of the first one that needs a sync; 0 when there are none. */
  get unsyncedLsn(): Lsn {
    return this.#unsyncedLsn;
  }

  /** The promise that all appends of this group share, but those that `written` is for. */
  get durable(): Promise<void> {
    return this.#durable.promise;
  }

  /** For the records up to `unsyncedLsn`. */
  get written(): Promise<void> {
    return this.#written.promise;
  }

  /** Returns when the record counts as durable. */
  add(lsn: Lsn, body: Uint8Array, { needsSync }: { needsSync: boolean }): Promise<void> {
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
    if (needsSync) this.#needsSync = true;
    if (this.#needsSync) return this.durable;
    this.#unsyncedLsn = lsn;
    return this.written;
  }

  /** The group stands in the file. */
  resolveWritten(): void {
    this.#written.resolve();
  }

  resolve(): void {
    this.#written.resolve();
    this.#durable.resolve();
  }

  reject(error: Error): void {
    this.#written.reject(error);
    this.#durable.reject(error);
  }

  /** Makes an empty group of it again, with a new promise. */
  clear(): void {
    if (this.#bytes.length > KEPT_BYTES) {
      this.#bytes = new Uint8Array(INITIAL_BYTES);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#length = SEAL_BYTES;
    this.#unsyncedLsn = 0;
    this.#needsSync = false;
    this.#durable.clear();
    this.#written.clear();
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

/** A promise that is made when somebody asks for it. */
class SharedPromise {
  #promise: Promise<void> | undefined;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  get promise(): Promise<void> {
    if (this.#promise === undefined) {
      this.#promise = new Promise((resolve, reject) => {
        this.#settle = { resolve, reject };
      });
      // Nobody has to wait for it: then its rejection is nobody's error.
      this.#promise.catch(() => {});
    }
    return this.#promise;
  }

  resolve(): void {
    this.#settle?.resolve();
  }

  reject(error: Error): void {
    this.#settle?.reject(error);
  }

  clear(): void {
    this.#promise = undefined;
    this.#settle = undefined;
  }
}
