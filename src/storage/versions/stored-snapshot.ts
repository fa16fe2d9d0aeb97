import type { Lsn, Snapshot } from '../../catalog/table.ts';
import { invariant } from '../../errors/invariant.ts';
import type { CatalogVersion } from './catalog-version.ts';
import type { LayerVersion, LayerVersions } from './layer-versions.ts';
import type { TableLayers } from './table-layers.ts';
import type { WriteSetView } from './write-set.ts';

/**
 * A view of one database: the commits up to `lsn`, in the layers that stood when it was taken, and what the reader's own
 * transaction had written by then.
 */
export class StoredSnapshot implements Snapshot {
  readonly lsn: Lsn;
  readonly catalog: CatalogVersion;
  readonly overlay: WriteSetView | undefined;
  readonly #versions: LayerVersions;
  #layers: LayerVersion | undefined;

  constructor(
    lsn: Lsn,
    catalog: CatalogVersion,
    pinned: { versions: LayerVersions; layers: LayerVersion },
    overlay: WriteSetView | undefined,
  ) {
    this.lsn = lsn;
    this.catalog = catalog;
    this.overlay = overlay;
    this.#versions = pinned.versions;
    this.#layers = pinned.layers;
  }

  layersOf(tableOid: number): TableLayers | undefined {
    invariant(this.#layers !== undefined, 'a released snapshot is not read');
    return this.#layers.tables.get(tableOid);
  }

  /** The same view with another overlay; it has to be released on its own. */
  withOverlay(overlay: WriteSetView | undefined): StoredSnapshot {
    invariant(this.#layers !== undefined, 'a released snapshot is not read');
    this.#versions.repin(this.#layers);
    return new StoredSnapshot(this.lsn, this.catalog, { versions: this.#versions, layers: this.#layers }, overlay);
  }

  release(): void {
    if (this.#layers === undefined) return;
    this.#versions.unpin(this.#layers);
    this.#layers = undefined;
  }
}
