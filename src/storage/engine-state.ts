import type { DatabaseDescriptor } from '../catalog/catalog-reader.ts';
import type { Lsn } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { TableStore } from './table-store.ts';
import { CatalogVersion } from './versions/catalog-version.ts';
import { LayerVersions } from './versions/layer-versions.ts';

export interface DatabaseState {
  readonly descriptor: DatabaseDescriptor;
  /** After the last appended commit: what the next one is checked against. */
  newest: CatalogVersion;
  /** After the last published commit: what snapshots see. */
  published: CatalogVersion;
}

/** Everything in memory that commits change. Live commits and replayed ones change it through the same functions. */
export class EngineState {
  readonly databases = new Map<number, DatabaseState>();
  readonly tables = new Map<number, TableStore>();
  readonly layers = new LayerVersions();
  publishedLsn: Lsn = 0;
  appendedLsn: Lsn = 0;
  /** While the log is being replayed, the last commit that was; Infinity from then on. */
  replayPosition: Lsn = Number.POSITIVE_INFINITY;
  #nextOid: number;
  #nextObjectNumber: number;

  /** `nextObjectNumber`: above those in the names of all objects that exist. */
  constructor(options: { nextOid: number; nextObjectNumber: number }) {
    this.#nextOid = options.nextOid;
    this.#nextObjectNumber = options.nextObjectNumber;
  }

  /** The OID that the next object will get. */
  get nextOid(): number {
    return this.#nextOid;
  }

  /** For the name of a new object. */
  takeObjectNumber(): number {
    return this.#nextObjectNumber++;
  }

  takeOid(): number {
    return this.#nextOid++;
  }

  /** Makes sure that no OID of the table is given out again. */
  noteOids(table: TableDescriptor): void {
    const { uniqueKey } = table;
    const highest = Math.max(table.oid, table.rowTypeOid, uniqueKey?.constraintOid ?? 0, uniqueKey?.indexOid ?? 0);
    this.#nextOid = Math.max(this.#nextOid, highest + 1);
  }

  addDatabase(descriptor: DatabaseDescriptor): DatabaseState {
    const database: DatabaseState = { descriptor, newest: CatalogVersion.empty, published: CatalogVersion.empty };
    this.databases.set(descriptor.oid, database);
    return database;
  }
}
