import { SHARED_OID } from '../catalog/catalog-object.ts';
import type { Lsn } from '../catalog/table.ts';
import { CorruptionError } from '../errors/corruption-error.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { typeByOid } from '../types/type-registry.ts';
import type { ReplayFilter } from './apply-commit.ts';
import { type ManifestContent, objectsOf, type SeriesPiece, type TableEntry } from './checkpoint/manifest-content.ts';
import { readSeriesObject } from './checkpoint/series-object.ts';
import { decodeCommit } from './commit/commit-record.ts';
import { descriptorFromJson } from './commit/descriptor-json.ts';
import type { TypeLookup } from './commit/enum-json.ts';
import { isDamage } from './damage.ts';
import { EngineState } from './engine-state.ts';
import { rebuildIndexes } from './index/rebuild-indexes.ts';
import { noteLastRows } from './note-last-rows.ts';
import { openObjects } from './open-objects.ts';
import { assertLogReachesEnd } from './orderly-end.ts';
import { findObjects, removeOrphans } from './staging/unnamed-objects.ts';
import { StorageEngine } from './storage-engine.ts';
import type { StorageParts } from './storage-parts.ts';
import { StoredSegment } from './stored-segment.ts';
import { TableStore } from './table-store.ts';
import { resetUnlogged } from './unlogged.ts';
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
export async function recover(parts: StorageParts, { acceptsLoss = false } = {}): Promise<StorageEngine> {
  await resetUnlogged(parts);
  const { content } = parts.manifest;
  const objects = await findObjects(parts, content);
  const state = new EngineState({
    nextOid: content.nextOid,
    nextObjectNumber: objects.nextNumber,
  });
  const enums = openObjects(state, content);
  for (const table of content.tables) await openTable(state, parts, table, enums);
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
  let lastLsn = content.replayFrom - 1;
  const inLog = new Set<string>();
  for await (const { lsn, body } of parts.log.read(content.replayFrom)) {
    await makeRoom(engine);
    lastLsn = lsn;
    try {
      for (const file of await engine.replay(decodeCommit(body, enumsOf(state)), lsn, filter)) inLog.add(file);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      throw new CorruptionError(`the write-ahead log cannot be replayed at commit ${lsn}: ${error.message}`, {
        cause: error,
      });
    }
  }
  const hasLostEnd = await assertLogReachesEnd(parts, { lastLsn, acceptsLoss });
  state.replayPosition = Number.POSITIVE_INFINITY;
  await removeOrphans(parts, state, { unnamed: objects.unnamed, inLog });
  await rebuildIndexes(state, (store, error) => noteDamage(parts, store, error, 'the keys of a table cannot be read'));
  // The log goes on behind what it has lost: an orderly end is not to be missed again.
  if (hasLostEnd) await engine.commit(SHARED_OID, []);
  engine.startCompaction();
  return engine;
}

/** The enums of all databases as they are by now, and the arrays over them. */
function enumsOf({ databases }: EngineState): TypeLookup {
  return (oid) => {
    for (const { newest } of databases.values()) {
      const found = newest.userTypeByOid(oid);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** As when the commits were new, memtables that are full are flushed meanwhile. On a full disk they wait in memory. */
async function makeRoom(engine: StorageEngine): Promise<void> {
  for (;;) {
    try {
      const turn = engine.whenWritable();
      if (turn !== undefined) await turn;
      return;
    } catch (error) {
      const code = error instanceof SqlError ? error.code : undefined;
      if (code === SqlState.DiskFull) return;
      // A slow disk keeps the start waiting for as long as it takes.
      if (code !== SqlState.OutOfMemory) throw error;
    }
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

async function openTable(state: EngineState, parts: StorageParts, entry: TableEntry, enums: TypeLookup): Promise<void> {
  const descriptor = descriptorFromJson(entry.descriptor, (oid) => typeByOid(oid) ?? enums(oid));
  if (!state.databases.has(entry.databaseOid))
    throw new CorruptionError(`table ${descriptor.oid} is in no database of the manifest`);
  for (const object of objectsOf(entry)) state.packs.add(object);
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
  await noteLastRows(store, partitions);
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
