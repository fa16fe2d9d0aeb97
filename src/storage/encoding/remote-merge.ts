import { CorruptionError } from '../../errors/corruption-error.ts';
import type { CompactionPace } from '../compaction/compaction-pace.ts';
import type { PortableMerge } from '../compaction/portable-merge.ts';
import { UnreadableInput } from '../compaction/unreadable-input.ts';
import type { SegmentSink, WrittenSegment } from '../segment/segment-writer.ts';
import type { EncodeReply } from './encode-message.ts';
import type { PostMessage } from './remote-segment-writer.ts';

interface Outcome {
  resolve(result: WrittenSegment): void;
  reject(error: unknown): void;
}

export interface RemoteMergeParts {
  readonly id: number;
  readonly sink: SegmentSink;
  /** Says when the thread may go on after each piece of its work. */
  readonly pace: CompactionPace;
}

/**
 * A segment that another thread merges of others. It reads them by itself; what comes back is written here, in order:
 *
 *   files of the inputs ─► SegmentMerge ─► bytes ─► sink
 */
export class RemoteMerge {
  readonly #parts: RemoteMergeParts;
  readonly #post: PostMessage;
  /** Told once nothing more is sent about it. */
  readonly #onEnd: () => void;
  #writing: Promise<void> = Promise.resolve();
  /** Until it has ended. */
  #outcome: Outcome | undefined;

  constructor(parts: RemoteMergeParts, post: PostMessage, onEnd: () => void) {
    this.#parts = parts;
    this.#post = post;
    this.#onEnd = onEnd;
  }

  /** Rejects with `UnreadableInput`, and with what the sink and the pace throw. */
  run(merge: PortableMerge): Promise<WrittenSegment> {
    return new Promise((resolve, reject) => {
      this.#outcome = { resolve, reject };
      this.#post({ kind: 'merge', id: this.#parts.id, merge }, []);
    });
  }

  /** What the thread says. */
  receive(reply: EncodeReply): void {
    switch (reply.kind) {
      case 'bytes':
        this.#writing = this.#writing.then(() => this.#write(reply.bytes));
        return;
      case 'turn':
        void this.#giveTurn();
        return;
      case 'finished':
        void this.#writing.then(() => this.#end(({ resolve }) => resolve(reply.result)));
        return;
      case 'failed': {
        const { message, unreadable } = reply;
        const error =
          unreadable === undefined ? new Error(message) : new UnreadableInput(unreadable, new CorruptionError(message));
        this.#end(({ reject }) => reject(error));
        return;
      }
      default:
    }
  }

  /** The thread, the sink or the pace has ended it. */
  fail(error: unknown): void {
    if (this.#outcome === undefined) return;
    this.#post({ kind: 'abandon', id: this.#parts.id }, []);
    this.#end(({ reject }) => reject(error));
  }

  /** The next piece begins when others have had their turn, and the disk has what came of the last one. */
  async #giveTurn(): Promise<void> {
    try {
      await this.#parts.pace.turn();
      await this.#writing;
      if (this.#outcome !== undefined) this.#post({ kind: 'go', id: this.#parts.id }, []);
    } catch (error) {
      this.fail(error);
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#outcome === undefined) return;
    try {
      await this.#parts.sink.append(bytes);
    } catch (error) {
      this.fail(error);
    }
  }

  #end(settle: (outcome: Outcome) => void): void {
    const outcome = this.#outcome;
    if (outcome === undefined) return;
    this.#outcome = undefined;
    this.#onEnd();
    settle(outcome);
  }
}
