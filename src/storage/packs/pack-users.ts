import { invariant } from '../../errors/invariant.ts';
import { fileOf, type StoredObject } from './pack-place.ts';

/**
 * How many objects still need each pack: those that the manifest names, and those that it has forgotten and some snapshot
 * reads. A pack goes with the last of them.
 */
export class PackUsers {
  readonly #counts = new Map<string, number>();

  /** The manifest names the object from now on; no effect for one that has a file of its own. */
  add({ pack }: StoredObject): void {
    if (pack !== undefined) this.#counts.set(pack.file, (this.#counts.get(pack.file) ?? 0) + 1);
  }

  /** Neither the manifest nor a snapshot needs the object. Returns the file that may go, if none of its others is needed. */
  release(object: StoredObject): string | undefined {
    const file = fileOf(object);
    if (object.pack === undefined) return file;
    const left = (this.#counts.get(file) ?? 0) - 1;
    invariant(left >= 0, 'an object of a pack is released once');
    if (left > 0) this.#counts.set(file, left);
    else this.#counts.delete(file);
    return left > 0 ? undefined : file;
  }
}
