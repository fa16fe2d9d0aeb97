import { SHARED_OID } from '../catalog/catalog-object.ts';
import type { DatabaseDescriptor } from '../catalog/catalog-reader.ts';
import type { Lsn } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { IndexMemory } from './index/index-memory.ts';
import { MAX_SERIES } from './index/series-index.ts';
import { ObjectNames } from './packs/object-names.ts';
import { PackUsers } from './packs/pack-users.ts';
import type { SequenceStore } from './sequences/sequence-store.ts';
import type { TableStore } from './table-store.ts';
import { TransactionNumbers } from './transaction-number.ts';
import { CatalogVersion } from './versions/catalog-version.ts';
import { LayerVersions } from './versions/layer-versions.ts';
import { SnapshotLsns } from './versions/snapshot-lsns.ts';

export interface DatabaseState {
  readonly descriptor: DatabaseDescriptor;
  /** A commit that drops it is on its way: nothing is committed to it any more. */
  isDropped?: boolean;
  /** After the last appended commit: what the next one is checked against. */
  newest: CatalogVersion;
  /** After the last published commit: what snapshots see. */
  published: CatalogVersion;
}

/** Everything in memory that commits change. Live commits and replayed ones change it through the same functions. */
export class EngineState {
  readonly databases = new Map<number, DatabaseState>();
  readonly tables = new Map<number, TableStore>();
  readonly sequences = new Map<number, SequenceStore>();
  readonly layers = new LayerVersions();
  readonly packs = new PackUsers();
  readonly snapshots = new SnapshotLsns();
  readonly transactionNumbers = new TransactionNumbers();
  /** Of plain tables. */
  readonly indexMemory = new IndexMemory();
  /** No table gets more series than this, whoever writes. */
  maxSeriesPerTable = MAX_SERIES;
  publishedLsn: Lsn = 0;
  appendedLsn: Lsn = 0;
  /** While the log is being replayed, the last commit that was; Infinity from then on. */
  replayPosition: Lsn = Number.POSITIVE_INFINITY;
  readonly objectNames: ObjectNames;
  #nextOid: number;

  /** `nextObjectNumber`: above those in the names of all objects that exist. */
  constructor(options: { nextOid: number; nextObjectNumber: number }) {
    this.#nextOid = options.nextOid;
    this.objectNames = new ObjectNames(options.nextObjectNumber);
  }

  /** No snapshot, present or future, is older. */
  get oldestSnapshotLsn(): Lsn {
    return this.snapshots.oldest(this.publishedLsn);
  }

  /** The OID that the next object will get. */
  get nextOid(): number {
    return this.#nextOid;
  }

  takeOid(): number {
    return this.#nextOid++;
  }

  /** Makes sure that no OID of the table is given out again. */
  noteOids({ oid, rowTypeOid, uniqueKey, indexes, constraints }: TableDescriptor): void {
    this.noteOid(oid);
    this.noteOid(rowTypeOid);
    if (uniqueKey !== undefined) {
      this.noteOid(uniqueKey.constraintOid);
      this.noteOid(uniqueKey.indexOid);
    }
    for (const index of indexes) this.noteOid(index.oid);
    for (const constraint of constraints) this.noteOid(constraint.oid);
  }

  noteOid(oid: number): void {
    this.#nextOid = Math.max(this.#nextOid, oid + 1);
  }

  /** What all databases share: roles, and the databases themselves. */
  get shared(): DatabaseState {
    return this.databases.get(SHARED_OID) ?? this.addDatabase({ oid: SHARED_OID, name: '', ownerOid: 0 });
  }

  addDatabase(descriptor: DatabaseDescriptor): DatabaseState {
    const database: DatabaseState = { descriptor, newest: CatalogVersion.none, published: CatalogVersion.none };
    this.databases.set(descriptor.oid, database);
    return database;
  }
}
