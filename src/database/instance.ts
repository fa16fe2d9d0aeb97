import { BOOTSTRAP_ROLE } from '../catalog/access/role.ts';
import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { DatabaseDescriptor } from '../catalog/catalog-reader.ts';
import type { InstanceLocks } from '../catalog/instance-locks.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { FileSystem } from '../platform/file-system.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { type Random, systemRandom } from '../platform/random.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { type SharedCache, UnitCache } from '../storage/cache/unit-cache.ts';
import { Manifest } from '../storage/checkpoint/manifest.ts';
import { FORMAT_VERSION, type ManifestContent } from '../storage/checkpoint/manifest-content.ts';
import type { CompactionReport } from '../storage/compaction/compaction-facts.ts';
import { acquireDataDirectoryLock } from '../storage/data-directory-lock.ts';
import { DiskReserve } from '../storage/disk-reserve.ts';
import { LocalSegmentStore } from '../storage/local-segment-store.ts';
import { LocalMetaStore } from '../storage/manifest/local-meta-store.ts';
import { lsnAfter, recover } from '../storage/recovery.ts';
import type { SegmentEncoders } from '../storage/seams/segment-encoders.ts';
import type { Durability } from '../storage/seams/write-log.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import type { Report } from '../storage/storage-parts.ts';
import { LocalWriteLog } from '../storage/wal/local-write-log.ts';
import { FIRST_USER_OID } from '../types/oid.ts';
import { acceptLoss } from './accept-loss.ts';
import {
  assertLogPresent,
  assertManifestPresent,
  checkDataDirectory,
  dataDirectory,
  RESERVE_FILE,
} from './data-directory.ts';
import { Database } from './database.ts';
import { dropTemporary } from './drop-temporary.ts';
import { DEFAULT_INGEST_RULES, type IngestRules } from './ingest-rules.ts';
import { sharedCatalogOf } from './shared-catalog-of.ts';
import { withWayOut } from './way-out.ts';

export interface InstanceOptions {
  /** Made if missing. One process at a time. */
  readonly directory: string;
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly timers?: Timers;
  /** Default `every_write`. */
  readonly durability?: Durability;
  /** A memtable of this size is flushed; 64 MiB by default. */
  readonly memtableBytes?: number;
  /** What a transaction may have in memory before its rows go to disk ahead of its commit; 16 MiB by default. */
  readonly stagingBytes?: number;
  /** What the indexes of plain tables may take in memory; 1 GiB by default. */
  readonly indexBytes?: number;
  /** What line protocol may do; what is not named is as by default. */
  readonly ingest?: Partial<IngestRules>;
  /** No table gets more series than this; as many as there can be by default. */
  readonly maxSeriesPerTable?: number;
  /** How long a writer waits while memory is full of rows that the disk has not taken, in ms; 10,000 by default. */
  readonly writeTimeoutMs?: number;
  /** Size of a file of the write-ahead log, which is filled in advance; 64 MiB by default. */
  readonly logFileBytes?: number;
  /** Decoded units kept in memory. */
  readonly cacheBytes?: number;
  /** Threads that encode segments; without, the thread that writes them does. */
  readonly encoders?: SegmentEncoders | undefined;
  /** Size of the file that is deleted when the disk is full; 4 MiB by default, 0 for none. */
  readonly reserveBytes?: number;
  /** Starts in spite of corruption in the log or the manifest, giving up what cannot be read (docs/damage.md). */
  readonly acceptLoss?: boolean;
  readonly log?: Report;
}

const DEFAULT_MEMTABLE_BYTES = 64 << 20;
const DEFAULT_INDEX_BYTES = 1 << 30;
const DEFAULT_STAGING_BYTES = 16 << 20;
const DEFAULT_WRITE_TIMEOUT_MS = 10_000;
const DEFAULT_RESERVE_BYTES = 4 << 20;
const POSTGRES_OID = 5;
const { oid: SUPERUSER_OID, name: SUPERUSER_NAME } = BOOTSTRAP_ROLE;

/** Where segments are, and the memory of decoded units. */
export interface SharedStorage {
  readonly directory: string;
  readonly cache: SharedCache;
}

interface InstanceParts {
  readonly clock: Clock;
  readonly release: () => Promise<void>;
  readonly ingestRules: IngestRules;
  readonly sharedStorage: SharedStorage | undefined;
}

/** One data directory, open: its databases, roles, log and background work. */
export class Instance {
  readonly clock: Clock;
  readonly systemIdentifier: string;
  /** Nobody else's, and the same as long as the directory lives. */
  readonly loginSecret: Uint8Array;
  /** What other threads of the process need to read segments; undefined where these are no files. */
  readonly sharedStorage: SharedStorage | undefined;
  readonly #engine: StorageEngine;
  readonly #ingestRules: IngestRules;
  /** By OID, from when they are asked for. */
  readonly #databases = new Map<number, Database>();
  #useDatabase: (database: Database) => void = () => {};
  readonly #release: () => Promise<void>;
  #closing: Promise<void> | undefined;

  private constructor(
    engine: StorageEngine,
    manifest: Manifest,
    { clock, release, ingestRules, sharedStorage }: InstanceParts,
  ) {
    this.sharedStorage = sharedStorage;
    this.clock = clock;
    const { systemIdentifier, loginSecret } = manifest.content;
    this.systemIdentifier = systemIdentifier;
    this.loginSecret = Buffer.from(loginSecret ?? Buffer.from(systemIdentifier).toString('hex'), 'hex');
    this.#engine = engine;
    this.#ingestRules = ingestRules;
    this.#release = release;
  }

  /**
   * Opens a data directory, or makes one with the databases `postgres` and `tidewire`. Throws SqlError 55006 when
   * another process has it, 55000 when it holds something else, 0A000 when a later version wrote it; CorruptionError when
   * acknowledged commits are lost.
   */
  static async open(options: InstanceOptions): Promise<Instance> {
    const { directory, fileSystem: disk = nodeFileSystem, random = systemRandom, timers = systemTimers } = options;
    const { durability = 'every_write', clock = systemClock, log: report = () => {} } = options;
    await checkDataDirectory(disk, directory);
    const lock = await acquireDataDirectoryLock(disk, directory, { random });
    const reserve = new DiskReserve({
      fileSystem: disk,
      path: `${directory}/${RESERVE_FILE}`,
      sizeBytes: options.reserveBytes ?? DEFAULT_RESERVE_BYTES,
      timers,
      random,
      report,
    });
    const { fileSystem } = reserve;
    // What was opened so far, to be closed in reverse when the next step fails.
    const opened: (() => Promise<void>)[] = [() => lock.release()];
    const close = async (): Promise<void> => {
      for (const step of opened.splice(0).reverse()) await step();
    };
    try {
      await assertManifestPresent(fileSystem, directory);
      if (options.acceptLoss === true) await acceptLoss({ fileSystem, directory, clock, random, report });
      const metaStore = await LocalMetaStore.open({
        fileSystem,
        random,
        directory: `${directory}/${dataDirectory.manifest}`,
      });
      opened.push(() => metaStore.close());
      const manifest = await Manifest.open(metaStore, () => newContent(random));
      opened.push(() => reserve.close());
      await reserve.open();
      await assertLogPresent(fileSystem, directory, manifest.content.replayFrom);
      const segments = await LocalSegmentStore.open({
        fileSystem,
        directory: `${directory}/${dataDirectory.databases}`,
      });
      const log = await LocalWriteLog.open({
        fileSystem,
        random,
        timers,
        durability,
        directory: `${directory}/${dataDirectory.log}`,
        fileBytes: options.logFileBytes,
        neededFrom: manifest.content.replayFrom,
        nextLsnAtLeast: lsnAfter(manifest.content),
      });
      opened.push(() => log.close());
      const cache = new UnitCache(options.cacheBytes === undefined ? {} : { sizeBytes: options.cacheBytes });
      opened.push(async () => cache.close());
      const engine = await recover(
        {
          log,
          manifest,
          segments,
          timers,
          clock,
          durability,
          report,
          cache,
          encoders: options.encoders,
          segmentDirectory: `${directory}/${dataDirectory.databases}`,
          memtableBytes: options.memtableBytes ?? DEFAULT_MEMTABLE_BYTES,
          stagingBytes: options.stagingBytes ?? DEFAULT_STAGING_BYTES,
          writeTimeoutMs: options.writeTimeoutMs ?? DEFAULT_WRITE_TIMEOUT_MS,
          whenThereIsRoom: () => reserve.whenThereIsRoom(),
        },
        { acceptsLoss: options.acceptLoss === true },
      );
      engine.state.indexMemory.limitBytes = options.indexBytes ?? DEFAULT_INDEX_BYTES;
      if (options.maxSeriesPerTable !== undefined) engine.state.maxSeriesPerTable = options.maxSeriesPerTable;
      opened.push(() => engine.close());
      reserve.onRelease(() => engine.flushAll());
      opened.push(() => reserve.close());
      const instance = new Instance(engine, manifest, {
        clock,
        release: close,
        sharedStorage:
          disk === nodeFileSystem
            ? { directory: `${directory}/${dataDirectory.databases}`, cache: cache.shared }
            : undefined,
        ingestRules: { ...DEFAULT_INGEST_RULES, ...options.ingest },
      });
      await instance.#dropTemporary(report);
      return instance;
    } catch (error) {
      await close().catch(() => {});
      throw withWayOut(error, directory);
    }
  }

  databases(): readonly DatabaseDescriptor[] {
    return [...this.shared().databases()];
  }

  database(name: string): Database | undefined {
    const descriptor = this.shared().database(name);
    if (descriptor === undefined) return undefined;
    const known = this.#databases.get(descriptor.oid);
    if (known !== undefined) return known;
    const database = new Database(descriptor, this.#engine, this.clock, this.#ingestRules);
    this.#useDatabase(database);
    this.#databases.set(descriptor.oid, database);
    return database;
  }

  /** Calls back with each database as it is opened: those of today, and those that are made later. */
  onDatabase(use: (database: Database) => void): void {
    this.#useDatabase = use;
    for (const database of this.#databases.values()) use(database);
  }

  /** The locks of all sessions. */
  get locks(): InstanceLocks {
    const { locks, advisoryLocks, waits } = this.#engine;
    return { tables: locks, advisory: advisoryLocks, waits };
  }

  /** The roles and databases as they are committed. */
  shared(): SharedCatalog {
    return sharedCatalogOf(this.#engine.state.shared.published);
  }

  /** Set for good after a failed fsync or the like: reads go on, every write gets 58030. */
  get failure(): Error | undefined {
    return this.#engine.failure;
  }

  /** What was merged of segments since the start, and what is being merged. */
  get compactions(): CompactionReport {
    return this.#engine.compactions;
  }

  /** Moves all rows from memory into segments: for tests and orderly moves; nothing depends on it. */
  flush(): Promise<void> {
    return this.#engine.flushAll();
  }

  /** What sessions of the server's last life have left. */
  async #dropTemporary(report: Report): Promise<void> {
    for (const { name } of this.databases()) {
      const database = this.database(name);
      if (database === undefined) continue;
      const transaction = database.begin();
      try {
        if (await dropTemporary(transaction)) await transaction.commit();
      } catch (error) {
        report('warn', 'temporary tables were left behind', { error: (error as Error).message });
      } finally {
        transaction.rollback();
      }
    }
  }

  /** Waits for running commits, makes the log durable and lets the directory go. */
  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }
}

function newContent(random: Random): ManifestContent {
  // As PostgreSQL's: a 64-bit number in decimal, which never repeats between clusters.
  const identifier = (BigInt(random.uint32()) << 31n) | BigInt(random.uint32() >>> 1);
  const loginSecret = new Uint8Array(32);
  random.fill(loginSecret);
  return {
    format: FORMAT_VERSION,
    systemIdentifier: String(identifier),
    loginSecret: Buffer.from(loginSecret).toString('hex'),
    databases: [
      { oid: POSTGRES_OID, name: 'postgres', ownerOid: SUPERUSER_OID },
      { oid: FIRST_USER_OID, name: 'tidewire', ownerOid: SUPERUSER_OID },
    ],
    roles: [{ oid: SUPERUSER_OID, name: SUPERUSER_NAME, isSuperuser: true, canLogin: true }],
    nextOid: FIRST_USER_OID + 1,
    catalogLsn: 0,
    replayFrom: 1,
    tables: [],
  };
}
