import { invariant } from '../../errors/invariant.ts';
import type { SegmentDraft, SegmentStore } from '../seams/segment-store.ts';
import type { StoredObject } from './pack-place.ts';

/** Bytes in order. */
export interface ObjectSink {
  append(bytes: Uint8Array): Promise<void>;
}

/** Where new objects go: each into a file of its own, or all of them into one pack. */
export interface ObjectTarget {
  /** `content` writes the object. `newName` is asked where it gets a file of its own. */
  write<T>(
    newName: () => string,
    content: (sink: ObjectSink) => Promise<T>,
  ): Promise<{ object: StoredObject; result: T }>;
}

/** Every object is durable once it is written; after an error nothing of it is left. */
export class OwnFiles implements ObjectTarget {
  readonly #segments: SegmentStore;

  constructor(segments: SegmentStore) {
    this.#segments = segments;
  }

  async write<T>(newName: () => string, content: (sink: ObjectSink) => Promise<T>) {
    const name = newName();
    const draft = await this.#segments.create(name);
    try {
      const result = await content(draft);
      await draft.publish();
      return { object: { name }, result };
    } catch (error) {
      // Why it was not written is what counts; a draft that cannot be removed goes at the next start.
      await draft.discard().catch(() => {});
      throw error;
    }
  }
}

/**
 * A pack: objects of many tables one after the other in one file, which costs one sync for all of them. They are durable
 * once it is published; after any error it is to be discarded.
 *
 *   db/<database oid>/packs/12.pack    | segment | segment | deletes of a segment | segment | …
 */
export class PackWriter implements ObjectTarget {
  readonly file: string;
  readonly #draft: SegmentDraft;
  #isWriting = false;

  private constructor(file: string, draft: SegmentDraft) {
    this.file = file;
    this.#draft = draft;
  }

  static async create(segments: SegmentStore, file: string): Promise<PackWriter> {
    return new PackWriter(file, await segments.create(file));
  }

  async write<T>(_newName: () => string, content: (sink: ObjectSink) => Promise<T>) {
    invariant(!this.#isWriting, 'objects of a pack are written one after the other, and none after a failure');
    this.#isWriting = true;
    const offset = this.#draft.sizeBytes;
    const result = await content(this.#draft);
    const pack = { file: this.file, offset, sizeBytes: this.#draft.sizeBytes - offset };
    this.#isWriting = false;
    return { object: { name: `${this.file}:${offset}`, pack }, result };
  }

  get isEmpty(): boolean {
    return this.#draft.sizeBytes === 0;
  }

  publish(): Promise<void> {
    return this.#draft.publish();
  }

  discard(): Promise<void> {
    return this.#draft.discard();
  }
}
