import type { SegmentRows } from './segment-column.ts';
import type { WrittenSegment } from './segment-writer.ts';

/** Writes one segment from front to back, here (`SegmentWriter`) or by another thread. Calls must not overlap. */
export interface SegmentWriting {
  /** Appends any number of rows, which go on in order from the last ones. They may change once it resolves. */
  append(rows: SegmentRows): Promise<void>;
  /** Writes what is left and the footer. At least one row must have been appended. */
  finish(): Promise<WrittenSegment>;
  /** The segment is not to be finished. */
  abandon?(): void;
}
