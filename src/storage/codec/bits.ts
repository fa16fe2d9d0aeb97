import { CodecId, type ColumnCodec, UNIT_ROWS } from './column-codec.ts';

const packed = new Uint8Array(UNIT_ROWS / 8);

/**
 * Bits: booleans, and which rows hold a value. One byte a row in memory, one bit on disk.
 *
 *   | row 0 in bit 0, row 1 in bit 1 … row 7 in bit 7 | rows 8–15 | … the last byte filled up with zeros
 */
export const bits: ColumnCodec<Uint8Array> = {
  id: CodecId.Bits,
  name: 'bits',
  encode(values, writer) {
    const size = Math.ceil(values.length / 8);
    packed.fill(0, 0, size);
    for (let row = 0; row < values.length; row++) packed[row >>> 3] |= values[row] << (row & 7);
    writer.bytes(packed.subarray(0, size));
    return true;
  },
  decode(reader, target) {
    const bytes = reader.bytes(Math.ceil(target.length / 8));
    const whole = target.length & ~7;
    for (let row = 0; row < whole; row += 8) {
      const byte = bytes[row >>> 3];
      target[row] = byte & 1;
      target[row + 1] = (byte >>> 1) & 1;
      target[row + 2] = (byte >>> 2) & 1;
      target[row + 3] = (byte >>> 3) & 1;
      target[row + 4] = (byte >>> 4) & 1;
      target[row + 5] = (byte >>> 5) & 1;
      target[row + 6] = (byte >>> 6) & 1;
      target[row + 7] = byte >>> 7;
    }
    for (let row = whole; row < target.length; row++) target[row] = (bytes[row >>> 3] >>> (row & 7)) & 1;
  },
};
