import { CodecId, type NumberCodec, UNIT_ROWS } from './column-codec.ts';
import { isExactDifference } from './exact-difference.ts';
import { areIntegers, packIntegers, unpackIntegers } from './packed-integers.ts';

const deltas = new Float64Array(UNIT_ROWS);

/**
 * Delta: integers that climb, counters above all, as the bit-packed steps from one to the next.
 *
 *   | first value f64le | steps: `packIntegers`, absent when there is one value |
 */
export const delta: NumberCodec = {
  id: CodecId.Delta,
  name: 'delta',
  encode(values, writer) {
    if (!areIntegers(values)) return false;
    for (let row = 1; row < values.length; row++) {
      const step = values[row] - values[row - 1];
      if (!isExactDifference(step)) return false;
      deltas[row - 1] = step;
    }
    writer.float64le(values[0]);
    return values.length === 1 || packIntegers(deltas.subarray(0, values.length - 1), writer);
  },
  decode(reader, target) {
    let value = reader.float64le();
    target[0] = value;
    if (target.length === 1) return;
    unpackIntegers(reader, target.subarray(1));
    for (let row = 1; row < target.length; row++) {
      value += target[row];
      target[row] = value;
    }
  },
};
