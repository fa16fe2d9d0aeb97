import { nextTurn } from '../platform/next-turn.ts';
import type { StoredSegment } from './stored-segment.ts';
import type { TableStore } from './table-store.ts';
import { timeKeyOf } from './time-key.ts';
import type { PartitionLayers } from './versions/table-layers.ts';

/** Series of segments that are looked at in one go. */
const SERIES_PER_TURN = 65_536;
/** No snapshot is older than what the segments hold when they are opened. */
const LSN_OF_SEGMENTS = 0;

/**
 * Makes the last-row entries of a table that is being opened, from the series directories of its segments: nothing is
 * read for it. Of a damaged segment nothing is known: then any row may be the last one.
 */
export async function noteLastRows(store: TableStore, partitions: readonly PartitionLayers[]): Promise<void> {
  if (store.newest.timeSeries === undefined) return;
  const { lastRows } = store.series;
  let untilTurn = SERIES_PER_TURN;
  for (const { segments } of partitions) {
    for (const segment of segments) {
      if (segment.isDamaged) {
        for (let id = 0; id < store.series.size; id++) lastRows.raiseBound(id, Number.POSITIVE_INFINITY);
        continue;
      }
      const { length } = segment.reader.seriesIds;
      for (let from = 0; from < length; ) {
        const to = Math.min(length, from + untilTurn);
        noteSeries(store, segment, from, to);
        untilTurn -= to - from;
        from = to;
        if (untilTurn > 0) continue;
        await nextTurn();
        untilTurn = SERIES_PER_TURN;
      }
    }
  }
}

/** Those at the places `from` to `to` of the segment's directory. */
function noteSeries({ series }: TableStore, { reader, deletes }: StoredSegment, from: number, to: number): void {
  const { lastRows } = series;
  const { seriesIds, seriesStarts, lastTimes } = reader;
  const hasDeletes = !deletes.isEmpty;
  for (let index = from; index < to; index++) {
    const last = lastTimes[index];
    const time = typeof last === 'number' ? last : timeKeyOf(last).time;
    if (hasDeletes && deletes.has(seriesStarts[index + 1] - 1)) lastRows.raiseBound(seriesIds[index], time);
    else lastRows.note(seriesIds[index], time, LSN_OF_SEGMENTS);
  }
}
