import { columnOf } from '../../columnar/portable-column.ts';
import { SegmentWriter } from '../segment/segment-writer.ts';
import { type EncodeMessage, type EncodeReply, headerOf } from './encode-message.ts';

/** Bytes that are sent at once. */
const SENT_BYTES = 262_144;

export type PostReply = (reply: EncodeReply, handedOver: readonly ArrayBuffer[]) => void;

/** A segment that is being encoded. */
interface Work {
  readonly writer: SegmentWriter;
  readonly bytes: GatheredBytes;
  /** What was asked for so far, one after the other. */
  last: Promise<void>;
}

/** Encodes segments in a thread of its own: rows in, bytes out. Several may be on their way side by side. */
export class SegmentEncoder {
  readonly #post: PostReply;
  readonly #works = new Map<number, Work>();

  constructor(post: PostReply) {
    this.#post = post;
  }

  receive(message: EncodeMessage): void {
    const { id } = message;
    if (message.kind === 'abandon') {
      this.#works.delete(id);
      return;
    }
    if (message.kind === 'begin') {
      const bytes = new GatheredBytes((sent) => this.#post({ kind: 'bytes', id, bytes: sent }, [sent.buffer]));
      try {
        const writer = SegmentWriter.create(bytes, headerOf(message.header));
        this.#works.set(id, { writer, bytes, last: Promise.resolve() });
      } catch (error) {
        this.#fail(id, error);
      }
      return;
    }
    const work = this.#works.get(id);
    if (work === undefined) return;
    work.last = work.last.then(async () => {
      // It may have failed or been given up meanwhile.
      if (this.#works.get(id) !== work) return;
      try {
        await this.#do(message, work);
      } catch (error) {
        this.#fail(id, error);
      }
    });
  }

  async #do(message: Exclude<EncodeMessage, { kind: 'begin' | 'abandon' }>, { writer, bytes }: Work): Promise<void> {
    const { id } = message;
    if (message.kind === 'rows') {
      const { rowCount, seriesIds, columns } = message;
      await writer.append({ rowCount, seriesIds, columns: columns.map(columnOf) });
      this.#post({ kind: 'taken', id }, []);
      return;
    }
    const result = await writer.finish();
    this.#works.delete(id);
    bytes.send();
    this.#post({ kind: 'finished', id, result }, []);
  }

  #fail(id: number, error: unknown): void {
    this.#works.delete(id);
    this.#post({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) }, []);
  }
}

/** Puts small pieces together before they are sent. */
class GatheredBytes {
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

  send(): void {
    if (this.#length === 0) return;
    const isFull = this.#length === SENT_BYTES;
    this.#send(isFull ? this.#bytes : this.#bytes.slice(0, this.#length));
    if (isFull) this.#bytes = new Uint8Array(SENT_BYTES);
    this.#length = 0;
  }
}
