import { CodecId, type NumberCodec } from './column-codec.ts';
import { bytesOf, wordsOf } from './float-bits.ts';

/**
 * Constant: the same bits in every row.
 *
 *   | f64le |
 */
export const constant: NumberCodec = {
  id: CodecId.Constant,
  name: 'constant',
  encode(values, writer) {
    const words = wordsOf(values);
    const low = words[0];
    const high = words[1];
    for (let word = 2; word < words.length; word += 2) {
      if (words[word] !== low || words[word + 1] !== high) return false;
    }
    writer.bytes(bytesOf(values.subarray(0, 1)));
    return true;
  },
  decode(reader, target) {
    const bytes = bytesOf(target);
    bytes.set(reader.bytes(8));
    const value = target[0];
    if (!Number.isNaN(value)) target.fill(value);
    else {
      // A NaN is spread as bytes, which keeps its payload.
      for (let filled = 8; filled < bytes.length; filled *= 2) bytes.copyWithin(filled, 0, filled);
    }
  },
};
