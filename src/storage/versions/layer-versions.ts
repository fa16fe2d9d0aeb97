import { invariant } from '../../errors/invariant.ts';
import type { TableLayers } from './table-layers.ts';

/** The layers of all tables at one moment. Kept as long as a snapshot pins it. */
export interface LayerVersion {
  readonly sequence: number;
  readonly tables: ReadonlyMap<number, TableLayers>;
}

interface PinnedVersion extends LayerVersion {
  readonly tables: Map<number, TableLayers>;
  pinCount: number;
}

interface Retired {
  /** The last version in which the thing is still in use. */
  readonly sequence: number;
  readonly dispose: () => void;
}

/**
 * Which memtables and segments each table consists of, version after version. A version that nobody has pinned is changed
 * in place; a pinned one is copied. What leaves the newest version is disposed of when no older one is pinned.
 */
export class LayerVersions {
  #current: PinnedVersion = { sequence: 1, tables: new Map(), pinCount: 0 };
  /** Older versions that are pinned, oldest first. */
  readonly #older: PinnedVersion[] = [];
  #retired: Retired[] = [];

  table(oid: number): TableLayers | undefined {
    return this.#current.tables.get(oid);
  }

  tables(): Iterable<TableLayers> {
    return this.#current.tables.values();
  }

  pin(): LayerVersion {
    this.#current.pinCount++;
    return this.#current;
  }

  /** Pins a version that is pinned already once more. */
  repin(version: LayerVersion): void {
    const pinned = version as PinnedVersion;
    invariant(pinned.pinCount > 0, 'a version that is kept is pinned');
    pinned.pinCount++;
  }

  unpin(version: LayerVersion): void {
    const pinned = version as PinnedVersion;
    invariant(pinned.pinCount > 0, 'a version is unpinned once for every time it was pinned');
    pinned.pinCount--;
    if (pinned.pinCount === 0 && pinned !== this.#current) {
      this.#older.splice(this.#older.indexOf(pinned), 1);
      this.#disposeUnused();
    }
  }

  set(layers: TableLayers): void {
    this.#changeable().set(layers.store.oid, layers);
  }

  /** Takes a table out. `dispose` runs when nobody can read it any more. */
  delete(oid: number): void {
    this.#changeable().delete(oid);
  }

  /** Runs `dispose` once no version that was in use until now is pinned. */
  retire(dispose: () => void): void {
    this.#retired.push({ sequence: this.#current.sequence, dispose });
    if (this.#current.pinCount > 0) this.#advance();
    this.#disposeUnused();
  }

  #changeable(): Map<number, TableLayers> {
    if (this.#current.pinCount > 0) this.#advance();
    return this.#current.tables;
  }

  #advance(): void {
    const { sequence, tables } = this.#current;
    this.#older.push(this.#current);
    this.#current = { sequence: sequence + 1, tables: new Map(tables), pinCount: 0 };
  }

  #disposeUnused(): void {
    const oldestInUse = this.#older[0]?.sequence ?? Number.POSITIVE_INFINITY;
    const due = this.#retired.filter((entry) => entry.sequence < oldestInUse);
    if (due.length === 0) return;
    this.#retired = this.#retired.filter((entry) => entry.sequence >= oldestInUse);
    for (const { dispose } of due) dispose();
  }
}
