import { CodecId, type NumberCodec } from './column-codec.ts';
import { areIntegers, packIntegers, unpackIntegers } from './packed-integers.ts';

/** Frame of reference: integers as bit-packed distances from their smallest. The payload is one `packIntegers` block. */
export const frameOfReference: NumberCodec = {
  id: CodecId.FrameOfReference,
  name: 'frame of reference',
  encode(values, writer) {
    return areIntegers(values) && packIntegers(values, writer);
  },
  decode(reader, target) {
    unpackIntegers(reader, target);
  },
};
