import { CorruptionError } from '../../errors/corruption-error.ts';
import { BitReader, BitWriter } from './bit-stream.ts';
import { CodecId, type NumberCodec, UNIT_ROWS } from './column-codec.ts';
import { copiedWords, wordsOf } from './float-bits.ts';

/** '11', five bits of leading zeros, six of length, 64 of value: the most that a value takes. */
const MAX_VALUE_BITS = 77;
const MAX_LEADING = 31;

const bits = new BitWriter(Math.ceil((UNIT_ROWS * MAX_VALUE_BITS) / 8) + 8);

/**
 * Gorilla: doubles of full precision that change little, as the XOR with the value before (0 before the first).
 *
 *   | size in bytes varint | bits:
 *     0                                                      the same value again
 *     1 0  meaningful bits                                   within the last window of leading and trailing zeros
 *     1 1  leading zeros (5)  length - 1 (6)  meaningful bits   a new window
 */
export const gorilla: NumberCodec = {
  id: CodecId.Gorilla,
  name: 'gorilla',
  encode(values, writer) {
    const words = copiedWords(values);
    bits.clear();
    let lastLow = 0;
    let lastHigh = 0;
    let leading = 0;
    let trailing = 64;
    for (let row = 0; row < values.length; row++) {
      const low = (words[row * 2] ^ lastLow) >>> 0;
      const high = (words[row * 2 + 1] ^ lastHigh) >>> 0;
      lastLow = words[row * 2];
      lastHigh = words[row * 2 + 1];
      if (low === 0 && high === 0) {
        bits.write(0, 1);
        continue;
      }
      const zerosBefore = Math.min(high !== 0 ? Math.clz32(high) : 32 + Math.clz32(low), MAX_LEADING);
      const zerosAfter = low !== 0 ? trailingZeros(low) : 32 + trailingZeros(high);
      if (zerosBefore >= leading && zerosAfter >= trailing) bits.write(0b10, 2);
      else {
        leading = zerosBefore;
        trailing = zerosAfter;
        bits.write(0b11, 2);
        bits.write(leading, 5);
        bits.write(63 - leading - trailing, 6);
      }
      writeShifted(high, low, trailing, 64 - leading - trailing);
    }
    if (bits.sizeBytes >= values.length * 8) return false;
    writer.varint(bits.sizeBytes);
    bits.appendTo(writer);
    return true;
  },
  decode(reader, target) {
    const stream = new BitReader(reader.bytes(reader.varint()));
    const words = wordsOf(target);
    let low = 0;
    let high = 0;
    let length = 0;
    let trailing = 64;
    for (let row = 0; row < target.length; row++) {
      if (stream.read(1) === 1) {
        if (stream.read(1) === 1) {
          const leading = stream.read(5);
          length = stream.read(6) + 1;
          trailing = 64 - leading - length;
          if (trailing < 0) throw new CorruptionError(`${leading} leading zeros before ${length} bits at row ${row}`);
        } else if (length === 0) throw new CorruptionError(`a value before the first window at row ${row}`);
        const upper = length > 32 ? stream.read(length - 32) : 0;
        const lower = stream.read(Math.min(length, 32));
        if (trailing === 0) {
          low ^= lower;
          high ^= upper;
        } else if (trailing < 32) {
          low ^= lower << trailing;
          high ^= (upper << trailing) | (lower >>> (32 - trailing));
        } else high ^= lower << (trailing - 32);
      }
      words[row * 2] = low;
      words[row * 2 + 1] = high;
    }
  },
};

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Writes the lowest `length` bits of the 64-bit integer shifted right by `shift`. */
function writeShifted(high: number, low: number, shift: number, length: number): void {
  const upper = shift >= 32 ? 0 : high >>> shift;
  const lower = shift >= 32 ? high >>> (shift - 32) : shift === 0 ? low : (low >>> shift) | (high << (32 - shift));
  if (length > 32) {
    bits.write(upper, length - 32);
    bits.write(lower, 32);
  } else bits.write(lower, length);
}
