import type { SegmentHeader } from '../segment/segment-column.ts';
import type { SegmentSink } from '../segment/segment-writer.ts';
import type { SegmentWriting } from '../segment/segment-writing.ts';

/** Other threads that encode segments. */
export interface SegmentEncoders {
  /** Fewer rows are encoded sooner than they are told to another thread. */
  readonly minRows: number;
  /** A writer into `sink`; undefined where none of the threads can take a segment now. */
  open(sink: SegmentSink, header: SegmentHeader): SegmentWriting | undefined;
}
