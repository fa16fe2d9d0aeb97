import type { CompactionPace } from '../compaction/compaction-pace.ts';
import type { PortableMerge } from '../compaction/portable-merge.ts';
import type { SegmentEncoders } from '../seams/segment-encoders.ts';
import type { SegmentHeader } from '../segment/segment-column.ts';
import type { SegmentSink, WrittenSegment } from '../segment/segment-writer.ts';
import type { SegmentWriting } from '../segment/segment-writing.ts';
import { type EncodeReply, portableHeader } from './encode-message.ts';
import { RemoteMerge } from './remote-merge.ts';
import { type PostMessage, RemoteSegmentWriter } from './remote-segment-writer.ts';
import type { SharedRows } from './shared-rows.ts';

/** More segments than this at a time are encoded by those who write them. */
const MAX_SEGMENTS = 2;
const MIN_ROWS = 16_384;
/** A thread that nobody has asked for anything so long is ended. */
const IDLE_MS = 60_000;

/** A thread that runs a `SegmentEncoder`. */
export interface EncodingThread {
  readonly post: PostMessage;
  end(): Promise<void>;
}

export interface EncodingThreadEvents {
  isReady(): void;
  answered(reply: EncodeReply): void;
  died(error: Error): void;
}

/**
 * One thread that encodes and merges segments. It starts when it is first asked for; until it is there, both is done here.
 */
export class EncoderThread implements SegmentEncoders {
  readonly minRows: number;
  readonly #start: (events: EncodingThreadEvents) => EncodingThread;
  #thread: EncodingThread | undefined;
  #isReady = false;
  #isClosed = false;
  readonly #works = new Map<number, RemoteSegmentWriter | RemoteMerge>();
  #freeRows: SharedRows[] = [];
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;

  constructor(start: (events: EncodingThreadEvents) => EncodingThread, { minRows = MIN_ROWS } = {}) {
    this.#start = start;
    this.minRows = minRows;
  }

  open(sink: SegmentSink, header: SegmentHeader): SegmentWriting | undefined {
    const portable = portableHeader(header);
    if (portable === undefined) return undefined;
    const thread = this.#freeThread();
    if (thread === undefined) return undefined;
    const id = this.#nextId++;
    const parts = { id, header: portable, sink, freeRows: this.#freeRows };
    const writer = new RemoteSegmentWriter(parts, thread.post, () => this.#works.delete(id));
    this.#works.set(id, writer);
    return writer;
  }

  merge(merge: PortableMerge, sink: SegmentSink, pace: CompactionPace): Promise<WrittenSegment> | undefined {
    const thread = this.#freeThread();
    if (thread === undefined) return undefined;
    const id = this.#nextId++;
    const work = new RemoteMerge({ id, sink, pace }, thread.post, () => this.#works.delete(id));
    this.#works.set(id, work);
    return work.run(merge);
  }

  /** Starts the thread, unless it is there. */
  warmUp(): EncodingThread | undefined {
    if (this.#isClosed) return undefined;
    this.#thread ??= this.#startThread();
    this.#noteUse();
    return this.#thread;
  }

  /** Segments on their way fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    await this.#endThread();
  }

  /** The thread, if it can take another segment now. */
  #freeThread(): EncodingThread | undefined {
    const thread = this.warmUp();
    return this.#isReady && this.#works.size < MAX_SEGMENTS ? thread : undefined;
  }

  #startThread(): EncodingThread {
    const thread: EncodingThread = this.#start({
      isReady: () => {
        this.#isReady = true;
      },
      answered: (reply) => this.#works.get(reply.id)?.receive(reply),
      died: (error) => {
        if (this.#thread === thread) this.#forget(new Error(`a worker thread ended: ${error.message}`));
      },
    });
    return thread;
  }

  #forget(error: Error): void {
    this.#thread = undefined;
    this.#isReady = false;
    this.#freeRows = [];
    for (const work of [...this.#works.values()]) work.fail(error);
  }

  #noteUse(): void {
    if (this.#idle !== undefined) {
      this.#idle.refresh();
      return;
    }
    this.#idle = setTimeout(() => {
      this.#idle = undefined;
      if (this.#works.size > 0) this.#noteUse();
      else void this.#endThread();
    }, IDLE_MS);
    this.#idle.unref();
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#forget(new Error('the server is shutting down'));
    await thread?.end();
  }
}
