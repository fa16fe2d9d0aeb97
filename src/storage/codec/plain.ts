import { CodecId, type NumberCodec } from './column-codec.ts';
import { bytesOf } from './float-bits.ts';

/**
 * Plain: doubles as they lie in memory. What no other codec makes smaller, and the one that takes everything.
 *
 *   | f64le × count |
 */
export const plain: NumberCodec = {
  id: CodecId.Plain,
  name: 'plain',
  encode(values, writer) {
    writer.bytes(bytesOf(values));
    return true;
  },
  decode(reader, target) {
    bytesOf(target).set(reader.bytes(target.length * 8));
  },
};
