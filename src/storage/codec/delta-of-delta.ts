import { CodecId, type NumberCodec, UNIT_ROWS } from './column-codec.ts';
import { isExactDifference } from './exact-difference.ts';
import { areIntegers, packIntegers, unpackIntegers } from './packed-integers.ts';

const bends = new Float64Array(UNIT_ROWS);

/**
 * Delta of delta: instants at nearly regular intervals, as the bit-packed changes of the interval. Where one series ends
 * and the next begins the change is huge; the packing sets it aside.
 *
 *   | first value f64le | first step f64le | changes of the step: `packIntegers`, absent when there are two values |
 */
export const deltaOfDelta: NumberCodec = {
  id: CodecId.DeltaOfDelta,
  name: 'delta of delta',
  encode(values, writer) {
    const count = values.length;
    if (count < 2 || !areIntegers(values)) return false;
    const firstStep = values[1] - values[0];
    if (!isExactDifference(firstStep)) return false;
    let step = firstStep;
    for (let row = 2; row < count; row++) {
      const nextStep = values[row] - values[row - 1];
      const bend = nextStep - step;
      if (!isExactDifference(nextStep) || !isExactDifference(bend)) return false;
      bends[row - 2] = bend;
      step = nextStep;
    }
    writer.float64le(values[0]);
    writer.float64le(firstStep);
    return count === 2 || packIntegers(bends.subarray(0, count - 2), writer);
  },
  decode(reader, target) {
    let value = reader.float64le();
    target[0] = value;
    let step = reader.float64le();
    value += step;
    if (target.length > 1) target[1] = value;
    if (target.length <= 2) return;
    unpackIntegers(reader, target.subarray(2));
    for (let row = 2; row < target.length; row++) {
      step += target[row];
      value += step;
      target[row] = value;
    }
  },
};
