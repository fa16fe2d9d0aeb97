import { fileOf, type StoredObject } from './packs/pack-place.ts';
import type { PackUsers } from './packs/pack-users.ts';
import type { StorageParts } from './storage-parts.ts';
import type { StoredSegment } from './stored-segment.ts';
import type { LayerVersions } from './versions/layer-versions.ts';

/** The way of objects from being needed no more to being gone. What cannot be removed goes at the next start. */
export class ObjectFiles {
  readonly #parts: Pick<StorageParts, 'segments' | 'report'>;
  readonly #packs: PackUsers;
  readonly #running = new Set<Promise<void>>();

  constructor(parts: Pick<StorageParts, 'segments' | 'report'>, packs: PackUsers) {
    this.#parts = parts;
    this.#packs = packs;
  }

  /** Nothing needs the object any more: its file goes, unless it is a pack with others that are needed. */
  release(object: StoredObject): void {
    const file = this.#packs.release(object);
    if (file !== undefined) this.remove(file);
  }

  /** Segments that the newest layers do not have any more go with their deletes when no snapshot reads them. */
  retire(layers: LayerVersions, segments: readonly StoredSegment[], onDisposed?: () => void): void {
    if (segments.length === 0) return;
    layers.retire(() => {
      for (const segment of segments) {
        this.close(segment);
        this.release(segment.entry);
        if (segment.storedDeletes !== undefined) this.release(segment.storedDeletes);
      }
      onDisposed?.();
    });
  }

  /** Segments that nothing has ever named: they are closed, then their files go. Those that share a pack come together. */
  discard(segments: readonly StoredSegment[]): void {
    if (segments.length > 0) this.#track(this.#discard(segments));
  }

  remove(file: string): void {
    this.#track(this.#remove(file));
  }

  /** Nobody reads the segment any more, whatever becomes of its file. */
  close(segment: StoredSegment): void {
    this.#track(this.#close(segment));
  }

  /** Resolves when all that was begun has come to its end. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    void work.then(() => this.#running.delete(work));
  }

  async #discard(segments: readonly StoredSegment[]): Promise<void> {
    for (const segment of segments) await this.#close(segment);
    for (const file of new Set(segments.map(({ entry }) => fileOf(entry)))) await this.#remove(file);
  }

  async #remove(name: string): Promise<void> {
    try {
      await this.#parts.segments.remove(name);
    } catch (error) {
      this.#parts.report('warn', 'a file that is not needed any more could not be removed', {
        name,
        error: (error as Error).message,
      });
    }
  }

  async #close(segment: StoredSegment): Promise<void> {
    try {
      await segment.close();
    } catch (error) {
      this.#parts.report('warn', 'a file that is not read any more could not be closed', {
        name: fileOf(segment.entry),
        error: (error as Error).message,
      });
    }
  }
}
