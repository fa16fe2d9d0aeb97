import type { StoredSegment } from '../stored-segment.ts';
import type { KeyFilter } from './key-filter.ts';

/**
 * Rows of one partition that a transaction has moved from its memory into a segment, which nobody else knows of until the
 * commit record names it. Its deletes carry lengths of the write set's history, as those of the private memtables do.
 */
export interface StagedSegment {
  readonly partition: number;
  readonly segment: StoredSegment;
  /** Its rows were written at this length of the history or later: before it, there is nothing of it. */
  readonly stamp: number;
  /** The points in it, where versions of points merge. */
  readonly filter: KeyFilter | undefined;
}

/** Row ids that were provisional until their rows were staged. */
interface RowIdRange {
  readonly provisional: number;
  readonly rowCount: number;
  readonly rowId: number;
}

/** What a transaction has staged of one table, oldest first. */
export class StagedTable {
  #segments: StagedSegment[] = [];
  readonly #rowIds: RowIdRange[] = [];
  /** Of the table's series; by the ids of the write set. */
  #seriesIds: Uint32Array = new Uint32Array(0);
  /** By the ids of the write set, no less than the time of the newest staged row. */
  #lastTimes: Float64Array = new Float64Array(0);
  /** Staged row ids are below it; 0 without any. */
  nextRowId = 0;

  get segments(): readonly StagedSegment[] {
    return this.#segments;
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Rows that are not deleted. */
  get liveRowCount(): number {
    let rowCount = 0;
    for (const { segment } of this.#segments) rowCount += liveRows(segment);
    return rowCount;
  }

  add(segments: readonly StagedSegment[]): void {
    this.#segments = [...this.#segments, ...segments];
  }

  ofPartition(partition: number): StagedSegment[] {
    return this.#segments.filter((staged) => staged.partition === partition);
  }

  /** The provisional ids from `provisional` on are those from `rowId` on. */
  addRowIds(range: RowIdRange): void {
    if (range.rowCount === 0) return;
    this.#rowIds.push(range);
    this.nextRowId = Math.max(this.nextRowId, range.rowId + range.rowCount);
  }

  /** The id that a row got when it was staged; the same id for one that was not. */
  rowIdOf(provisional: number): number {
    for (const range of this.#rowIds) {
      const offset = provisional - range.provisional;
      if (offset >= 0 && offset < range.rowCount) return range.rowId + offset;
    }
    return provisional;
  }

  /** Whether the id was given to a row of the transaction when it was staged. */
  hasRowId(rowId: number): boolean {
    return this.#rowIds.some((range) => rowId >= range.rowId && rowId < range.rowId + range.rowCount);
  }

  /** What is known of the series of the write set now that rows of theirs are staged. */
  noteSeries(seriesIds: Uint32Array, lastTimes: Float64Array): void {
    this.#seriesIds = seriesIds;
    this.#lastTimes = lastTimes;
  }

  /** The id that staged rows of a series of the write set have, or -1 when there are none. */
  seriesIdOf(localId: number): number {
    return localId < this.#seriesIds.length ? this.#seriesIds[localId] : -1;
  }

  /** Whether a staged row of the series may be as late as `time`. */
  reaches(localId: number, time: number): boolean {
    return localId < this.#lastTimes.length && time <= this.#lastTimes[localId];
  }

  /** The segments belong to somebody else from now on, or to nobody. */
  forget(): void {
    this.#segments = [];
  }

  /** Deletes every row. */
  clear(stamp: number): void {
    for (const { segment } of this.#segments) segment.deletes.clear(segment.entry.rowCount, stamp);
  }

  /** Takes back what came after the mark; returns the segments that are not needed any more. */
  rollbackTo(mark: number): StagedSegment[] {
    const dropped = this.#segments.filter(({ stamp }) => stamp >= mark);
    if (dropped.length > 0) this.#segments = this.#segments.filter(({ stamp }) => stamp < mark);
    for (const { segment } of this.#segments) segment.deletes.removeFrom(mark);
    return dropped;
  }
}

export function liveRows({ entry, deletes }: StoredSegment): number {
  const { clearedRows, rows } = deletes.deadAt(Number.POSITIVE_INFINITY);
  return clearedRows > 0 ? 0 : entry.rowCount - rows.length;
}
