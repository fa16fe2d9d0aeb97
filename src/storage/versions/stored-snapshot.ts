import type { Lsn, Snapshot } from '../../catalog/table.ts';
import { invariant } from '../../errors/invariant.ts';
import type { IndexMemory } from '../index/index-memory.ts';
import type { CatalogVersion } from './catalog-version.ts';
import type { LayerVersion, LayerVersions } from './layer-versions.ts';
import type { SnapshotLsns } from './snapshot-lsns.ts';
import type { TableLayers } from './table-layers.ts';
import type { WriteSetView } from './write-set.ts';

/** What of the engine a snapshot has to do with; `EngineState` is one. */
export interface ReadingState {
  readonly snapshots: SnapshotLsns;
  readonly indexMemory: IndexMemory;
}

/**
 * A view of one database: the commits up to `lsn`, in the layers that stood when it was taken, and what the reader's own
 * transaction had written by then.
 */
export class StoredSnapshot implements Snapshot {
  readonly lsn: Lsn;
  readonly catalog: CatalogVersion;
  readonly overlay: WriteSetView | undefined;
  readonly #versions: LayerVersions;
  readonly #reading: ReadingState;
  #layers: LayerVersion | undefined;

  constructor(
    lsn: Lsn,
    catalog: CatalogVersion,
    pinned: { versions: LayerVersions; layers: LayerVersion; reading: ReadingState },
    overlay: WriteSetView | undefined,
  ) {
    this.lsn = lsn;
    this.catalog = catalog;
    this.overlay = overlay;
    this.#versions = pinned.versions;
    this.#reading = pinned.reading;
    this.#reading.snapshots.add(lsn);
    this.#layers = pinned.layers;
  }

  /** What indexes may take that are made for the reader. */
  get indexMemory(): IndexMemory {
    return this.#reading.indexMemory;
  }

  layersOf(tableOid: number): TableLayers | undefined {
    invariant(this.#layers !== undefined, 'a released snapshot is not read');
    return this.#layers.tables.get(tableOid);
  }

  /** The same view with another overlay; it has to be released on its own. */
  withOverlay(overlay: WriteSetView | undefined): StoredSnapshot {
    invariant(this.#layers !== undefined, 'a released snapshot is not read');
    this.#versions.repin(this.#layers);
    const pinned = { versions: this.#versions, layers: this.#layers, reading: this.#reading };
    return new StoredSnapshot(this.lsn, this.catalog, pinned, overlay);
  }

  release(): void {
    if (this.#layers === undefined) return;
    this.#versions.unpin(this.#layers);
    this.#reading.snapshots.remove(this.lsn);
    this.#layers = undefined;
  }
}
