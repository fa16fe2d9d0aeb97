import { CorruptionError } from '../../errors/corruption-error.ts';
import { CodecId, type ColumnCodec, UNIT_ROWS } from './column-codec.ts';
import { readPackedInto, writePacked } from './packed-integers.ts';

const distances = new Uint32Array(UNIT_ROWS);

/**
 * Packed codes: places in a dictionary, bit-packed above the smallest of them.
 *
 *   | width u8, 0 to 32 | smallest code varint | packed distances, absent when the width is 0 |
 */
export const packedCodes: ColumnCodec<Uint32Array> = {
  id: CodecId.PackedCodes,
  name: 'packed codes',
  encode(codes, writer) {
    let min = 0xffffffff;
    let max = 0;
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row];
      if (code < min) min = code;
      if (code > max) max = code;
    }
    const width = 32 - Math.clz32(max - min);
    writer.uint8(width);
    writer.varint(min);
    if (width === 0) return true;
    for (let row = 0; row < codes.length; row++) distances[row] = codes[row] - min;
    // Packing goes on to the next multiple of its lanes: what stands there is written too.
    distances.fill(0, codes.length);
    writePacked(distances, codes.length, width, writer);
    return true;
  },
  decode(reader, target) {
    const width = reader.uint8();
    if (width > 32) throw new CorruptionError(`bit width ${width} of codes`);
    const min = reader.varint();
    if (width === 0) {
      target.fill(min);
      return;
    }
    readPackedInto(reader, target.length, width, target);
    if (min > 0) for (let row = 0; row < target.length; row++) target[row] += min;
  },
};
