import { CorruptionError } from '../../errors/corruption-error.ts';
import { CodecId, type NumberCodec, UNIT_ROWS } from './column-codec.ts';
import { areIntegers } from './packed-integers.ts';

/** Twice this must stay exact. */
const MAX_STEP = 4503599627370495;
const MAX_VARINT_BYTES = 8;

const scratch = new Uint8Array(UNIT_ROWS * MAX_VARINT_BYTES);

/**
 * Zigzag varint: steps between integers of very different size, seven bits to the byte; small ones of either sign stay
 * small (0, -1, 1, -2 … become 0, 1, 2, 3 …).
 *
 *   | size in bytes varint | zigzag(value - previous) varint | … ; the value before the first is 0
 */
export const zigzagVarint: NumberCodec = {
  id: CodecId.ZigzagVarint,
  name: 'zigzag varint',
  encode(values, writer) {
    if (!areIntegers(values)) return false;
    let previous = 0;
    let size = 0;
    for (let row = 0; row < values.length; row++) {
      const step = values[row] - previous;
      if (Math.abs(step) > MAX_STEP) return false;
      previous = values[row];
      let rest = step >= 0 ? step * 2 : step * -2 - 1;
      while (rest >= 0x80) {
        // Above 2^32 the lowest bits still come out right: ToUint32 is modulo 2^32.
        scratch[size++] = (rest & 0x7f) | 0x80;
        rest = Math.floor(rest / 0x80);
      }
      scratch[size++] = rest;
    }
    writer.varint(size);
    writer.bytes(scratch.subarray(0, size));
    return true;
  },
  decode(reader, target) {
    const bytes = reader.bytes(reader.varint());
    let at = 0;
    let value = 0;
    for (let row = 0; row < target.length; row++) {
      let byte = bytes[at++];
      let zigzag = byte & 0x7f;
      if (byte >= 0x80) {
        let factor = 0x80;
        const end = at + MAX_VARINT_BYTES - 1;
        do {
          if (at === end) throw new CorruptionError(`a varint of more than ${MAX_VARINT_BYTES} bytes at row ${row}`);
          byte = bytes[at++];
          zigzag += (byte & 0x7f) * factor;
          factor *= 0x80;
        } while (byte >= 0x80);
      }
      const half = Math.floor(zigzag / 2);
      value += half * 2 === zigzag ? half : -1 - half;
      target[row] = value;
    }
    if (at !== bytes.length) {
      throw new CorruptionError(`${target.length} varints end at byte ${at} of ${bytes.length}`);
    }
  },
};
