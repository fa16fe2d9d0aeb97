import { fileOf } from '../packs/pack-place.ts';
import type { StorageParts } from '../storage-parts.ts';
import type { StoredSegment } from '../stored-segment.ts';

/** Removes staged segments that came to nothing, in the background. What cannot be removed goes at the next start. */
export class StagedFiles {
  readonly #parts: Pick<StorageParts, 'segments' | 'report'>;
  readonly #removing = new Set<Promise<void>>();

  constructor(parts: Pick<StorageParts, 'segments' | 'report'>) {
    this.#parts = parts;
  }

  /** Segments that share a pack are dropped together, or none of them is. */
  drop(segments: Iterable<StoredSegment>): void {
    const dropped = [...segments];
    if (dropped.length > 0) this.#track(this.#drop(dropped));
  }

  remove(files: Iterable<string>): void {
    for (const file of new Set(files)) this.#track(this.#remove(file));
  }

  /** Resolves when nothing is being removed any more. */
  async settled(): Promise<void> {
    while (this.#removing.size > 0) await Promise.all(this.#removing);
  }

  #track(removing: Promise<void>): void {
    this.#removing.add(removing);
    void removing.then(() => this.#removing.delete(removing));
  }

  async #drop(segments: readonly StoredSegment[]): Promise<void> {
    for (const segment of segments) await segment.close().catch(() => {});
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
}
