import { buffersOf, type PortableColumn } from '../../columnar/portable-column.ts';
import { invariant } from '../../errors/invariant.ts';
import type { SegmentRows } from '../segment/segment-column.ts';
import type { SegmentSink, WrittenSegment } from '../segment/segment-writer.ts';
import type { SegmentWriting } from '../segment/segment-writing.ts';
import type { EncodeMessage, EncodeReply, PortableHeader } from './encode-message.ts';
import { SharedRows } from './shared-rows.ts';

/** Rows that are on their way to the thread, in batches. */
const MAX_WAITING_BATCHES = 4;

export type PostMessage = (message: EncodeMessage, handedOver: readonly ArrayBuffer[]) => void;

export interface RemoteSegmentWriterParts {
  readonly id: number;
  readonly header: PortableHeader;
  readonly sink: SegmentSink;
  /** Memory of rows that are on their way no more: taken from here and put back. */
  readonly freeRows: SharedRows[];
}

/**
 * A segment that another thread encodes. What comes back is written here, in order:
 *
 *   append ─► rows, copied ─► SegmentEncoder ─► bytes ─► sink
 */
export class RemoteSegmentWriter implements SegmentWriting {
  readonly #id: number;
  readonly #sink: SegmentSink;
  readonly #post: PostMessage;
  /** Told once nothing more is sent about it. */
  readonly #onEnd: () => void;
  readonly #freeRows: SharedRows[];
  /** Those on their way, oldest first. */
  readonly #waitingRows: SharedRows[] = [];
  #writing: Promise<void> = Promise.resolve();
  #result: WrittenSegment | undefined;
  #failure: Error | undefined;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor({ id, header, sink, freeRows }: RemoteSegmentWriterParts, post: PostMessage, onEnd: () => void) {
    this.#id = id;
    this.#sink = sink;
    this.#freeRows = freeRows;
    this.#post = post;
    this.#onEnd = onEnd;
    post({ kind: 'begin', id, header }, []);
  }

  async append({ rowCount, seriesIds, columns }: SegmentRows): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const shared = this.#freeRows.pop() ?? new SharedRows();
    this.#waitingRows.push(shared);
    const portable = columns.map((column, index) => {
      const found = shared.column(column, rowCount, index);
      invariant(found !== undefined, 'what a table stores is the same in every thread');
      return found;
    });
    const ids = shared.seriesIds(seriesIds, rowCount);
    this.#post({ kind: 'rows', id: this.#id, rowCount, seriesIds: ids, columns: portable }, handedOver(portable));
    if (this.#waitingRows.length < MAX_WAITING_BATCHES) return;
    await this.#until(() => this.#waitingRows.length < MAX_WAITING_BATCHES);
    // The sink is no faster than its disk: bytes must not gather before it.
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async finish(): Promise<WrittenSegment> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#post({ kind: 'finish', id: this.#id }, []);
    await this.#until(() => this.#result !== undefined);
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
    this.#end();
    return this.#result!;
  }

  abandon(): void {
    this.fail(new Error('given up'));
  }

  /** What the thread says. */
  receive(reply: EncodeReply): void {
    switch (reply.kind) {
      case 'bytes':
        this.#writing = this.#writing.then(() => this.#write(reply.bytes));
        return;
      case 'taken':
        this.#freeRows.push(this.#waitingRows.shift()!);
        break;
      case 'finished':
        this.#result = reply.result;
        break;
      case 'failed':
        this.fail(new Error(reply.message));
        return;
      default:
    }
    this.#wake?.();
  }

  /** The thread, the sink or whoever writes has failed. */
  fail(error: Error): void {
    if (this.#hasEnded) return;
    this.#failure ??= error;
    this.#post({ kind: 'abandon', id: this.#id }, []);
    this.#end();
    this.#wake?.();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await this.#sink.append(bytes);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone() && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = undefined;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#onEnd();
  }
}

function handedOver(columns: readonly PortableColumn[]): ArrayBuffer[] {
  return columns.flatMap(buffersOf).filter((buffer) => !((buffer as ArrayBufferLike) instanceof SharedArrayBuffer));
}
