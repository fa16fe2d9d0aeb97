import { CodecId, type NumberCodec, UNIT_ROWS } from './column-codec.ts';
import { bytesOf } from './float-bits.ts';

const singles = new Float32Array(UNIT_ROWS);
const singleBytes = bytesOf(singles);

/**
 * Plain single: values of single precision (`real`) in half the space. NaN is left to plain, which keeps its payload.
 *
 *   | f32le × count |
 */
export const plainSingle: NumberCodec = {
  id: CodecId.PlainSingle,
  name: 'plain single',
  encode(values, writer) {
    for (let row = 0; row < values.length; row++) {
      const value = values[row];
      if (Math.fround(value) !== value) return false;
      singles[row] = value;
    }
    writer.bytes(singleBytes.subarray(0, values.length * 4));
    return true;
  },
  decode(reader, target) {
    singleBytes.set(reader.bytes(target.length * 4));
    for (let row = 0; row < target.length; row++) target[row] = singles[row];
  },
};
