import type { Lsn } from '../../catalog/table.ts';
import { descriptorToJson } from '../commit/descriptor-json.ts';
import type { EngineState } from '../engine-state.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { StorageParts } from '../storage-parts.ts';
import type { TableStore } from '../table-store.ts';
import { type Flushed, unflushedFrom } from '../unflushed.ts';
import { type FlushEdit, type ManifestEdit, objectNames, type SeriesPiece } from './manifest-content.ts';
import { writeSeriesObject } from './series-object.ts';

/** More pieces than this are written as one. */
const MAX_SERIES_PIECES = 8;

/**
 * Moves the manifest on: each edit brings catalog and series up to the last published commit, so that the log may be
 * trimmed up to the oldest row that stands in memory alone.
 */
export class CheckpointWriter {
  readonly #state: EngineState;
  readonly #parts: StorageParts;

  constructor(state: EngineState, parts: StorageParts) {
    this.#state = state;
    this.#parts = parts;
  }

  newObjectName(store: TableStore, kind: 'segment' | 'series' | 'deletes'): string {
    return `${store.databaseOid}/${store.oid}/${this.#state.takeObjectNumber()}.${kind}`;
  }

  /** Moves the applied LSN of a partition: says that replay is not to bring its rows and deletes again. */
  async recordFlush(
    store: TableStore,
    flush: Omit<FlushEdit, 'tableOid' | 'nextRowId'>,
    memtable: Memtable | undefined,
  ): Promise<void> {
    const { partition, appliedLsn } = flush;
    await this.#advance((edit) => ({
      ...edit,
      replayFrom: this.#replayFrom({ store, memtable, partition, appliedLsn }),
      flush: edit.drops.includes(store.oid) ? undefined : { tableOid: store.oid, nextRowId: store.nextRowId, ...flush },
    }));
  }

  /** Takes a dropped table out of the manifest; returns the names of its objects. */
  async dropTable(oid: number): Promise<string[]> {
    let names: string[] = [];
    await this.#advance((edit) => {
      const entry = this.#parts.manifest.content.tables.find((table) => table.descriptor.oid === oid);
      if (entry === undefined) return undefined;
      names = objectNames(entry);
      return edit;
    });
    return names;
  }

  /** Whether the manifest names that object of the table. */
  isNamed(oid: number, name: string): boolean {
    const entry = this.#parts.manifest.content.tables.find((table) => table.descriptor.oid === oid);
    return entry !== undefined && objectNames(entry).includes(name);
  }

  async trimLog(): Promise<void> {
    await this.#parts.log.trim(this.#parts.manifest.content.replayFrom - 1);
  }

  /** One edit: the catalog's way forward, completed by `complete`; it is left when that gives undefined. */
  async #advance(complete: (edit: ManifestEdit) => ManifestEdit | undefined): Promise<void> {
    const replaced: string[] = [];
    const edit = await this.#parts.manifest.change(async () => {
      const { content } = this.#parts.manifest;
      const known = new Map(content.tables.map((table) => [table.descriptor.oid, table]));
      // All of this is read in one go: it is the state at `publishedLsn`.
      const puts: ManifestEdit['puts'][number][] = [];
      const present = new Set<number>();
      const wanted: { store: TableStore; pieces: readonly SeriesPiece[] }[] = [];
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
          const next = this.#nextPieces(store, pieces);
          wanted.push({ store, pieces: next });
          if (next.length <= pieces.length) for (const { name } of pieces) replaced.push(name);
        }
      }
      const edit = complete({
        nextOid: this.#state.nextOid,
        catalogLsn: this.#state.publishedLsn,
        replayFrom: this.#replayFrom(undefined),
        puts,
        drops: [...known.keys()].filter((oid) => !present.has(oid)),
        series: wanted.map(({ store, pieces }) => ({ tableOid: store.oid, pieces })),
        flush: undefined,
      });
      if (edit === undefined) return undefined;
      for (const { store, pieces } of wanted) {
        await writeSeriesObject(this.#parts.segments, store.series, pieces.at(-1)!);
      }
      // In the relaxed modes the log may not be on disk yet. The manifest must not get ahead of it: of a commit that a
      // power cut takes from the log, the part that was flushed would stay.
      if (this.#parts.log.durableLsn < edit.catalogLsn) await this.#parts.log.sync();
      return edit;
    });
    // An edit that failed has thrown, and its objects are still named.
    if (edit === undefined) return;
    for (const name of replaced) await this.#parts.segments.remove(name).catch(() => {});
  }

  /** Commits before this one are wholly in segments and in the catalog; `flushed` is about to be. */
  #replayFrom(flushed: Flushed | undefined): Lsn {
    const { publishedLsn, replayPosition } = this.#state;
    const first = Math.min(publishedLsn + 1, replayPosition + 1, unflushedFrom(this.#state, flushed));
    // Never back: what the edit before has flushed may still stand among the memtables, and the log is cut already.
    return Math.max(first, this.#parts.manifest.content.replayFrom);
  }

  #nextPieces(store: TableStore, pieces: readonly SeriesPiece[]): readonly SeriesPiece[] {
    // Series that could not be read must not be replaced by what is known of them.
    const kept = pieces.length < MAX_SERIES_PIECES || store.damage !== undefined ? pieces : [];
    const firstId = endOf(kept);
    const name = this.newObjectName(store, 'series');
    return [...kept, { name, firstId, count: store.publishedSeriesCount - firstId }];
  }
}

/** The series after the last one that the pieces hold. */
function endOf(pieces: readonly SeriesPiece[]): number {
  const last = pieces.at(-1);
  return last === undefined ? 0 : last.firstId + last.count;
}
