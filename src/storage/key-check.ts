import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { neutralContext } from '../types/neutral-context.ts';
import type { Value } from '../types/value.ts';
import { lowerBoundOf } from './binary-search.ts';
import type { EngineState } from './engine-state.ts';
import type { Memtable } from './memtable/memtable.ts';
import { segmentStretches } from './scan/stretch.ts';
import type { SegmentReader } from './segment/segment-reader.ts';
import { columnOfNumber } from './table-identity.ts';
import type { TableStore } from './table-store.ts';
import { instantOf, timeKeyOf } from './time-key.ts';
import { findPartition, memtablesOf } from './versions/table-layers.ts';
import { type TableWrites, tableSeriesIds } from './versions/write-set.ts';

/** A row of a write set whose point may exist already. */
interface Candidate {
  readonly memtable: Memtable;
  readonly row: number;
  /** Of the table. */
  readonly seriesId: number;
}

/**
 * Declared keys of time-series tables, (tags, time): rows of a transaction against themselves and against everything that
 * was appended to the log, published or not. A row that is newer than its series' last time needs no look; the others
 * are looked up in hash sets over memtables, and in the sorted units of segments.
 */
export class KeyCheck {
  readonly #state: EngineState;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /**
   * Checks the rows that were added since `rowCounts` was taken. Throws 23505. A promise when segments have to be read;
   * what other transactions append meanwhile is found by `recheck`.
   */
  checkAdded(writes: TableWrites, rowCounts: ReadonlyMap<Memtable, number>): Promise<void> | undefined {
    this.#checkOwn(writes, rowCounts);
    const store = this.#state.tables.get(writes.tableOid);
    if (store === undefined) return undefined;
    const isFirstCheck = writes.checkedLsn < 0;
    const candidates = this.#checkMemory(writes, store, rowCounts);
    // Until commit the mark stays at the oldest check: what came after it is looked at once more then.
    if (isFirstCheck) {
      writes.checkedLsn = this.#state.appendedLsn;
      writes.checkedFlushCount = store.flushCount;
    }
    return this.#searchSegments(writes, store, candidates);
  }

  /**
   * Checks all rows against what was appended since. To be called again after a promise; undefined means that the
   * commit may go ahead in this very turn. Throws 23505.
   */
  recheck(writes: TableWrites): Promise<void> | undefined {
    const store = this.#state.tables.get(writes.tableOid);
    if (store === undefined || store.lastAppendLsn <= writes.checkedLsn) return undefined;
    const candidates = this.#checkMemory(writes, store, new Map());
    if (store.flushCount === writes.checkedFlushCount) return undefined;
    writes.checkedFlushCount = store.flushCount;
    return this.#searchSegments(writes, store, candidates);
  }

  /** Rows of one statement or transaction that have the same key. */
  #checkOwn(writes: TableWrites, rowCounts: ReadonlyMap<Memtable, number>): void {
    for (const memtable of writes.memtables.values()) {
      for (let row = rowCounts.get(memtable) ?? 0; row < memtable.rowCount; row++) {
        const seriesId = memtable.seriesAt(row);
        const time = memtable.timeAt(row);
        if (time <= writes.series.lastTime(seriesId)) {
          let other = memtable.findKey(seriesId, time, memtable.fractionAt(row));
          for (; other >= 0; other = memtable.previousOfKey(other)) {
            if (other !== row && !memtable.deletes.has(other)) throw this.#violation(writes, memtable, row);
          }
        }
        writes.series.noteTime(seriesId, time);
      }
    }
  }

  /** Looks into the table's memtables; returns the rows that segments may have. */
  #checkMemory(writes: TableWrites, store: TableStore, rowCounts: ReadonlyMap<Memtable, number>): Candidate[] {
    const candidates: Candidate[] = [];
    if (writes.isTruncated) return candidates;
    const layers = this.#state.layers.table(store.oid);
    const idOf = tableSeriesIds(writes, store.series);
    for (const memtable of writes.memtables.values()) {
      const partition = layers === undefined ? undefined : findPartition(layers, memtable.partition);
      if (partition === undefined) continue;
      const committed = memtablesOf(partition);
      for (let row = rowCounts.get(memtable) ?? 0; row < memtable.rowCount; row++) {
        if (memtable.deletes.has(row)) continue;
        const seriesId = idOf(memtable.seriesAt(row));
        const time = memtable.timeAt(row);
        if (seriesId < 0 || time > store.series.lastTime(seriesId)) continue;
        const fraction = memtable.fractionAt(row);
        // A point that the transaction deletes leaves its key to the transaction.
        if (writes.deleted.find(seriesId, time, fraction, 0) >= 0) continue;
        for (const other of committed) {
          const newest = other.findKey(seriesId, time, fraction);
          // A delete takes all versions that stand there: the newest one tells.
          if (newest >= 0 && !other.deletes.has(newest)) throw this.#violation(writes, memtable, row);
        }
        if (partition.segments.length > 0) candidates.push({ memtable, row, seriesId });
      }
    }
    return candidates;
  }

  #searchSegments(writes: TableWrites, store: TableStore, candidates: readonly Candidate[]): Promise<void> | undefined {
    if (candidates.length === 0) return undefined;
    const { layers } = this.#state;
    const version = layers.pin();
    const table = version.tables.get(store.oid);
    const search = async (): Promise<void> => {
      if (table === undefined) return;
      for (const { memtable, row, seriesId } of candidates) {
        for (const segment of findPartition(table, memtable.partition)?.segments ?? []) {
          const found = findInSegment(segment.reader, seriesId, memtable.timeAt(row), memtable.fractionAt(row));
          const place = typeof found === 'number' ? found : await found;
          if (place >= 0 && !segment.deletes.has(place)) throw this.#violation(writes, memtable, row);
        }
      }
    };
    return search().finally(() => layers.unpin(version));
  }

  /** 23505 for a row of a write set. */
  violation(writes: TableWrites, memtable: Memtable, row: number): SqlError {
    return this.#violation(writes, memtable, row);
  }

  #violation(writes: TableWrites, memtable: Memtable, row: number): SqlError {
    const { descriptor } = writes;
    const values = descriptor.uniqueKey!.columnNumbers.map((number): Value => {
      if (number === descriptor.timeSeries!.timeColumnNumber) {
        return instantOf(memtable.timeAt(row), memtable.fractionAt(row));
      }
      return writes.series.valueOf(memtable.seriesAt(row), number);
    });
    return uniqueViolation(descriptor, values);
  }
}

/** 23505 as PostgreSQL words it; `values` in the order of the key's columns. */
export function uniqueViolation(descriptor: TableDescriptor, values: readonly Value[]): SqlError {
  const key = descriptor.uniqueKey!;
  const columns = key.columnNumbers.map((number) => columnOfNumber(descriptor, number));
  const names = columns.map((column) => column.name).join(', ');
  const texts = columns.map(({ type, role }, index) => {
    const value = values[index]!;
    if (value === null) return 'null';
    // The days of a date column are kept as instants.
    const isDay = role === 'time' && type.definition.representation === 'float64';
    return type.definition.format(isDay ? Math.floor(Number(value) / 86_400_000_000) : value, neutralContext);
  });
  return new SqlError(SqlState.UniqueViolation, `duplicate key value violates unique constraint "${key.name}"`, {
    detail: `Key (${names})=(${texts.join(', ')}) already exists.`,
    schemaName: descriptor.schemaName,
    tableName: descriptor.name,
    constraintName: key.name,
  });
}

/** The row of the point in a segment, or -1; a promise when units have to be read. */
function findInSegment(
  segment: SegmentReader,
  seriesId: number,
  time: number,
  fraction: number,
): number | Promise<number> {
  const index = segment.findSeries(seriesId);
  if (index < 0) return -1;
  if (timeKeyOf(segment.firstTimes[index]).time > time || timeKeyOf(segment.lastTimes[index]).time < time) return -1;
  return searchUnits(
    segment,
    { from: segment.seriesStarts[index], to: segment.seriesStarts[index + 1] },
    time,
    fraction,
  );
}

async function searchUnits(
  segment: SegmentReader,
  rows: { from: number; to: number },
  time: number,
  fraction: number,
): Promise<number> {
  const source = segmentStretches(segment, rows, [], (unit) => {
    const statistics = segment.statistics(segment.header.sortColumnNumber, unit);
    if (statistics.kind !== 'int64') return true;
    return timeKeyOf(statistics.max).time >= time && timeKeyOf(statistics.min).time <= time;
  });
  for (let stretch = await source.next(); stretch !== undefined; stretch = await source.next()) {
    const { times, fractions } = stretch;
    let found = -1;
    for (let row = lowerBoundOf(times, time); row < times.length && times[row] === time; row++) {
      if ((fractions === undefined ? 0 : fractions[row]) === fraction) found = stretch.firstRow + row;
    }
    stretch.release();
    if (found >= 0) return found;
  }
  return -1;
}
