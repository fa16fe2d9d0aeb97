import type { Lsn } from '../../catalog/table.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isDiskFull, systemErrorText } from '../../platform/system-error.ts';
import { descriptorToJson } from '../commit/descriptor-json.ts';
import type { EngineState } from '../engine-state.ts';
import type { Memtable } from '../memtable/memtable.ts';
import { type ObjectTarget, OwnFiles, PackWriter } from '../packs/object-target.ts';
import { fileOf, MIN_PACK_OBJECTS, type StoredObject } from '../packs/pack-place.ts';
import type { StorageParts } from '../storage-parts.ts';
import type { TableStore } from '../table-store.ts';
import { type Flushed, unflushedFrom } from '../unflushed.ts';
import {
  type CompactionEdit,
  type FlushEdit,
  type ManifestEdit,
  objectEntries,
  objectsOf,
  type SeriesPiece,
} from './manifest-content.ts';
import { objectEdit } from './object-entries.ts';
import { writeSeriesObject } from './series-object.ts';

/** More pieces than this are written as one. */
const MAX_SERIES_PIECES = 8;

/** What a flush of one partition is about to bring into the manifest. */
export interface FlushRecord {
  readonly store: TableStore;
  readonly memtable: Memtable | undefined;
  readonly flush: Omit<FlushEdit, 'tableOid' | 'nextRowId'>;
}

/** What a merge of segments of one partition is about to bring into the manifest. */
export interface CompactionRecord {
  readonly store: TableStore;
  readonly compaction: Omit<CompactionEdit, 'tableOid'>;
}

/** Series that the manifest does not have yet; they go behind the pieces that are kept. */
interface NewSeries {
  readonly store: TableStore;
  readonly kept: readonly SeriesPiece[];
  readonly replaced: readonly SeriesPiece[];
  readonly firstId: number;
  readonly count: number;
}

/**
 * Moves the manifest on: each edit brings catalog and series up to the last published commit, so that the log may be
 * trimmed up to the oldest row that stands in memory alone.
 */
export class CheckpointWriter {
  readonly #state: EngineState;
  readonly #parts: StorageParts;
  readonly #ownFiles: ObjectTarget;
  /** What dropped tables had, until it is asked for. */
  readonly #dropped = new Map<number, readonly StoredObject[]>();

  constructor(state: EngineState, parts: StorageParts) {
    this.#state = state;
    this.#parts = parts;
    this.#ownFiles = new OwnFiles(parts.segments);
  }

  /** Moves the applied LSNs of partitions: says that replay is not to bring their rows and deletes again. */
  async recordFlushes(records: readonly FlushRecord[]): Promise<void> {
    const flushed = records.map(({ store, memtable, flush }) => ({
      store,
      memtable,
      partition: flush.partition,
      appliedLsn: flush.appliedLsn,
    }));
    await this.#advance((edit) => ({
      ...edit,
      replayFrom: this.#replayFrom(flushed),
      flushes: records
        .filter(({ store }) => !edit.drops.includes(store.oid))
        .map(({ store, flush }) => ({ tableOid: store.oid, nextRowId: store.nextRowId, ...flush })),
    }));
  }

  /** Puts merged segments into the place of their inputs. Returns those of which the table was not dropped meanwhile. */
  async recordCompactions(records: readonly CompactionRecord[]): Promise<readonly CompactionRecord[]> {
    let recorded: readonly CompactionRecord[] = [];
    await this.#advance((edit) => {
      const known = new Set(this.#parts.manifest.content.tables.map(({ descriptor }) => descriptor.oid));
      recorded = records.filter(({ store }) => known.has(store.oid) && !edit.drops.includes(store.oid));
      if (recorded.length === 0) return undefined;
      return {
        ...edit,
        compactions: recorded.map(({ store, compaction }) => ({ tableOid: store.oid, ...compaction })),
      };
    });
    return recorded;
  }

  /**
   * Takes a dropped table out of the manifest; returns its objects. `isInLog`: commits name segments of it, which a replay
   * must not look for any more.
   */
  async dropTable(oid: number, { isInLog = false } = {}): Promise<readonly StoredObject[]> {
    await this.#advance((edit) => (isInLog || edit.drops.includes(oid) ? edit : undefined));
    const objects = this.#dropped.get(oid) ?? [];
    this.#dropped.delete(oid);
    return objects;
  }

  /** Everything that is not in the log is on disk, and nothing will be written any more. */
  async recordEnd(): Promise<void> {
    // Commits that came to nothing have taken numbers that the log does not have.
    await this.#advance((edit) => ({ ...edit, endedAt: this.#state.publishedLsn }));
  }

  /** Whether the manifest names that object of the table. */
  isNamed(oid: number, { name }: StoredObject): boolean {
    const entry = this.#parts.manifest.content.tables.find((table) => table.descriptor.oid === oid);
    return entry !== undefined && objectsOf(entry).some((object) => object.name === name);
  }

  async trimLog(): Promise<void> {
    await this.#parts.log.trim(this.#parts.manifest.content.replayFrom - 1);
  }

  /** One edit: the catalog's way forward, completed by `complete`; it is left when that gives undefined. */
  async #advance(complete: (edit: ManifestEdit) => ManifestEdit | undefined): Promise<void> {
    const replaced: StoredObject[] = [];
    const added: StoredObject[] = [];
    const dropped = new Map<number, readonly StoredObject[]>();
    const prepare = async () => {
      const { content } = this.#parts.manifest;
      const known = new Map(content.tables.map((table) => [table.descriptor.oid, table]));
      // All of this is read in one go: it is the state at `publishedLsn`.
      const puts: ManifestEdit['puts'][number][] = [];
      const present = new Set<number>();
      const wanted: NewSeries[] = [];
      for (const database of this.#state.databases.values()) {
        for (const table of database.published.tables()) {
          present.add(table.oid);
          if (known.get(table.oid)?.descriptor.schemaVersion !== table.schemaVersion) {
            puts.push({ databaseOid: database.descriptor.oid, descriptor: descriptorToJson(table) });
          }
          const store = this.#state.tables.get(table.oid);
          // The one series of a table without tags needs no object.
          if (store === undefined || (table.timeSeries?.tagColumnNumbers.length ?? 0) === 0) continue;
          const pieces = known.get(table.oid)?.series ?? [];
          if (store.publishedSeriesCount === endOf(pieces)) continue;
          wanted.push(newSeries(store, pieces));
        }
      }
      const objects = objectEdit(objectEntries(content), this.#state);
      const edit = complete({
        ...(objects === undefined ? {} : { objects }),
        nextOid: this.#state.nextOid,
        catalogLsn: this.#state.publishedLsn,
        replayFrom: this.#replayFrom([]),
        puts,
        drops: [...known.keys()].filter((oid) => !present.has(oid)),
        series: [],
        flushes: [],
      });
      if (edit === undefined) return undefined;
      for (const oid of edit.drops) dropped.set(oid, objectsOf(known.get(oid)!));
      const series = await this.#writeSeries(wanted, added);
      for (const { replaced: pieces } of wanted) replaced.push(...pieces);
      // In the relaxed modes the log may not be on disk yet. The manifest must not get ahead of it: of a commit that a
      // power cut takes from the log, the part that was flushed would stay.
      if (this.#parts.log.durableLsn < edit.catalogLsn) await this.#parts.log.sync();
      return { ...edit, series };
    };
    let edit: ManifestEdit | undefined;
    try {
      edit = await this.#parts.manifest.change(prepare);
    } catch (error) {
      if (this.#parts.manifest.failure === undefined) await this.#removeAll(new Set(added.map(fileOf)));
      if (!isDiskFull(error)) throw error;
      throw new SqlError(SqlState.DiskFull, `could not write data: ${systemErrorText(error)}`);
    }
    // An edit that failed has thrown, and its objects are still named.
    if (edit === undefined) return;
    for (const object of added) this.#state.packs.add(object);
    for (const [oid, objects] of dropped) this.#dropped.set(oid, objects);
    await this.#removeAll(replaced.flatMap((object) => this.#state.packs.release(object) ?? []));
  }

  /** What cannot be removed goes at the next start. */
  async #removeAll(files: Iterable<string>): Promise<void> {
    for (const file of files) await this.#parts.segments.remove(file).catch(() => {});
  }

  /** Series of many tables share one file; those of a few have one each. Adds the objects to `added`. */
  async #writeSeries(wanted: readonly NewSeries[], added: StoredObject[]): Promise<ManifestEdit['series']> {
    const { segments } = this.#parts;
    const { objectNames } = this.#state;
    const written: ManifestEdit['series'][number][] = [];
    for (const databaseOid of new Set(wanted.map(({ store }) => store.databaseOid))) {
      const ofDatabase = wanted.filter(({ store }) => store.databaseOid === databaseOid);
      const isPacked = ofDatabase.length >= MIN_PACK_OBJECTS;
      const pack = isPacked ? await PackWriter.create(segments, objectNames.newPack(databaseOid)) : undefined;
      try {
        for (const { store, kept, firstId, count } of ofDatabase) {
          const newName = () => objectNames.newObject(store, 'series');
          const object = await writeSeriesObject(pack ?? this.#ownFiles, newName, store.series, { firstId, count });
          written.push({ tableOid: store.oid, pieces: [...kept, { ...object, firstId, count }] });
          added.push(object);
        }
        await pack?.publish();
      } catch (error) {
        // Why it was not written is what counts; a draft that cannot be removed goes at the next start.
        await pack?.discard().catch(() => {});
        throw error;
      }
    }
    return written;
  }

  /** Commits before this one are wholly in segments and in the catalog; `flushed` is about to be. */
  #replayFrom(flushed: readonly Flushed[]): Lsn {
    const { publishedLsn, replayPosition } = this.#state;
    const first = Math.min(publishedLsn + 1, replayPosition + 1, unflushedFrom(this.#state, flushed));
    // Never back: what the edit before has flushed may still stand among the memtables, and the log is cut already.
    return Math.max(first, this.#parts.manifest.content.replayFrom);
  }
}

function newSeries(store: TableStore, pieces: readonly SeriesPiece[]): NewSeries {
  // Series that could not be read must not be replaced by what is known of them.
  const isKept = pieces.length < MAX_SERIES_PIECES || store.damage !== undefined;
  const kept = isKept ? pieces : [];
  const firstId = endOf(kept);
  return { store, kept, replaced: isKept ? [] : pieces, firstId, count: store.publishedSeriesCount - firstId };
}

/** The series after the last one that the pieces hold. */
function endOf(pieces: readonly SeriesPiece[]): number {
  const last = pieces.at(-1);
  return last === undefined ? 0 : last.firstId + last.count;
}
