import type { StoredObject } from './packs/pack-place.ts';
import type { PackUsers } from './packs/pack-users.ts';
import type { StorageParts } from './storage-parts.ts';
import type { StoredSegment } from './stored-segment.ts';
import type { LayerVersions } from './versions/layer-versions.ts';

/** The way of objects from being needed no more to being gone. What cannot be removed goes at the next start. */
export class ObjectFiles {
  readonly #parts: Pick<StorageParts, 'segments' | 'report'>;
  readonly #packs: PackUsers;
  readonly #removing = new Set<Promise<void>>();

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
        void segment.close();
        this.release(segment.entry);
        if (segment.storedDeletes !== undefined) this.release(segment.storedDeletes);
      }
      onDisposed?.();
    });
  }

  remove(file: string): void {
    const removing = this.#parts.segments.remove(file).catch((error: Error) => {
      this.#parts.report('warn', 'a file that is not needed any more could not be removed', {
        name: file,
        error: error.message,
      });
    });
    this.#removing.add(removing);
    void removing.then(() => this.#removing.delete(removing));
  }

  /** Resolves when all that was begun has come to its end. */
  async settled(): Promise<void> {
    while (this.#removing.size > 0) await Promise.all(this.#removing);
  }
}
