import { fileOf, type StoredObject } from './pack-place.ts';

/**
 * Which objects still need each pack: those that the manifest names, and those that it has forgotten and some snapshot
 * reads. A pack goes with the last of them.
 */
export class PackUsers {
  readonly #users = new Map<string, Set<string>>();

  /** The manifest names the object from now on; no effect for one that has a file of its own. */
  add({ name, pack }: StoredObject): void {
    if (pack === undefined) return;
    const users = this.#users.get(pack.file);
    if (users === undefined) this.#users.set(pack.file, new Set([name]));
    else users.add(name);
  }

  /**
   * Neither the manifest nor a snapshot needs the object. Returns the file that may go, if none of its others is needed.
   * Two may find out that an object is not needed, such as a flush and the drop of its table: the second time nothing goes.
   */
  release(object: StoredObject): string | undefined {
    const file = fileOf(object);
    if (object.pack === undefined) return file;
    const users = this.#users.get(file);
    if (users?.delete(object.name) !== true || users.size > 0) return undefined;
    this.#users.delete(file);
    return file;
  }
}
