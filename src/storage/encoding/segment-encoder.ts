import { columnOf } from '../../columnar/portable-column.ts';
import type { PortableMerge } from '../compaction/portable-merge.ts';
import { UnreadableInput } from '../compaction/unreadable-input.ts';
import type { SegmentStore } from '../seams/segment-store.ts';
import { SegmentWriter } from '../segment/segment-writer.ts';
import { type EncodeMessage, type EncodeReply, headerOf } from './encode-message.ts';
import { GatheredBytes } from './gathered-bytes.ts';
import { SegmentMerge } from './segment-merge.ts';

export type PostReply = (reply: EncodeReply, handedOver: readonly ArrayBuffer[]) => void;

/** A segment that is being encoded. */
interface Work {
  readonly writer: SegmentWriter;
  readonly bytes: GatheredBytes;
  /** What was asked for so far, one after the other. */
  last: Promise<void>;
}

/**
 * Encodes segments in a thread of its own: rows in, bytes out. Several may be on their way side by side. Of those that are
 * merged the rows come from the files of others.
 */
export class SegmentEncoder {
  readonly #post: PostReply;
  readonly #storeOf: (directory: string) => SegmentStore;
  readonly #works = new Map<number, Work>();
  readonly #merges = new Map<number, SegmentMerge>();

  /** `storeOf`: to read from. */
  constructor(post: PostReply, storeOf: (directory: string) => SegmentStore) {
    this.#post = post;
    this.#storeOf = storeOf;
  }

  receive(message: EncodeMessage): void {
    const { id } = message;
    switch (message.kind) {
      case 'abandon':
        this.#works.delete(id);
        this.#merges.get(id)?.abandon();
        return;
      case 'go':
        this.#merges.get(id)?.go();
        return;
      case 'merge':
        void this.#merge(id, message.merge);
        return;
      case 'begin':
        this.#begin(message);
        return;
      default:
        this.#enqueue(message);
    }
  }

  #begin({ id, header }: Extract<EncodeMessage, { kind: 'begin' }>): void {
    const bytes = this.#bytesOf(id);
    try {
      const writer = SegmentWriter.create(bytes, headerOf(header));
      this.#works.set(id, { writer, bytes, last: Promise.resolve() });
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #enqueue(message: Extract<EncodeMessage, { kind: 'rows' | 'finish' }>): void {
    const { id } = message;
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

  async #do(message: Extract<EncodeMessage, { kind: 'rows' | 'finish' }>, { writer, bytes }: Work): Promise<void> {
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

  async #merge(id: number, merge: PortableMerge): Promise<void> {
    const running = new SegmentMerge(() => this.#post({ kind: 'turn', id }, []));
    this.#merges.set(id, running);
    const bytes = this.#bytesOf(id);
    try {
      const result = await running.run(merge, this.#storeOf(merge.directory), bytes);
      bytes.send();
      this.#post({ kind: 'finished', id, result }, []);
    } catch (error) {
      this.#fail(id, error);
    } finally {
      this.#merges.delete(id);
    }
  }

  #bytesOf(id: number): GatheredBytes {
    return new GatheredBytes((sent) => this.#post({ kind: 'bytes', id, bytes: sent }, [sent.buffer]));
  }

  #fail(id: number, error: unknown): void {
    this.#works.delete(id);
    const unreadable = error instanceof UnreadableInput ? error.segmentName : undefined;
    this.#post({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error), unreadable }, []);
  }
}
