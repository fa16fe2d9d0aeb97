import type { SegmentEncoders } from '../seams/segment-encoders.ts';
import type { SegmentHeader } from './segment-column.ts';
import { type SegmentSink, SegmentWriter, type SegmentWriterOptions } from './segment-writer.ts';
import type { SegmentWriting } from './segment-writing.ts';

export interface NewSegmentWriterOptions extends Pick<SegmentWriterOptions, 'noteEncoded'> {
  readonly encoders: SegmentEncoders | undefined;
  /** About how many rows the segment will have. */
  readonly rowCount: number;
}

/** A writer for a segment: large ones are encoded by another thread where there is one. */
export function newSegmentWriter(
  sink: SegmentSink,
  header: SegmentHeader,
  { encoders, rowCount, noteEncoded }: NewSegmentWriterOptions,
): SegmentWriting {
  const remote = encoders !== undefined && rowCount >= encoders.minRows ? encoders.open(sink, header) : undefined;
  return remote ?? SegmentWriter.create(sink, header, noteEncoded === undefined ? {} : { noteEncoded });
}
