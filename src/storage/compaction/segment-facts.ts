import type { Lsn } from '../../catalog/table.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import type { StoredSegment } from '../stored-segment.ts';
import type { SegmentFacts } from './pick-compaction.ts';

/** Of the series of a segment, so many are looked at; the rest is taken to be like them. */
const MAX_SAMPLED_SERIES = 4096;

/** What is known of the segments of partitions, for `pickCompaction`. */
export class SegmentFactsReader {
  /** Per segment what it has in common with the older neighbour that it was compared with. */
  readonly #overlaps = new WeakMap<StoredSegment, { readonly older: StoredSegment; readonly rowCount: number }>();
  readonly #isRefused: (segment: StoredSegment) => boolean;

  /** `isRefused`: segments to be left alone. */
  constructor(isRefused: (segment: StoredSegment) => boolean) {
    this.#isRefused = isRefused;
  }

  /** Segments in order of age. Deletes after `lsn` do not count. */
  read(segments: readonly StoredSegment[], lsn: Lsn): SegmentFacts[] {
    return segments.map((segment, index): SegmentFacts => {
      const { entry, deletes } = segment;
      const older = segments[index - 1];
      // What a transaction has staged the manifest learns of, and what was emptied it forgets, with the next flush.
      const isSettled = segment.isNamed && deletes.clearsAfter(Number.NEGATIVE_INFINITY).length === 0;
      const isMergeable = isSettled && !segment.isDamaged && !this.#isRefused(segment);
      return {
        sizeBytes: entry.sizeBytes,
        rowCount: entry.rowCount,
        deletedRows: deletes.countAt(lsn),
        overlappingRows: isMergeable && older !== undefined ? this.#overlap(segment, older) : 0,
        isMergeable,
      };
    });
  }

  #overlap(segment: StoredSegment, older: StoredSegment): number {
    const known = this.#overlaps.get(segment);
    if (known?.older === older) return known.rowCount;
    const rowCount = older.isDamaged ? 0 : overlappingRows(segment.reader, older.reader);
    this.#overlaps.set(segment, { older, rowCount });
    return rowCount;
  }
}

/** About how many rows of a segment are in series that another one has, too, in the same time. */
export function overlappingRows(segment: SegmentReader, other: SegmentReader): number {
  const { seriesIds, seriesStarts, firstTimes, lastTimes } = segment;
  const step = Math.max(1, Math.ceil(seriesIds.length / MAX_SAMPLED_SERIES));
  let rowCount = 0;
  let sampledRows = 0;
  for (let index = 0; index < seriesIds.length; index += step) {
    const rows = seriesStarts[index + 1] - seriesStarts[index];
    sampledRows += rows;
    const at = other.findSeries(seriesIds[index]);
    if (at < 0 || other.firstTimes[at]! > lastTimes[index]! || other.lastTimes[at]! < firstTimes[index]!) continue;
    rowCount += rows;
  }
  return Math.round((rowCount / sampledRows) * segment.rowCount);
}
