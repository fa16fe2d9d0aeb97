import { concurrentChange } from '../errors/concurrent-change.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import type { CatalogChange, CatalogVersion } from '../storage/versions/catalog-version.ts';
import type { StoredSnapshot } from '../storage/versions/stored-snapshot.ts';
import type { WriteSet } from '../storage/versions/write-set.ts';
import { withFirstNumbers } from './schema-change/first-column-numbers.ts';

/** The catalogs of a transaction: of its database and of the server, each without and with its own changes. */
export class TransactionCatalogs {
  readonly #engine: StorageEngine;
  readonly #databaseOid: number;
  readonly #writes: WriteSet;
  readonly #snapshot: () => StoredSnapshot | undefined;
  readonly #assertOpen: () => void;
  /** The last catalog with own changes, and what it was made of. */
  #overlaid:
    | { base: CatalogVersion; changes: readonly CatalogChange[]; spentNumbers: string; catalog: CatalogVersion }
    | undefined;
  #sharedOverlaid: { base: CatalogVersion; changes: readonly CatalogChange[]; catalog: CatalogVersion } | undefined;

  constructor(
    engine: StorageEngine,
    databaseOid: number,
    own: {
      readonly writes: WriteSet;
      /** The one that all its statements see; undefined: each sees the newest commits. */
      readonly snapshot: () => StoredSnapshot | undefined;
      readonly assertOpen: () => void;
    },
  ) {
    this.#engine = engine;
    this.#databaseOid = databaseOid;
    this.#writes = own.writes;
    this.#snapshot = own.snapshot;
    this.#assertOpen = own.assertOpen;
  }

  /** The database's, with own changes. */
  current(): CatalogVersion {
    this.#assertOpen();
    const base = this.base();
    const changes = this.#writes.ownCatalogChanges;
    const firstNumbers = this.#writes.firstColumnNumbers;
    if (changes.length === 0 && firstNumbers.size === 0) return base;
    const known = this.#overlaid;
    // Not just as many: after a return to a savepoint there may be others.
    const isSame = known?.changes.length === changes.length && known.changes.at(-1) === changes.at(-1);
    const spentNumbers = [...firstNumbers.values()].join();
    if (known?.base === base && isSame && known.spentNumbers === spentNumbers) return known.catalog;
    const catalog = withFirstNumbers(base.with(changes), firstNumbers);
    this.#overlaid = { base, changes: [...changes], spentNumbers, catalog };
    return catalog;
  }

  /** What these changes build on. */
  base(): CatalogVersion {
    return this.#snapshot()?.catalog ?? this.#engine.state.databases.get(this.#databaseOid)!.published;
  }

  /** Roles and databases, with own changes. No isolation hides those of others. */
  shared(): CatalogVersion {
    this.#assertOpen();
    const base = this.sharedBase();
    const changes = this.#writes.sharedCatalogChanges;
    if (changes.length === 0) return base;
    const known = this.#sharedOverlaid;
    const isSame = known?.changes.length === changes.length && known.changes.at(-1) === changes.at(-1);
    if (known?.base === base && isSame) return known.catalog;
    const catalog = base.with(changes);
    this.#sharedOverlaid = { base, changes, catalog };
    return catalog;
  }

  sharedBase(): CatalogVersion {
    return this.#engine.state.shared.published;
  }

  /**
   * The version of an object that a change builds on; undefined: the transaction has made the object. REPEATABLE READ
   * changes what it sees, and only if that is what there is: throws 40001 otherwise.
   */
  baseOf<T>(find: (catalog: CatalogVersion) => T | undefined, versionOf: (object: T) => number): T | undefined {
    const base = find(this.base());
    if (base === undefined) return undefined;
    const newest = find(this.#engine.state.databases.get(this.#databaseOid)!.newest);
    if (newest === undefined || versionOf(newest) !== versionOf(base)) throw concurrentChange('update');
    return base;
  }
}
