import type { Lsn } from '../../catalog/table.ts';
import { descriptorToJson } from '../commit/descriptor-json.ts';
import type { EngineState } from '../engine-state.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { StorageParts } from '../storage-parts.ts';
import type { TableStore } from '../table-store.ts';
import { unflushedFrom } from '../unflushed.ts';
import type { ManifestEdit, SegmentEntry, SeriesPiece } from './manifest-content.ts';
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

  newObjectName(store: TableStore, kind: 'segment' | 'series'): string {
    return `${store.databaseOid}/${store.oid}/${this.#state.takeObjectNumber()}.${kind}`;
  }

  /** Names the segment of a memtable, and with it says that replay is not to bring those rows again. */
  async recordFlush(store: TableStore, memtable: Memtable, segment: SegmentEntry): Promise<void> {
    await this.#advance((edit) => ({
      ...edit,
      replayFrom: this.#replayFrom(memtable),
      flush: edit.drops.includes(store.oid)
        ? undefined
        : {
            tableOid: store.oid,
            nextRowId: store.nextRowId,
            partition: memtable.partition,
            appliedLsn: memtable.lastLsn,
            segment,
          },
    }));
  }

  /** Takes a dropped table out of the manifest; returns the names of its objects. */
  async dropTable(oid: number): Promise<string[]> {
    let names: string[] = [];
    await this.#advance((edit) => {
      const entry = this.#parts.manifest.content.tables.find((table) => table.descriptor.oid === oid);
      if (entry === undefined) return undefined;
      names = entry.series.map((piece) => piece.name);
      for (const partition of entry.partitions) for (const segment of partition.segments) names.push(segment.name);
      return edit;
    });
    return names;
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
      return edit;
    });
    // An edit that failed has thrown, and its objects are still named.
    if (edit === undefined) return;
    for (const name of replaced) await this.#parts.segments.remove(name).catch(() => {});
  }

  /** Commits before this one are wholly in segments and in the catalog; `flushed` is about to be. */
  #replayFrom(flushed: Memtable | undefined): Lsn {
    const { publishedLsn, replayPosition } = this.#state;
    return Math.min(publishedLsn + 1, replayPosition + 1, unflushedFrom(this.#state, flushed));
  }

  #nextPieces(store: TableStore, pieces: readonly SeriesPiece[]): readonly SeriesPiece[] {
    const kept = pieces.length < MAX_SERIES_PIECES ? pieces : [];
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
