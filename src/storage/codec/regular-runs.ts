import { CorruptionError } from '../../errors/corruption-error.ts';
import { CodecId, type NumberCodec } from './column-codec.ts';
import { isExactDifference } from './exact-difference.ts';
import { areIntegers } from './packed-integers.ts';

/** Below this many values a run, other codecs are smaller. */
const MIN_MEAN_RUN = 4;
/**
 * Regular runs: instants at fixed intervals as start, step and number. Each series, and each stretch after a gap, is a
 * run; series sampled together have the same start and step, of which only the change is written.
 *
 *   | run | run | … up to the last value
 *
 *   run = | flags u8: 1 new start, 2 new step | start f64le, if new | step f64le, if new | length varint |
 */
export const regularRuns: NumberCodec = {
  id: CodecId.RegularRuns,
  name: 'regular runs',
  encode(values, writer) {
    if (!areIntegers(values)) return false;
    const count = values.length;
    const maxRuns = Math.max(1, Math.floor(count / MIN_MEAN_RUN));
    let runCount = 0;
    let lastStart = 0;
    let lastStep = 0;
    for (let start = 0; start < count; ) {
      if (++runCount > maxRuns) return false;
      const step = start + 1 < count ? values[start + 1] - values[start] : lastStep;
      if (!isExactDifference(step)) return false;
      let end = start + 1;
      while (end < count && values[end] - values[end - 1] === step) end++;
      const flags = (values[start] !== lastStart ? 1 : 0) | (step !== lastStep ? 2 : 0);
      writer.uint8(flags);
      if ((flags & 1) !== 0) writer.float64le(values[start]);
      if ((flags & 2) !== 0) writer.float64le(step);
      writer.varint(end - start);
      lastStart = values[start];
      lastStep = step;
      start = end;
    }
    return true;
  },
  decode(reader, target) {
    let start = 0;
    let step = 0;
    for (let row = 0; row < target.length; ) {
      const flags = reader.uint8();
      if (flags > 3) throw new CorruptionError(`run flags ${flags}`);
      if ((flags & 1) !== 0) start = reader.float64le();
      if ((flags & 2) !== 0) step = reader.float64le();
      const end = row + reader.varint();
      if (end <= row || end > target.length) {
        throw new CorruptionError(`run from row ${row} to ${end} of ${target.length}`);
      }
      for (let value = start; row < end; value += step) target[row++] = value;
    }
  },
};
