import { CodecId, type NumberCodec, UNIT_ROWS } from './column-codec.ts';
import { finishScaled, readScaling, writeScaled } from './decimal-scaled.ts';
import { packIntegers, unpackIntegers } from './packed-integers.ts';

const steps = new Float64Array(UNIT_ROWS);

/**
 * Decimal delta: readings with few decimals that wander slowly over a wide range (temperatures, levels), as the steps
 * between their scaled integers. Smaller than `decimalScaled` there, and slower to decode: each value waits for the one
 * before.
 *
 *   | scaling, as in `decimalScaled` | first integer f64le | steps: `packIntegers`, absent when there is one value |
 */
export const decimalDelta: NumberCodec = {
  id: CodecId.DecimalDelta,
  name: 'decimal delta',
  encode(values, writer) {
    const integers = writeScaled(values, writer);
    if (integers === undefined) return false;
    const count = integers.length;
    // Scaled integers stay below 2^51, so their differences are exact.
    for (let row = 1; row < count; row++) steps[row - 1] = integers[row] - integers[row - 1];
    writer.float64le(integers[0]);
    return count === 1 || packIntegers(steps.subarray(0, count - 1), writer);
  },
  decode(reader, target) {
    const scaling = readScaling(reader, target.length);
    const { divisor } = scaling;
    let integer = reader.float64le();
    target[0] = integer / divisor;
    if (target.length > 1) unpackIntegers(reader, target.subarray(1));
    for (let row = 1; row < target.length; row++) {
      integer += target[row];
      target[row] = integer / divisor;
    }
    finishScaled(scaling, target);
  },
};
