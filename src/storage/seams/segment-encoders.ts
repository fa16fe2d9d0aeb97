import type { CompactionPace } from '../compaction/compaction-pace.ts';
import type { PortableMerge } from '../compaction/portable-merge.ts';
import type { SegmentHeader } from '../segment/segment-column.ts';
import type { SegmentSink, WrittenSegment } from '../segment/segment-writer.ts';
import type { SegmentWriting } from '../segment/segment-writing.ts';

/** Other threads that encode and merge segments. */
export interface SegmentEncoders {
  /** Fewer rows are encoded sooner than they are told to another thread. */
  readonly minRows: number;
  /** A writer into `sink`; undefined where none of the threads can take a segment now. */
  open(sink: SegmentSink, header: SegmentHeader): SegmentWriting | undefined;
  /**
   * Merges segments that are files into `sink`; undefined where none of the threads can take a merge now. Rejects with
   * `UnreadableInput`, and with what the sink and the pace throw.
   */
  merge(merge: PortableMerge, sink: SegmentSink, pace: CompactionPace): Promise<WrittenSegment> | undefined;
}
