import { CompactionAbandoned, CompactionPace } from '../compaction/compaction-pace.ts';
import { type MergeInput, mergeSegments } from '../compaction/merge-segments.ts';
import { mergeOf, type PortableInput, type PortableMerge } from '../compaction/portable-merge.ts';
import { inputError } from '../compaction/unreadable-input.ts';
import type { SegmentObject, SegmentStore } from '../seams/segment-store.ts';
import { SegmentReader } from '../segment/segment-reader.ts';
import type { SegmentSink, WrittenSegment } from '../segment/segment-writer.ts';

/** A merge in a thread of its own: it reads its inputs by itself, and waits for leave after each piece of its work. */
export class SegmentMerge {
  readonly #askForTurn: () => void;
  #resume: (() => void) | undefined;
  #isAbandoned = false;

  /** `askForTurn`: `go` is to be called when the merge may go on. */
  constructor(askForTurn: () => void) {
    this.#askForTurn = askForTurn;
  }

  go(): void {
    this.#resume?.();
  }

  /** Nobody wants the result any more. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#resume?.();
  }

  /** Throws `UnreadableInput`, and `CompactionAbandoned` after `abandon`. */
  async run(merge: PortableMerge, store: SegmentStore, sink: SegmentSink): Promise<WrittenSegment> {
    const pace = new CompactionPace({
      check: () => this.#check(),
      giveWay: () => undefined,
      rest: () => this.#turn(),
    });
    const objects: SegmentObject[] = [];
    const inputs: MergeInput[] = [];
    try {
      for (const input of merge.inputs) {
        this.#check();
        inputs.push({ reader: await openInput(store, input, merge.readAheadBytes, objects), dead: input.dead });
      }
      const { header, layout } = mergeOf(merge);
      return await mergeSegments(sink, header, { inputs, layout, pace });
    } finally {
      for (const { reader } of inputs) reader.close();
      for (const object of objects) await object.close();
    }
  }

  #check(): void {
    if (this.#isAbandoned) throw new CompactionAbandoned('given up');
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = undefined;
        resolve();
      };
      this.#askForTurn();
    });
  }
}

async function openInput(
  store: SegmentStore,
  { name, file, offset, sizeBytes }: PortableInput,
  readAheadBytes: number,
  opened: SegmentObject[],
): Promise<SegmentReader> {
  try {
    const object = await store.open(file);
    opened.push(object);
    return await SegmentReader.open(object, name, { offset, sizeBytes, readAheadBytes });
  } catch (error) {
    throw inputError(name, error);
  }
}
