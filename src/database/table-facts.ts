import type { CompactionFacts } from '../storage/compaction/compaction-facts.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { memtablesOf, type PartitionLayers } from '../storage/versions/table-layers.ts';
import type { Value } from '../types/value.ts';

/** A share of a table's rows that lies in one object on disk, or in memory still. */
export interface SegmentFact {
  /** Absent: in memory. */
  readonly id: number | undefined;
  readonly rowCount: number;
  readonly sizeBytes: number;
  readonly minLsn: number | undefined;
  readonly maxLsn: number | undefined;
}

/** The rows of a table within one interval of time; of a plain table, all of them. */
export interface PartitionFact {
  /** Counted in partitions from 2000-01-01 UTC. */
  readonly number: number;
  readonly segments: readonly SegmentFact[];
}

/** How the rows of a table lie. */
export interface TableFact {
  readonly partitions: readonly PartitionFact[];
  readonly seriesCount: number;
  readonly sizeBytes: number;
}

const NOTHING: TableFact = { partitions: [], seriesCount: 0, sizeBytes: 0 };

/** What a table is made of, partition by partition, and its size; nothing for one that was never written to. */
export function tableFact(engine: StorageEngine, oid: number): TableFact {
  const layers = engine.state.layers.table(oid);
  if (layers === undefined) return NOTHING;
  const partitions = layers.partitions.map(partitionFact).filter(({ segments }) => segments.length > 0);
  let sizeBytes = 0;
  for (const { segments } of partitions) for (const segment of segments) sizeBytes += segment.sizeBytes;
  return { partitions, seriesCount: layers.store.publishedSeriesCount, sizeBytes };
}

function partitionFact(layers: PartitionLayers): PartitionFact {
  const stored = layers.segments.map(({ id, entry }): SegmentFact => {
    return { id, rowCount: entry.rowCount, sizeBytes: entry.sizeBytes, minLsn: entry.minLsn, maxLsn: entry.maxLsn };
  });
  const inMemory = memtablesOf(layers)
    .filter(({ rowCount }) => rowCount > 0)
    .map(({ rowCount, sizeBytes }): SegmentFact => {
      return { id: undefined, rowCount, sizeBytes, minLsn: undefined, maxLsn: undefined };
    });
  return { number: layers.partition, segments: [...stored, ...inMemory] };
}

/** Bytes of all tables of a database. */
export function databaseBytes(engine: StorageEngine, databaseOid: number): number {
  let bytes = 0;
  for (const { store } of engine.state.layers.tables()) {
    if (store.databaseOid === databaseOid) bytes += tableFact(engine, store.oid).sizeBytes;
  }
  return bytes;
}

/** How many values a tag has, NULL aside. */
export function tagValueCount(engine: StorageEngine, oid: number, columnNumber: number): number | undefined {
  const tag = engine.state.tables.get(oid)?.series.tag(columnNumber);
  return tag?.dictionary.size;
}

/** A series by its number, with the values of its tags. */
export interface SeriesFact {
  readonly id: number;
  tag(columnNumber: number): Value;
}

/** The series of a table that published commits have. */
export function* seriesOf(engine: StorageEngine, oid: number): Iterable<SeriesFact> {
  const store = engine.state.tables.get(oid);
  if (store === undefined) return;
  const { series } = store;
  for (let id = 0; id < store.publishedSeriesCount; id++) {
    yield { id, tag: (columnNumber) => series.valueOf(id, columnNumber) };
  }
}

/** How far the log is. */
export interface LogFact {
  readonly nextLsn: number;
  readonly durableLsn: number;
  readonly publishedLsn: number;
  readonly sizeBytes: number;
  readonly failure: string | undefined;
}

export function logFact(engine: StorageEngine): LogFact {
  const { nextLsn, durableLsn, sizeBytes } = engine.logPositions;
  return {
    ...{ nextLsn, durableLsn, sizeBytes },
    publishedLsn: engine.state.publishedLsn,
    failure: engine.failure?.message,
  };
}

/** Segments of one partition that are being merged into one, or were. */
export interface CompactionFact extends CompactionFacts {
  readonly state: 'running' | 'finished';
}

export function compactionFacts(engine: StorageEngine): CompactionFact[] {
  const { running, last } = engine.compactions;
  return [
    ...(running === undefined ? [] : [{ ...running, state: 'running' as const }]),
    ...(last === undefined ? [] : [{ ...last, state: 'finished' as const }]),
  ];
}
