import { nextTurn } from '../../platform/next-turn.ts';
import { locateRows } from '../deletes/locate-rows.ts';
import { type RowNames, selectNames } from '../deletes/row-names.ts';
import type { EngineState } from '../engine-state.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { timeKeyOf } from '../time-key.ts';
import { memtablesOf } from '../versions/table-layers.ts';
import type { TableWrites } from '../versions/write-set.ts';
import { findCommonPoint, type StagedPoint } from './common-point.ts';
import type { StagedSegment } from './staged-table.ts';

/** Rows that are looked at in one turn. */
const TURN_ROWS = 16_384;

/** A row of a write set. */
export interface OwnRow {
  readonly memtable: Memtable;
  readonly row: number;
}

/**
 * A row that was added since `rowCounts` was taken although the transaction has staged one of the same point; undefined when
 * there is none.
 */
export async function findStagedDuplicate(
  writes: TableWrites,
  rowCounts: ReadonlyMap<Memtable, number>,
): Promise<OwnRow | undefined> {
  const { staged } = writes;
  for (const memtable of writes.memtables.values()) {
    const segments = staged.ofPartition(memtable.partition);
    if (segments.length === 0) continue;
    const rows: number[] = [];
    for (let row = rowCounts.get(memtable) ?? 0; row < memtable.rowCount; row++) {
      const series = memtable.seriesAt(row);
      if (
        staged.reaches(series, memtable.timeAt(row)) &&
        staged.seriesIdOf(series) >= 0 &&
        !memtable.deletes.has(row)
      ) {
        rows.push(row);
      }
    }
    if (rows.length === 0) continue;
    const names: RowNames = {
      rowCount: rows.length,
      seriesIds: Uint32Array.from(rows, (row) => staged.seriesIdOf(memtable.seriesAt(row))),
      times: Float64Array.from(rows, (row) => memtable.timeAt(row)),
      fractions: Uint32Array.from(rows, (row) => memtable.fractionAt(row)),
      rowIds: undefined,
    };
    for (const { name } of await placesIn(segments, names)) return { memtable, row: rows[name]! };
  }
  return undefined;
}

/** Where rows stand in staged segments. */
export interface StagedPlace {
  readonly staged: StagedSegment;
  readonly row: number;
  /** Which of the names it has. */
  readonly name: number;
}

/** The rows of the names in the segments, without those that are deleted. */
export async function placesIn(segments: readonly StagedSegment[], names: RowNames): Promise<StagedPlace[]> {
  const places: StagedPlace[] = [];
  for (const staged of segments) {
    const { segment, filter } = staged;
    const { reader, deletes } = segment;
    const candidates: number[] = [];
    for (let name = 0; name < names.rowCount; name++) {
      if (filter !== undefined && !filter.mayHave(names.seriesIds[name], names.times[name], fractionOf(names, name))) {
        continue;
      }
      if (mayLieIn(reader, names.seriesIds[name], names.times[name])) candidates.push(name);
    }
    if (candidates.length === 0) continue;
    const some = candidates.length === names.rowCount ? names : selectNames(names, candidates);
    const rows = await locateRows(reader, some);
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index];
      if (row >= 0 && !deletes.has(row)) places.push({ staged, row, name: candidates[index]! });
    }
  }
  return places;
}

function fractionOf({ fractions }: RowNames, name: number): number {
  return fractions === undefined ? 0 : fractions[name];
}

function mayLieIn(reader: SegmentReader, seriesId: number, time: number): boolean {
  const index = reader.findSeries(seriesId);
  if (index < 0) return false;
  return timeKeyOf(reader.firstTimes[index]).time <= time && timeKeyOf(reader.lastTimes[index]).time >= time;
}

/**
 * A point that the transaction has staged and that a commit after its first check has too, undeleted on both sides;
 * undefined when there is none. To be called when nothing is committed meanwhile.
 */
export async function findCommittedDuplicate(
  writes: TableWrites,
  state: EngineState,
): Promise<StagedPoint | undefined> {
  const store = state.tables.get(writes.tableOid);
  if (store === undefined || writes.isTruncated || store.lastAppendLsn <= writes.checkedLsn) return undefined;
  const version = state.layers.pin();
  try {
    for (const partition of version.tables.get(store.oid)?.partitions ?? []) {
      const staged = writes.staged.ofPartition(partition.partition);
      if (staged.length === 0) continue;
      for (const memtable of memtablesOf(partition)) {
        const found = await findInMemtable(staged, memtable, writes);
        if (found !== undefined) return found;
      }
      for (const segment of partition.segments) {
        if (segment.entry.maxLsn <= writes.checkedLsn) continue;
        for (const own of staged) {
          const found = await findCommonPoint(own.segment, segment, writes.deleted);
          if (found !== undefined) return found;
        }
      }
    }
    return undefined;
  } finally {
    state.layers.unpin(version);
  }
}

/** Rows that others have added since the first check, against what is staged. */
async function findInMemtable(
  staged: readonly StagedSegment[],
  memtable: Memtable,
  { checkedLsn, deleted }: TableWrites,
): Promise<StagedPoint | undefined> {
  const { rowCount } = memtable;
  for (let from = memtable.rowCountAt(checkedLsn); from < rowCount; from += TURN_ROWS) {
    const rows: number[] = [];
    for (let row = from; row < Math.min(from + TURN_ROWS, rowCount); row++) {
      if (memtable.deletes.has(row)) continue;
      const seriesId = memtable.seriesAt(row);
      const time = memtable.timeAt(row);
      if (deleted.find(seriesId, time, memtable.fractionAt(row), 0) < 0) rows.push(row);
    }
    const names: RowNames = {
      rowCount: rows.length,
      seriesIds: Uint32Array.from(rows, (row) => memtable.seriesAt(row)),
      times: Float64Array.from(rows, (row) => memtable.timeAt(row)),
      fractions: Uint32Array.from(rows, (row) => memtable.fractionAt(row)),
      rowIds: undefined,
    };
    for (const { name } of await placesIn(staged, names)) {
      return { seriesId: names.seriesIds[name], time: names.times[name], fraction: fractionOf(names, name) };
    }
    await nextTurn();
  }
  return undefined;
}
