import type { Lsn } from '../catalog/table.ts';
import { CorruptionError } from '../errors/corruption-error.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { ReplayFilter } from './apply-commit.ts';
import { type ManifestContent, objectNames, type SeriesPiece, type TableEntry } from './checkpoint/manifest-content.ts';
import { readSeriesObject } from './checkpoint/series-object.ts';
import { decodeCommit } from './commit/commit-record.ts';
import { descriptorFromJson } from './commit/descriptor-json.ts';
import { isDamage } from './damage.ts';
import { EngineState } from './engine-state.ts';
import { UniqueKeyIndex } from './index/unique-key-index.ts';
import { segmentStretches } from './scan/stretch.ts';
import { StorageEngine } from './storage-engine.ts';
import type { StorageParts } from './storage-parts.ts';
import { StoredSegment } from './stored-segment.ts';
import { mergesVersions } from './table-identity.ts';
import { TableStore } from './table-store.ts';
import { timeKeyOf } from './time-key.ts';
import type { PartitionLayers } from './versions/table-layers.ts';

/** The LSN after everything that the manifest holds: where a log that lost its tail must go on at the earliest. */
export function lsnAfter(content: ManifestContent): Lsn {
  let last = Math.max(content.catalogLsn, content.replayFrom - 1);
  for (const table of content.tables) {
    for (const { appliedLsn } of table.partitions) last = Math.max(last, appliedLsn);
  }
  return last + 1;
}

/**
 * The engine as it was: catalog, series and segments from the manifest, then the log from where the manifest says, each
 * commit applied as it was when it was new, less what the manifest has already.
 */
export async function recover(parts: StorageParts): Promise<StorageEngine> {
  const { content } = parts.manifest;
  const state = new EngineState({
    nextOid: content.nextOid,
    nextObjectNumber: await removeOrphans(parts, content),
  });
  for (const database of content.databases) state.addDatabase(database);
  for (const table of content.tables) await openTable(state, parts, table);
  for (const database of state.databases.values()) {
    const tables = content.tables.filter((table) => table.databaseOid === database.descriptor.oid);
    const puts = tables.map(
      ({ descriptor }) => ({ kind: 'put', table: state.tables.get(descriptor.oid)!.newest }) as const,
    );
    database.newest = database.newest.with(puts);
    database.published = database.newest;
  }
  state.publishedLsn = lsnAfter(content) - 1;
  state.appendedLsn = state.publishedLsn;

  const filter = replayFilter(content);
  const engine = new StorageEngine(state, parts);
  state.replayPosition = content.replayFrom - 1;
  for await (const { lsn, body } of parts.log.read(content.replayFrom)) {
    await makeRoom(engine);
    try {
      await engine.replay(decodeCommit(body), lsn, filter);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      throw new CorruptionError(`the write-ahead log cannot be replayed at commit ${lsn}: ${error.message}`, {
        cause: error,
      });
    }
  }
  state.replayPosition = Number.POSITIVE_INFINITY;
  return engine;
}

/** As when the commits were new, memtables that are full are flushed meanwhile. On a full disk they wait in memory. */
async function makeRoom(engine: StorageEngine): Promise<void> {
  try {
    const turn = engine.whenWritable();
    if (turn !== undefined) await turn;
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== SqlState.DiskFull) throw error;
  }
}

function replayFilter(content: ManifestContent): ReplayFilter {
  const applied = new Map<string, Lsn>();
  for (const { descriptor, partitions } of content.tables) {
    for (const { partition, appliedLsn } of partitions) applied.set(`${descriptor.oid}/${partition}`, appliedLsn);
  }
  return {
    hasCatalog: (lsn) => lsn <= content.catalogLsn,
    hasRows: (lsn, tableOid, partition) => lsn <= (applied.get(`${tableOid}/${partition}`) ?? 0),
  };
}

async function openTable(state: EngineState, parts: StorageParts, entry: TableEntry): Promise<void> {
  const descriptor = descriptorFromJson(entry.descriptor);
  if (!state.databases.has(entry.databaseOid))
    throw new CorruptionError(`table ${descriptor.oid} is in no database of the manifest`);
  const store = new TableStore(entry.databaseOid, descriptor);
  store.nextRowId = entry.nextRowId;
  for (const piece of entry.series) await readSeries(parts, store, piece);
  store.publishedSeriesCount = store.series.size;
  const partitions: PartitionLayers[] = [];
  for (const { partition, segments } of entry.partitions) {
    const opened: StoredSegment[] = [];
    for (const segment of segments) {
      opened.push(await StoredSegment.open(parts, segment, { tableOid: store.oid, seriesCount: store.series.size }));
    }
    partitions.push({ partition, active: undefined, frozen: [], segments: opened });
  }
  partitions.sort((a, b) => a.partition - b.partition);
  noteLastTimes(store, partitions);
  if (descriptor.timeSeries === undefined && descriptor.uniqueKey !== undefined) {
    try {
      store.uniqueKeys = await readUniqueKeys(store, partitions);
    } catch (error) {
      noteDamage(parts, store, error, 'the keys of a table cannot be read');
    }
  }
  state.noteOids(descriptor);
  state.tables.set(store.oid, store);
  state.layers.set({ store, partitions });
}

/** Series that cannot be read keep their ids: rows of the others would otherwise get tags that are not theirs. */
async function readSeries(parts: StorageParts, store: TableStore, piece: SeriesPiece): Promise<void> {
  try {
    await readSeriesObject(parts.segments, store.series, piece);
  } catch (error) {
    noteDamage(parts, store, error, 'the series of a table cannot be read');
    store.series.truncate(piece.firstId, store.series.tagNumbers);
    store.series.addLost(piece.firstId + piece.count - store.series.size);
  }
}

/** The table is refused from now on, the server is not. Throws an error that says nothing about the data. */
function noteDamage({ report }: StorageParts, store: TableStore, error: unknown, message: string): void {
  const isRefused = error instanceof SqlError && error.code === SqlState.DataCorrupted;
  if (!isRefused && !isDamage(error)) throw error;
  const what = isRefused ? (error.fields.detail ?? error.message) : error.message;
  store.damage ??= new CorruptionError(what, { cause: error });
  report('error', `${message}; the table is refused`, { table: store.newest.name, tableOid: store.oid, error: what });
}

/** Bounds for key checks. Of a damaged segment nothing is known: then every row has to be looked up. */
function noteLastTimes(store: TableStore, partitions: readonly PartitionLayers[]): void {
  if (!mergesVersions(store.newest)) return;
  for (const { segments } of partitions) {
    for (const segment of segments) {
      if (segment.isDamaged) {
        for (let id = 0; id < store.series.size; id++) store.series.noteTime(id, Number.POSITIVE_INFINITY);
        continue;
      }
      const { seriesIds, lastTimes } = segment.reader;
      for (let index = 0; index < seriesIds.length; index++) {
        store.series.noteTime(seriesIds[index], timeKeyOf(lastTimes[index]).time);
      }
    }
  }
}

async function readUniqueKeys(store: TableStore, partitions: readonly PartitionLayers[]): Promise<UniqueKeyIndex> {
  const keys = new UniqueKeyIndex(store.newest);
  const { columnNumbers } = keys.reader;
  for (const { segments } of partitions) {
    for (const segment of segments) {
      const { reader } = segment;
      const rows = { from: 0, to: reader.rowCount };
      const { rows: dead } = segment.deletes.deadAt(Number.POSITIVE_INFINITY);
      const source = segmentStretches(reader, rows, columnNumbers, () => true, { dead, own: undefined });
      for (let stretch = await source.next(); stretch !== undefined; stretch = await source.next()) {
        const { columns, rowCount, times } = stretch;
        // Plain tables are sorted by row id.
        keys.add(
          keys.reader.keysOf((number) => columns[columnNumbers.indexOf(number)], rowCount),
          times,
        );
        stretch.release();
      }
    }
  }
  return keys;
}

/** Removes what no manifest names: traces of a crash between a file and its mention. Returns the next free number. */
async function removeOrphans(parts: StorageParts, content: ManifestContent): Promise<number> {
  const named = new Set<string>();
  for (const table of content.tables) for (const name of objectNames(table)) named.add(name);
  let last = 0;
  for (const name of await parts.segments.list('')) {
    last = Math.max(last, Number(/(\d+)\.\w+$/.exec(name)?.[1] ?? 0));
    if (!named.has(name)) await parts.segments.remove(name);
  }
  return last + 1;
}
